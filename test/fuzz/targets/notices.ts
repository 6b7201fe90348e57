import { deflateRawSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { maxSightings } from '../../../lookup-api/notices/limits.ts'
import { carriers, clearsigned, quoted } from '../../lookup-api/notices/carrying.ts'
import { read } from '../../lookup-api/notices/reading.ts'
import type { Truth } from '../../lookup-api/notices/reading.ts'
import { written } from '../notice-formats.ts'
import { octetsLike } from '../engine/arbitrary.ts'
import { holds, octetsTarget } from '../engine/target.ts'
import type { AnyTarget } from '../engine/target.ts'

const truth: Truth = { ip: '198.51.100.7', port: 51_413, atUs: Date.UTC(2026, 2, 1, 12) * 1000 }
const texts = fc.sample(written, { seed: 1, numRuns: 60 }).map((write) => write(truth))
const ofKind = (pattern: RegExp): string[] => texts.filter((text) => pattern.test(text)).slice(0, 6)
const acns = ofKind(/<Infringement/)
const xarf = ofKind(/^\{/)
const marf = ofKind(/feedback-report/)
const tables = ofKind(/^timestamp,/)
const plain = texts
  .filter((text) => !/<Infr|^\{|feedback-report|^timestamp,/.test(text))
  .slice(0, 8)
const octets = (text: string | Uint8Array): Uint8Array =>
  typeof text === 'string' ? Buffer.from(text) : text

const mails = [...acns.slice(0, 2), ...xarf.slice(0, 1), ...plain.slice(0, 3)].flatMap((text) =>
  Object.values(carriers).map((carry) => octets(carry(text)))
)

/** X-ARF's first form: a mail whose second part is YAML, with the log it is about. */
const xarfMail = `From: a@example.org
To: abuse@example.net
Subject: abuse report
X-XARF: PLAIN
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=X

--X
Content-Type: text/plain

See below.
--X
Content-Type: text/plain; name="report.txt"

---
Reported-From: a@example.org
Category: abuse
Report-Type: login-attack
Service: ssh
Source-Type: ip-address
Source: 198.51.100.7
Source-Port: 51413
Date: Sun, 01 Mar 2026 12:00:00 +0000
Schema-URL: http://www.x-arf.org/schema/abuse_login-attack_0.1.2.json
Attachment: text/plain
--X
Content-Type: text/plain; name="log.txt"

Mar  1 12:00:00 host sshd[1]: Failed password for root from 198.51.100.7 port 51413 ssh2
--X--
`

const u16 = (value: number): number[] => [value & 255, value >> 8]
const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)]

/** A ZIP archive of one file (PKWARE APPNOTE 4.3). */
function zip(name: string, text: string, method: 0 | 8): Uint8Array {
  const data = method === 0 ? Buffer.from(text) : deflateRawSync(text)
  const sizes = [...u32(0), ...u32(data.length), ...u32(text.length)]
  const common = [
    ...u16(20),
    ...u16(0),
    ...u16(method),
    ...u32(0),
    ...sizes,
    ...u16(name.length),
    0,
    0,
  ]
  const local = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4, ...common]), Buffer.from(name), data])
  const entry = Buffer.concat([
    Buffer.from([0x50, 0x4b, 1, 2, 20, 0, ...common, ...new Uint8Array(14).fill(0)]),
    Buffer.from(name),
  ])
  const tail = [
    0x50,
    0x4b,
    5,
    6,
    0,
    0,
    0,
    0,
    1,
    0,
    1,
    0,
    ...u32(entry.length),
    ...u32(local.length),
  ]
  return Buffer.concat([local, entry, Buffer.from([...tail, 0, 0])])
}

function noticeTarget(
  name: string,
  decoders: readonly string[],
  seeds: readonly (string | Uint8Array)[],
  type = ''
): AnyTarget {
  return octetsTarget({
    name,
    group: 'notices',
    decoders: decoders.map((file) => `lookup-api/notices/${file}.ts`),
    inputs: octetsLike(seeds.map(octets)),
    async run(input) {
      const { notices, skipped, why } = await read(input, {}, type)
      const sightings = notices.reduce((sum, one) => sum + one.sightings.length, 0)
      holds(sightings <= maxSightings, 'sightings are bounded')
      holds(notices.length > 0 || why !== undefined, 'where nothing was found it says why')
      holds(JSON.stringify([notices, skipped]).length <= 4e6 + 20 * input.length, 'and the rest')
      for (const { sightings: seen } of notices) {
        for (const { time, port = 0 } of seen) {
          holds(port >= 0 && port <= 65_535, 'a port is a port')
          for (const us of time?.instants ?? []) holds(Number.isSafeInteger(us), 'a time is one')
        }
      }
    },
  })
}

export const noticeTargets: readonly AnyTarget[] = [
  noticeTarget('mail', ['mail', 'read', 'charset'], mails),
  noticeTarget('acns', ['acns', 'xml', 'acns-remains'], acns),
  noticeTarget('xarf', ['xarf'], [...xarf, xarfMail]),
  noticeTarget('marf', ['marf'], marf),
  noticeTarget('notice-tables', ['tables', 'record-lines'], tables),
  noticeTarget(
    'notice-texts',
    ['text', 'times', 'moments', 'labels', 'pairs', 'groups', 'unquote'],
    [
      ...plain,
      ...plain.slice(0, 3).map((text) => quoted(text, 2)),
      ...plain.slice(0, 3).map(clearsigned),
    ]
  ),
  noticeTarget(
    'notice-html',
    ['html-text'],
    [
      `<html><body><table>${plain
        .slice(0, 2)
        .map((text) => `<tr><td>${text.replaceAll('\n', '<br>')}</td></tr>`)
        .join('')}</table></body></html>`,
    ],
    'text/html'
  ),
  noticeTarget(
    'notice-archives',
    ['archive'],
    [gzipSync(acns[0] ?? ''), zip('a.xml', acns[0] ?? '', 8), zip('a.csv', tables[0] ?? '', 0)]
  ),
]

import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { maxSightings } from '../../../lookup-api/notices/limits.ts'
import { carriers, clearsigned, quoted } from '../../lookup-api/notices/carrying.ts'
import { read } from '../../lookup-api/notices/reading.ts'
import type { Truth } from '../../lookup-api/notices/reading.ts'
import { written } from '../notice-formats.ts'
import { octetsLike, slowly } from '../engine/arbitrary.ts'
import { holds, octetsTarget } from '../engine/target.ts'
import type { AnyTarget } from '../engine/target.ts'
import { shortNotices, xarfMail } from './notice-samples.ts'
import { zip } from './zip.ts'

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

/** Short ones often, since there are many ways in which mail carries a text. */
const mails = [
  ...Array.from({ length: 12 }, () => shortNotices.mail).flat(),
  ...[...acns.slice(0, 2), ...xarf.slice(0, 1), ...plain.slice(0, 3)].flatMap((text) =>
    Object.values(carriers).map((carry) => octets(carry(text)))
  ),
]

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
    inputs: slowly(octetsLike(seeds.map(octets)), 4),
    async run(input) {
      const { notices, skipped, why } = await read(input, {}, type)
      const sightings = notices.reduce((sum, one) => sum + one.sightings.length, 0)
      holds(sightings <= maxSightings, 'sightings are bounded')
      holds(notices.length > 0 || why !== undefined, 'where nothing was found it says why')
      if (input.length % 8 === 0) {
        const { length } = JSON.stringify([notices, skipped])
        holds(length <= 4e6 + 20 * input.length, 'and the rest')
      }
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
  noticeTarget('acns', ['acns', 'xml', 'acns-remains'], [...shortNotices.acns, ...acns]),
  noticeTarget('xarf', ['xarf'], [...shortNotices.xarf, ...xarf, xarfMail]),
  noticeTarget('marf', ['marf'], [...shortNotices.marf, ...marf]),
  noticeTarget('notice-tables', ['tables', 'record-lines'], [...shortNotices.tables, ...tables]),
  noticeTarget(
    'notice-texts',
    ['text', 'times', 'moments', 'labels', 'pairs', 'groups', 'unquote'],
    [
      ...shortNotices.texts,
      ...plain,
      ...plain.slice(0, 3).map((text) => quoted(text, 2)),
      ...plain.slice(0, 3).map(clearsigned),
    ]
  ),
  noticeTarget(
    'notice-html',
    ['html-text'],
    [
      ...shortNotices.html,
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
    [
      gzipSync(shortNotices.texts[0]),
      zip('a.csv', shortNotices.tables[0], 0),
      zip('a.xml', shortNotices.acns[0], 8),
      gzipSync(acns[0] ?? ''),
      zip('a.xml', acns[0] ?? '', 8),
    ]
  ),
]

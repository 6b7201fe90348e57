import { parsePattern } from '../../../collector/identity/pattern-text.ts'
import { identityFormats } from '../../../collector/identity/formats.ts'
import { accountingEvents } from '../../../collector/identity/radius-accounting.ts'
import { namedAttributes } from '../../../collector/identity/radius-attributes.ts'
import {
  checkRadius,
  decodeRadius,
  encodeResponse,
} from '../../../collector/identity/radius-packet.ts'
import type { IdentityEvent } from '../../../model/identity.ts'
import { FlowledgerError } from '../../../model/errors.ts'
import { csvRows } from '../../../store/directory-csv.ts'
import { nowUs, open, samples, textOf } from '../../collector/identity/conformance/samples.ts'
import type { Sample } from '../../collector/identity/conformance/samples.ts'
import { attribute, buildPacket, isAnswerTo } from '../../collector/identity/radius-sender.ts'
import { octetsFrom, octetsLike, textLike } from '../engine/arbitrary.ts'
import { mutated, seedsOf } from '../engine/mutate-octets.ts'
import { holds, octetsTarget, textTarget } from '../engine/target.ts'
import type { AnyTarget } from '../engine/target.ts'

/** What every statement must be, whatever it was read from. */
function checkEvent({ atUs, startUs = 0, untilUs = 0, record, user = '' }: IdentityEvent): void {
  holds(Number.isFinite(atUs) && Number.isFinite(startUs), 'a time is a number')
  holds(!Number.isNaN(untilUs), 'an end is a time or never')
  holds(record !== '' && user.length <= 4096, 'a statement says where it stands, and is bounded')
}

function formatTarget(kind: string): AnyTarget {
  const of = Object.values(samples).filter((sample) => sample.kind === kind)
  const [first] = of
  const sound = first === undefined ? undefined : soundOf(first)
  return octetsTarget({
    name: `identity/${kind}`,
    group: 'identity',
    decoders: [`collector/identity/${kind}.ts`],
    inputs: octetsLike(
      of.flatMap((sample) => [
        Buffer.from(textOf(sample), 'latin1'),
        Buffer.from(sample.header + (sample.records[0] ?? ''), 'latin1'),
      ]),
      '{ } ; , " = \n'.split(' ').map((letter) => Buffer.from(letter))
    ),
    run(input) {
      if (sound === undefined) return
      readFormat(sound, Buffer.from(input))
    },
  })
}

/** What stands around an input, as octets. */
interface Sound {
  readonly sample: Sample
  readonly header: Buffer
  readonly behind: Buffer
}

function soundOf(sample: Sample): Sound {
  const records = sample.records.join('')
  // What was begun ends with the line; then sound records are read, but the one that was hit.
  const behind = Buffer.from(`\n}\n}\n\n${records}${records}`, 'latin1')
  return { sample, header: Buffer.from(sample.header, 'latin1'), behind }
}

function readFormat({ sample, header, behind }: Sound, octets: Buffer): void {
  const reader = open(sample)
  reader.push(header)
  reader.push(octets)
  for (const event of reader.take()) checkEvent(event)
  const { lines, events } = reader.counters
  holds(events <= 4 * (lines + 4) + octets.length, 'statements are bounded')
  if (octets.length % 16 !== 0) return
  reader.push(behind)
  reader.end()
  const after = reader.take().length
  holds(reader.offset <= octets.length + 100_000, 'a place lies in the file')
  holds(after > 0 || hasHidden(octets), 'sound records are read behind it')
}

/** A quote that was opened, or a header that says otherwise, may rule what follows. */
const hasHidden = (octets: Buffer): boolean =>
  octets.length > 0 && /["\\,;#:]/.test(octets.toString('latin1'))

const secret = 'sixteen octets!!'
const key = Buffer.from(secret)
const attributes = [
  attribute(40, 1),
  attribute(44, 's1'),
  attribute(1, 'bob'),
  attribute(8, Buffer.from([192, 0, 2, 7])),
  attribute(4, Buffer.from([192, 0, 2, 1])),
  attribute(97, Buffer.from([0, 64, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 1])),
  attribute(31, '02-00-00-00-00-01'),
  attribute(55, 1_790_000_000),
  attribute(41, 3),
  attribute(26, Buffer.from([0, 0, 0, 9, 1, 8, 97, 61, 98, 99, 100, 101])),
  attribute(33, 'proxy'),
]
const bodies = seedsOf([Buffer.concat(attributes), Buffer.concat(attributes.slice(0, 4))])
const packets = seedsOf([
  buildPacket({ secret, attributes }),
  buildPacket({ secret, code: 12, signed: true }),
])
const soundPacket = buildPacket({ secret, attributes })

const logins = Object.values(samples).find(({ kind }) => kind === 'logins')

export const identityTargets: readonly AnyTarget[] = [
  ...Object.keys(identityFormats).map(formatTarget),
  octetsTarget({
    name: 'radius',
    group: 'identity',
    decoders: [
      'collector/identity/radius-packet.ts',
      'collector/identity/radius-attributes.ts',
      'collector/identity/radius-accounting.ts',
    ],
    // The first octet is 0 before attributes from somebody who knows the secret, who signs them;
    // else the rest is a packet of anybody.
    inputs: octetsFrom((dice) => {
      const isWhole = dice.chance(3)
      return Buffer.concat([Buffer.of(Number(isWhole)), mutated(dice, isWhole ? packets : bodies)])
    }, attributes),
    run(input) {
      const rest = Buffer.from(input.subarray(1))
      const packet = input[0] === 0 ? buildPacket({ secret, attributes: [rest] }) : rest
      for (const octets of rest.length % 8 === 0 ? [packet, soundPacket] : [packet]) {
        const read = decodeRadius(octets)
        if (typeof read === 'string') continue
        const named = namedAttributes(read.attributes)
        const wrong = checkRadius(read, key)
        holds(octets !== soundPacket || wrong === undefined, 'a sound packet is read behind it')
        if (wrong !== undefined || named === undefined) continue
        const answer = encodeResponse(read, key)
        holds(answer.length <= 4096, 'an answer is a packet')
        holds(read.code !== 4 || isAnswerTo(answer, read.bytes, secret), 'it is signed')
        const events = accountingEvents({
          attributes: named,
          receivedUs: nowUs,
          client: 'c',
          record: 'r',
        })
        if (typeof events !== 'string') for (const event of events) checkEvent(event)
      }
    },
  }),
  textTarget({
    name: 'login-patterns',
    group: 'identity',
    decoders: ['collector/identity/pattern-text.ts', 'collector/identity/line-pattern.ts'],
    inputs: textLike(
      [
        '{time} {*} sshd[{*}]: Accepted {*} for {user} from {ip} port {*}',
        'end:{time} x {user} {mac}',
      ],
      ['{time}', '{user}', '{ip}', '{mac}', '{*}', 'end:']
    ),
    run(text) {
      try {
        parsePattern(text)
      } catch (error) {
        holds(error instanceof FlowledgerError, `an error of ours, not ${String(error)}`)
        return
      }
      const reader = open(logins as Sample, { patterns: [text] })
      reader.push(Buffer.from(`2026-03-10T12:00:00Z ${text} bob 192.0.2.1\n`))
      for (const event of reader.take()) checkEvent(event)
    },
  }),
  textTarget({
    name: 'directory-csv',
    decoders: ['store/directory-csv.ts'],
    inputs: textLike([
      'key,name,street\n"10.0.0.5","Doe, ""J""",Road 1\n10.0.0.6,Roe,Road 2\n',
      'a;b;c\r\n1;"x\ny";3\r\n',
    ]),
    run(text) {
      try {
        let letters = 0
        for (const row of csvRows(text, ',', 'f')) letters += row.join('').length
        holds(letters <= text.length, 'no letter is in two cells')
      } catch (error) {
        holds(error instanceof FlowledgerError, `an error of ours, not ${String(error)}`)
      }
    },
  }),
]

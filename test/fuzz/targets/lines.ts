import { readdirSync, readFileSync } from 'node:fs'
import { LineReader } from '../../../collector/conntrack/text-line.ts'
import { lineReasons } from '../../../collector/conntrack/text-entry.ts'
import { EventWriter } from '../../../collector/syslog/event-writer.ts'
import { SyslogFramer, eachLine, maxMessageBytes } from '../../../collector/syslog/framing.ts'
import { LineSource } from '../../../collector/syslog/line-source.ts'
import { readPatterns } from '../../../collector/syslog/pattern.ts'
import { FlowledgerError } from '../../../model/errors.ts'
import type { NatVendor } from '../../../model/syslog-sources.ts'
import { parseZone } from '../../../model/time-zone.ts'
import { samples } from '../../collector/syslog/conformance/samples.ts'
import { octetsLike, textLike } from '../engine/arbitrary.ts'
import { holds, octetsTarget, textTarget } from '../engine/target.ts'
import type { AnyTarget } from '../engine/target.ts'

const folder = new URL('../../collector/conntrack/recorded/', import.meta.url)
const recorded = readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .flatMap((name) => readFileSync(new URL(name, folder), 'latin1').split('\n'))
  .filter((line) => line !== '')
const reasons: ReadonlySet<string> = new Set(lineReasons)
const reader = new LineReader()
const soundLine = recorded.find((line) => reader.read(line) === undefined) ?? ''

const zone = parseZone('UTC')
const nowUs = (): number => Date.UTC(2026, 2, 1, 12, 0, 30) * 1000
const linesOf = (vendor: NatVendor): string[] => samples[vendor].map(({ line }) => line)
const known = (Object.keys(samples) as NatVendor[]).flatMap(linesOf)

const out = new EventWriter(4096)

/** Reads a line as a vendor's, and a sound one behind it. */
function readAs(vendor: NatVendor | 'auto', sound: string, line: string): void {
  const source = new LineSource({ vendor, zone, live: true, nowUs })
  out.batch.length = 0
  out.batch.texts.clear()
  source.read(line, out)
  holds(source.counters.lines === 1, 'a line is counted once')
  const events = out.batch.length
  holds(events <= line.length && events === source.counters.events, 'events are counted')
  for (let row = 0; row < events; row++) {
    const from = out.columns.flowStartMicroseconds[row] ?? Number.NaN
    const to = out.columns.flowEndMicroseconds[row] ?? Number.NaN
    holds(Number.isSafeInteger(from) && to >= from, 'an event has its times')
  }
  if (line.length % 4 !== 0) return
  source.read(sound, out)
  holds(out.batch.length === events + 1, 'a sound line is read behind it')
}

const vendorTarget = (vendor: NatVendor): AnyTarget => {
  const sound = linesOf(vendor).find((line) => {
    const source = new LineSource({ vendor, zone, live: true, nowUs })
    source.read(line, out)
    return source.counters.events === 1
  })
  return textTarget({
    name: `syslog/${vendor}`,
    group: 'syslog',
    decoders: [`collector/syslog/${vendor === 'conntrack' ? 'conntrack-lines' : vendor}.ts`],
    inputs: textLike(linesOf(vendor)),
    run: (line) => readAs(vendor, sound ?? linesOf(vendor)[0] ?? '', line),
  })
}

const patterns = [
  'begin: natd add {protocol} {inside}:{inside_port} -> {outside}:{outside_port} for {user}, {*}',
  'end: natd block {inside} had {outside} {port_start}-{port_end} pool {pool}, {*}.',
  'begin: A VRF {vrf} X {inside} {outside}\n# note\nquota: natd limit\npass: natd alive',
]

export const lineTargets: readonly AnyTarget[] = [
  textTarget({
    name: 'conntrack-text',
    decoders: [
      'collector/conntrack/text-line.ts',
      'collector/conntrack/text-entry.ts',
      'collector/conntrack/text-scan.ts',
      'collector/conntrack/text-times.ts',
    ],
    inputs: textLike(recorded),
    run(line) {
      const reason = reader.read(line)
      holds(reason === undefined || reasons.has(reason), 'what is no event has a reason')
      if (reason === undefined) holds(Number.isFinite(reader.timeUs), 'a time is a number')
      if (line.length % 4 !== 0) return
      holds(reader.read(soundLine) === undefined, 'a sound line is read behind it')
    },
  }),
  textTarget({
    name: 'syslog-any',
    group: 'syslog',
    decoders: ['collector/syslog/line-source.ts', 'collector/syslog/header.ts'],
    inputs: textLike(known),
    run: (line) => readAs('auto', known[0] ?? '', line),
  }),
  ...(Object.keys(samples) as NatVendor[]).map(vendorTarget),
  octetsTarget({
    name: 'syslog-framing',
    group: 'syslog',
    decoders: ['collector/syslog/framing.ts'],
    inputs: octetsLike(
      [
        known
          .slice(0, 4)
          .map((line) => `${line.length} ${line}`)
          .join(''),
        `${known.slice(0, 4).join('\n')}\n`,
        '99999999 <1>a\n007 <1>x\n12 <1>abc',
      ].map((text) => Buffer.from(text, 'latin1'))
    ),
    run(input) {
      const read: string[][] = [[], []]
      for (const [way, size] of [input.length + 1, 13].entries()) {
        const framer = new SyslogFramer()
        const take = (message: string): void => {
          holds(message.length <= maxMessageBytes, 'a message is bounded')
          read[way]?.push(message)
        }
        for (let at = 0; at < input.length; at += size) {
          framer.push(Buffer.from(input.subarray(at, at + size)), take)
        }
        framer.end(take)
      }
      holds(String(read[0]) === String(read[1]), 'the same messages however they are cut')
      eachLine(Buffer.from(input), (message) => holds(message.length <= input.length, 'in it'))
    },
  }),
  textTarget({
    name: 'syslog-patterns',
    group: 'syslog',
    decoders: ['collector/syslog/pattern.ts'],
    inputs: textLike(patterns, ['begin:', 'end:', 'block', '{vrf}', '{inside}', '{*}']),
    run(text) {
      try {
        readPatterns(text)
      } catch (error) {
        holds(error instanceof FlowledgerError, `an error of ours, not ${String(error)}`)
      }
    },
  }),
]

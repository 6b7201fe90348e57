import { expect } from 'vitest'
import { LocalClock } from '../../../collector/conntrack/local-clock.ts'
import { TextFlows } from '../../../collector/conntrack/text-flows.ts'
import { LineReader } from '../../../collector/conntrack/text-line.ts'
import { sliceFlags } from '../../../model/fields.ts'
import { parseZone } from '../../../model/time-zone.ts'

const { continues, inferred, startUnknown, observedTimes } = sliceFlags

interface Row {
  from: number
  to: number
  flags: string
  flow: string
  start: number
  octets: number
  reason: number
  lastPacket: number
}

function flagNames(bits: number): string {
  // Every time of a text is an observed one; the tests name the rest.
  expect(bits & observedTimes).toBe(observedTimes)
  const names = { continues, inferred, startUnknown }
  return Object.entries(names)
    .filter(([, bit]) => (bits & bit) !== 0)
    .map(([name]) => name)
    .join(' ')
}

export const baseUs = 1_700_000_000e6

const us = (column: Float64Array): number => ((column[0] ?? 0) - baseUs) / 1e6

/** Feeds lines; times in rows are seconds after the base. */
export function run(
  lines: readonly (readonly [seconds: number | undefined, text: string])[],
  {
    tz,
    maxOpen,
    cutAt,
    at = 0,
  }: { tz?: string; maxOpen?: number; cutAt?: number; at?: number } = {}
) {
  const rows: Row[] = []
  const flows = new TextFlows({
    emit: ({ columns: c }) => {
      rows.push({
        from: us(c.flowStartMicroseconds),
        to: us(c.flowEndMicroseconds),
        flags: flagNames(c.sliceFlags[0] ?? 0),
        flow: [...c.flowId].join(':'),
        start: us(c.connectionStart),
        octets: c.octetDeltaCount[0] ?? 0,
        reason: c.flowEndReason[0] ?? 0,
        lastPacket: us(c.lastPacket),
      })
    },
    clock: tz === undefined ? undefined : new LocalClock(parseZone(tz)),
    ...(maxOpen === undefined ? {} : { maxOpen }),
  })
  flows.startText('0123456789abcdef0123456789abcdef01234567')
  const reader = new LineReader()
  for (const [index, [seconds, text]] of lines.entries()) {
    if (index === cutAt) flows.cutAll()
    const time = seconds === undefined ? '' : `[${1_700_000_000 + seconds}.000000] `
    expect(reader.read(time + text)).toBeUndefined()
    flows.take(reader, index * 200, at === 0 ? 0 : baseUs + at * 1e6)
  }
  flows.cutAll()
  return { rows, counters: flows.counters, notes: flows.times.notes, size: flows.size }
}

export const intervals = (rows: readonly Row[]): [number, number, string][] =>
  rows.map(({ from, to, flags }) => [from, to, flags])

export const tuple = (sport = 1000, reply = 2000): string =>
  `src=10.0.0.1 dst=192.0.2.9 sport=${sport} dport=53 src=192.0.2.9 dst=198.51.100.1 sport=53 dport=${reply}`
export const event = (kind: string, rest = '', ports = tuple()): string =>
  `[${kind}] udp 17 ${ports} ${rest}`
export const counted = tuple()
  .replace('dport=53 src', 'dport=53 packets=3 bytes=300 src')
  .concat(' packets=1 bytes=100')

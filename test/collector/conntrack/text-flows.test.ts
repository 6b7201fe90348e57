import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { TextFlows } from '../../../collector/conntrack/text-flows.ts'
import { LineReader } from '../../../collector/conntrack/text-line.ts'
import { sliceFlags } from '../../../model/fields.ts'
import { baseUs, counted, event, intervals, run, tuple } from './text-flows-run.ts'

const { observedTimes } = sliceFlags

const tcp = (kind: string, rest = ''): string => event(kind, rest).replace('udp 17', 'tcp 6')

/** How a connection ended whose DESTROY has these fields. */
function endReason(rest: string): number | undefined {
  const began = tcp('NEW').replace('tcp 6', 'tcp 6 120 SYN_SENT')
  return run([
    [0, began],
    [9, tcp('DESTROY', rest)],
  ]).rows[0]?.reason
}

describe('pairs', () => {
  test('NEW and DESTROY are one slice with the counters, by id or by tuple', () => {
    for (const id of ['', 'id=7']) {
      const { rows, counters, size } = run([
        [0, event('NEW', id)],
        [4, event('UPDATE', id)],
        [40, event('DESTROY', id, counted)],
      ])
      expect(rows).toEqual([
        {
          from: 0,
          to: 40,
          flags: '',
          start: 0,
          octets: 300,
          reason: 1,
          lastPacket: 10,
          flow: rows[0]?.flow,
        },
      ])
      expect(counters).toMatchObject({ events: 3, closed: 1, orphans: 0 })
      expect(size).toBe(0)
    }
  })

  test('TCP that closed is told from TCP that idled, and from what was deleted by hand', () => {
    expect(endReason('')).toBe(1)
    expect(endReason('[USERSPACE] portid=1')).toBe(4)
    const closing = event('UPDATE').replace('udp 17', 'tcp 6 120 TIME_WAIT')
    expect(
      run([
        [0, tcp('NEW')],
        [5, closing],
        [130, tcp('DESTROY')],
      ]).rows[0]
    ).toMatchObject({
      reason: 3,
      lastPacket: 10,
    })
  })

  test('zones keep connections with one tuple apart', () => {
    const { rows } = run([
      [0, event('NEW', 'zone=1')],
      [1, event('NEW', 'zone=2')],
      [5, event('DESTROY', 'zone=2')],
      [9, event('DESTROY', 'zone=1')],
    ])
    expect(intervals(rows)).toEqual([
      [1, 5, ''],
      [0, 9, ''],
    ])
    expect(new Set(rows.map(({ flow }) => flow)).size).toBe(2)
  })

  test('the same NEW twice is counted, not a second connection', () => {
    const { rows, counters } = run([
      [0, event('NEW', 'id=7')],
      [0, event('NEW', 'id=7')],
      [9, event('DESTROY', 'id=7')],
    ])
    expect(intervals(rows)).toEqual([[0, 9, '']])
    expect(counters.duplicates).toBe(1)
  })
})

describe('what is not sure says so', () => {
  test('DESTROY alone: held then, start not known', () => {
    const { rows, counters } = run([[50, event('DESTROY')]])
    expect(intervals(rows)).toEqual([[50, 50, 'startUnknown']])
    expect(counters.orphans).toBe(1)
  })

  test('DESTROY alone with an age: held for that long less the second that was cut off', () => {
    const { rows } = run([[50, event('DESTROY', 'delta-time=20')]])
    expect(intervals(rows)).toEqual([[31, 50, 'startUnknown']])
  })

  test('DESTROY alone with the kernel’s start, where its zone is known', () => {
    const stamps = '[start=Tue Nov 14 23:13:40 2023] [stop=Tue Nov 14 23:14:00 2023]'
    const lines = [[50, event('DESTROY', `delta-time=20 ${stamps}`)]] as const
    expect(intervals(run(lines, { tz: 'Europe/Berlin' }).rows)).toEqual([[20, 50, '']])
    const without = run(lines)
    expect(intervals(without.rows)).toEqual([[31, 50, 'startUnknown']])
    expect(without.notes.localTimeWithoutZone).toBe(1)
    const untimed = run([[undefined, lines[0][1]]], { tz: '+01:00' })
    expect(intervals(untimed.rows)).toEqual([[20, 40.999999, '']])
    expect(run([[undefined, lines[0][1]]]).counters.withoutTime).toBe(1)
  })

  test('a tuple that begins again: the former end was missed', () => {
    for (const [first, second] of [
      ['id=7', 'id=8'],
      ['', ''],
      ['id=7', 'id=7'],
    ] as const) {
      const { rows, counters } = run([
        [0, event('NEW', first)],
        [3, event('UPDATE', first)],
        [30, event('NEW', second)],
        [60, event('DESTROY', second)],
      ])
      expect(intervals(rows)).toEqual([
        [0, 3, 'continues'],
        [3, 30, 'inferred'],
        [30, 60, ''],
      ])
      expect(counters.inferredEnds).toBe(1)
      expect(rows[0]?.flow).toBe(rows[1]?.flow)
      expect(rows[2]?.flow).not.toBe(rows[0]?.flow)
    }
  })

  test('DESTROY of another id ends the former as inferred and stands alone', () => {
    const { rows } = run([
      [0, event('NEW', 'id=7')],
      [30, event('DESTROY', 'id=8')],
    ])
    expect(intervals(rows)).toEqual([
      [0, 0, 'continues'],
      [0, 30, 'inferred'],
      [30, 30, 'startUnknown'],
    ])
  })

  test('another translation of the same tuple is another connection', () => {
    const { rows } = run([
      [0, event('NEW')],
      [30, event('DESTROY', '', tuple(1000, 2001))],
    ])
    expect(intervals(rows).at(-1)).toEqual([30, 30, 'startUnknown'])
    expect(intervals(rows)).toHaveLength(3)
  })

  test('still open at the end: up to when it was last seen', () => {
    const { rows, size } = run([
      [0, event('NEW')],
      [7, event('UPDATE')],
    ])
    expect(intervals(rows)).toEqual([[0, 7, 'continues']])
    expect(size).toBe(1)
  })

  test('a time before the start is no end of this connection', () => {
    const { rows, counters } = run([
      [100, event('NEW')],
      [90, event('DESTROY')],
    ])
    expect(intervals(rows)).toEqual([
      [90, 90, 'startUnknown'],
      [100, 100, 'continues'],
    ])
    expect(counters.outOfOrder).toBe(1)
  })

  test('two years between are no connection', () => {
    const year = 366 * 86_400
    const { rows, counters } = run([
      [0, event('NEW')],
      [2 * year, event('DESTROY')],
    ])
    expect(counters.tooLong).toBe(1)
    expect(intervals(rows)).toEqual([
      [0, 0, 'continues'],
      [2 * year, 2 * year, 'startUnknown'],
    ])
    const old = run([[0, event('DESTROY', 'delta-time=4294967295')]])
    expect(intervals(old.rows)).toEqual([[0, 0, 'startUnknown']])
    expect(old.notes.startImpossible).toBe(1)
  })
})
const spans = (name: string): string[] => {
  const reader = new LineReader()
  const out: string[] = []
  const flows = new TextFlows({
    emit: ({ columns: c }) => {
      const ports = [c.sourceTransportPort[0], c.postNaptSourceTransportPort[0]]
      out.push([c.protocolIdentifier[0], ...ports, c.sliceFlags[0], c.octetDeltaCount[0]].join(' '))
    },
  })
  const url = new URL(`./recorded/${name}`, import.meta.url)
  for (const line of readFileSync(url, 'latin1').split('\n')) {
    if (reader.read(line) === undefined) flows.take(reader, out.length, baseUs)
  }
  flows.cutAll()
  return out.sort()
}

test('what conntrack saw in the laboratory: every connection once, with id and without', () => {
  const all = spans('events-all-options.txt')
  expect(all).toHaveLength(29)
  // Every one of them began and ended before the recorder's eyes.
  expect(all.every((row) => row.split(' ')[3] === String(observedTimes))).toBe(true)
  expect(spans('events-timestamp-id.txt')).toEqual(all)
  expect(spans('events-timestamp-userspace.txt')).toEqual(all)
})

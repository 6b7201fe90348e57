import { describe, expect, test } from 'vitest'
import { counted, event, intervals, run, tuple } from './text-flows-run.ts'

const listed = (rest: string): string => `udp 17 29 ${counted} ${rest}`

describe('sightings', () => {
  test('once: held at that time; with an age: since then', () => {
    expect(intervals(run([[undefined, listed('use=1')]], { at: 60 }).rows)).toEqual([
      [60, 60, 'continues startUnknown'],
    ])
    expect(intervals(run([[undefined, listed('delta-time=10')]], { at: 60 }).rows)).toEqual([
      [51, 60, 'continues startUnknown'],
    ])
  })

  test('twice with one id: held between, counters once', () => {
    const { rows } = run([
      [0, listed('id=7')],
      [60, listed('id=7')],
    ])
    expect(intervals(rows)).toEqual([[0, 60, 'continues startUnknown']])
    expect(rows[0]?.octets).toBe(300)
  })

  test('twice without proof: the time between is inferred', () => {
    const { rows } = run([
      [0, listed('')],
      [60, listed('')],
    ])
    expect(intervals(rows)).toEqual([
      [0, 0, 'continues startUnknown'],
      [0, 60, 'continues inferred startUnknown'],
      [60, 60, 'continues startUnknown'],
    ])
    expect(new Set(rows.map(({ flow }) => flow)).size).toBe(1)
  })

  test('twice with an age that reaches back: held between', () => {
    const { rows } = run([
      [0, listed('delta-time=5')],
      [60, listed('delta-time=65')],
    ])
    expect(intervals(rows)).toEqual([[-4, 60, 'continues startUnknown']])
  })

  test('then its DESTROY: sure with the id, inferred without', () => {
    expect(
      intervals(
        run([
          [0, listed('id=7')],
          [60, event('DESTROY', 'id=7')],
        ]).rows
      )
    ).toEqual([[0, 60, 'startUnknown']])
    expect(
      intervals(
        run([
          [0, listed('')],
          [60, event('DESTROY')],
        ]).rows
      )
    ).toEqual([
      [0, 0, 'continues startUnknown'],
      [0, 60, 'continues inferred startUnknown'],
      [60, 60, 'startUnknown'],
    ])
  })
})

describe('bounds', () => {
  test('a long connection is cut, its counters in the last piece', () => {
    const { rows } = run([
      [0, event('NEW')],
      [9000, event('DESTROY', '', counted)],
    ])
    expect(intervals(rows)).toEqual([
      [0, 3600, 'continues'],
      [3600, 7200, 'continues'],
      [7200, 9000, ''],
    ])
    expect(rows.map(({ octets }) => octets)).toEqual([0, 0, 300])
    expect(rows.map(({ start }) => start)).toEqual([0, 0, 0])
  })

  test('too many open: those seen longest ago are written, none is lost', () => {
    const lines = Array.from(
      { length: 100 },
      (_, i) => [i, event('NEW', '', tuple(1000 + i, 2000 + i))] as const
    )
    const { rows, counters, size } = run(lines, { maxOpen: 16 })
    expect(size).toBeLessThanOrEqual(16)
    expect(counters.evicted).toBe(100 - size)
    expect(rows.map(({ from }) => from).sort((a, b) => a - b)).toEqual(lines.map(([at]) => at))
  })

  test('what a cut wrote is not written again, and its counters are taken off the end’s', () => {
    const id = 'id=7'
    const seen = `udp 17 29 ${counted} ${id}`
    const more = counted.replace('bytes=300', 'bytes=1000')
    const { rows } = run(
      [
        [0, seen],
        [60, event('DESTROY', id, more)],
      ],
      { cutAt: 1 }
    )
    expect(intervals(rows)).toEqual([
      [0, 0, 'continues startUnknown'],
      [0, 60, 'startUnknown'],
    ])
    expect(rows.map(({ octets }) => octets)).toEqual([300, 700])
  })
})

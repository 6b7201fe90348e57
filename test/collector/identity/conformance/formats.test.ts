import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { identityFormats } from '../../../../collector/identity/formats.ts'
import { faults, open, read, samples, textOf, told } from './samples.ts'

/** What every format keeps to, whatever else it does. */
test('every format has a sample', () => {
  const covered = new Set(Object.values(samples).map(({ kind }) => kind))
  expect(Object.keys(identityFormats).filter((kind) => !covered.has(kind as never))).toEqual([])
})

describe.each(Object.entries(samples))('%s', (_, sample) => {
  const whole = textOf(sample)
  const { events } = read(sample, [whole])
  const alone = sample.records.map((record) => told(read(sample, [sample.header + record]).events))

  test('each record states something, all of them the same as each alone', () => {
    expect(alone.every((list) => list.length > 0)).toBe(true)
    expect(told(events)).toEqual(alone.flat())
    expect(faults(read(sample, [whole]).reader)).toBe(0)
  })

  test('records tell where they stand, and all of the file is taken', () => {
    const { reader } = read(sample, [whole])
    expect(reader.offset).toBe(whole.length)
    const lines = whole.split('\n')
    for (const { record } of events) {
      const [name, line] = record.split(':')
      expect(name).toBe('file')
      expect(lines[Number(line) - 1]).not.toBe('')
    }
    expect(reader.newestUs).toBe(Math.max(...events.map(({ atUs }) => atUs)))
  })

  test('chunks may end anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 12 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), whole.length]
        const pieces = places.slice(1).map((to, i) => whole.slice(places[i], to))
        expect(read(sample, pieces).events).toEqual(events)
      }),
      { numRuns: 60 }
    )
    expect(read(sample, whole.split('')).events).toEqual(events)
  })

  test('resuming at the offset after any chunk tells the rest, each once', () => {
    fc.assert(
      fc.property(fc.nat(whole.length), (to) => {
        const first = open(sample)
        first.push(Buffer.from(whole.slice(0, to), 'latin1'))
        const before = first.take()
        const after = read(sample, [whole], { skip: first.offset }).events
        expect([...before, ...after]).toEqual(events)
      }),
      { numRuns: 60 }
    )
  })

  test('cut anywhere: only what is cut is missing, it is counted, and waits for its rest', () => {
    for (let to = sample.header.length; to < whole.length; to++) {
      const { events: got, reader } = read(sample, [whole.slice(0, to)])
      expect(got).toEqual(events.slice(0, got.length))
      const left = whole.slice(reader.offset, to)
      expect(faults(reader)).toBe(left === '' ? 0 : 1)
    }
  })

  test('a record that loses its end costs only itself', () => {
    const [first = '', second = '', ...rest] = sample.records
    const half = `${first.slice(0, Math.floor(first.length * 0.6))}\n`
    const { events: got, reader } = read(sample, [sample.header, half, second, ...rest])
    expect(told(got).slice(-alone.slice(1).flat().length)).toEqual(alone.slice(1).flat())
    // A line that was cut may still be a line; what is missing otherwise is counted.
    const missing = alone.flat().length - got.length
    expect(missing).toBeGreaterThanOrEqual(0)
    if (missing > 0) {
      expect(faults(reader) + Object.keys(reader.counters.passed).length).toBeGreaterThan(0)
    }
  })

  const garbage: Readonly<Record<string, string>> = {
    words: 'what is this doing here\n',
    punctuation: '}}}{{{"""\\\\;;;,,,\n',
    'octets that are no UTF-8': '\xff\xfe\xc3(\x80\n',
    NULs: `${'\0'.repeat(300)}\n`,
    'a very long line': `${'x'.repeat(200_000)}\n`,
  }
  test.each(Object.entries(garbage))(
    'between records, %s: counted, all others told',
    (_name, text) => {
      const { events: got, reader } = read(sample, [
        sample.header,
        ...sample.records.map((record) => record + text),
      ])
      expect(told(got)).toEqual(alone.flat())
      const { passed } = reader.counters
      const counted = faults(reader) + Object.values(passed).reduce((sum, count) => sum + count, 0)
      expect(counted).toBeGreaterThanOrEqual(sample.records.length)
    }
  )

  test('lines that end in CR LF are the same lines', () => {
    const text = whole.replaceAll('\n', '\r\n')
    expect(told(read(sample, [text]).events)).toEqual(told(events))
  })

  test('a line without an end is not kept', () => {
    const reader = open(sample)
    const piece = Buffer.alloc(1 << 20, 'x')
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 200; i++) reader.push(piece)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 << 20)
    reader.push(Buffer.from(`\n${whole}`, 'latin1'))
    expect(told(reader.take())).toEqual(told(events))
    expect(reader.counters.refused['line-too-long']).toBe(1)
  })

  test('any octets in any place: nothing is thrown, times are times', () => {
    fc.assert(
      fc.property(
        fc.nat(whole.length),
        fc.nat(40),
        fc.uint8Array({ maxLength: 30 }),
        (at, gone, put) => {
          const pieces = [whole.slice(0, at), Buffer.from(put), whole.slice(at + gone)]
          for (const event of read(sample, pieces).events) {
            expect(Number.isFinite(event.atUs)).toBe(true)
            if (event.startUs !== undefined) expect(event.startUs).toBeLessThanOrEqual(event.atUs)
            expect(event.key.includes('\0')).toBe(false)
          }
        }
      ),
      { numRuns: 150 }
    )
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { quantityText, ticksTo, timeTicks } from '../../../lookup-api/page/reports/quantities.ts'
import { durationText, utcText, zonedText } from '../../../lookup-api/page/times.ts'
import { bytesText, countText } from '../../../lookup-api/page/parts/basics.tsx'
import { parseZone } from '../../../model/time-zone.ts'

describe('figures', () => {
  test('have prefixes where their unit takes them', () => {
    expect(quantityText(1234, 'bit/s')).toBe('1.23 kbit/s')
    expect(quantityText(0, 'bit/s')).toBe('0 bit/s')
    expect(quantityText(2.5e12, 'octets')).toBe('2.5 TB')
    expect(quantityText(64_512, 'ports')).toBe('64\u202F512 ports')
    expect(quantityText(0.034_567, '')).toBe('0.0346')
    expect(bytesText('12345678901234567890')).toBe('12.3 EB')
    expect(countText('9007199254740993')).toBe('9\u202f007\u202f199\u202f254\u202f740\u202f993')
  })

  test('an axis begins at 0, holds every value, and has few marks', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e18, noNaN: true }), (highest) => {
        const ticks = ticksTo(highest)
        expect(ticks[0]).toBe(0)
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(highest * (1 - 1e-6))
        expect(ticks.length).toBeLessThanOrEqual(6)
      })
    )
    expect(ticksTo(0)).toEqual([0, 1])
  })

  test('an axis of time has at most eight marks, within it, at round times', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4e12 }),
        fc.integer({ min: 60_000, max: 4e11 }),
        (from, length) => {
          const marks = timeTicks(from, from + length)
          expect(marks.length).toBeLessThanOrEqual(8)
          for (const { ms } of marks) {
            expect(ms).toBeGreaterThanOrEqual(from)
            expect(ms).toBeLessThanOrEqual(from + length)
            expect(ms % 60_000).toBe(0)
          }
        }
      )
    )
  })
})

describe('times', () => {
  test('in UTC, and in a zone where that says more', () => {
    expect(utcText('2026-03-01T12:00:00.000Z')).toBe('2026-03-01 12:00:00')
    expect(utcText('2026-03-01T12:00:00.250Z')).toBe('2026-03-01 12:00:00.250')
    const berlin = parseZone('Europe/Berlin')
    expect(zonedText('2026-07-01T12:00:00.000Z', berlin)).toBe('2026-07-01 14:00:00 +02:00')
    expect(zonedText('2026-10-25T00:30:00.000Z', berlin)).toBe('2026-10-25 02:30:00 +02:00')
    expect(zonedText('2026-10-25T01:30:00.000Z', berlin)).toBe('2026-10-25 02:30:00 +01:00')
    expect(zonedText('2026-03-01T12:00:00Z', parseZone('-03:30'))).toBe(
      '2026-03-01 08:30:00 -03:30'
    )
    expect(zonedText('2026-03-01T12:00:00Z', parseZone('UTC'))).toBeUndefined()
    expect(zonedText('2026-03-01T12:00:00Z', undefined)).toBeUndefined()
  })

  test('lengths of time', () => {
    const texts = [0.002, 1, 90, 3579, 3600, 3660, 90_000].map(durationText)
    expect(texts).toEqual(['2 ms', '1 s', '90 s', '1 h', '1 h', '1 h 1 min', '1 d 1 h'])
  })
})

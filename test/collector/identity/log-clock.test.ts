import { describe, expect, test } from 'vitest'
import { LogClock } from '../../../collector/identity/log-clock.ts'
import type { ReaderOptions } from '../../../collector/identity/reader.ts'
import { parseZone } from '../../../model/time-zone.ts'

const berlin = parseZone('Europe/Berlin')
const day = (text: string): number => Date.parse(`${text}T12:00:00Z`) * 1000

function clockOf(options: Partial<ReaderOptions> = {}): LogClock {
  return new LogClock({ name: 'log', zone: berlin, nowUs: () => day('2026-11-20'), ...options })
}

function readings(clock: LogClock, texts: readonly string[]): string[] {
  return texts.map((text) => {
    const reason = clock.read(text, 0)
    if (reason !== undefined) return reason
    const at = new Date(clock.firstUs / 1000).toISOString().slice(0, 19)
    return `${at}${clock.isFold ? ' twice' : ''}${clock.weak ? ' weak' : ''}`
  })
}

test('forms of a time; one that names its zone needs no other', () => {
  const forms = [
    'Nov 20 12:30:00 gw x',
    'Fri Nov 20 12:30:00 2026 x',
    '2026-11-20T12:30:00.123456+01:00 gw',
    '2026-11-20 11:30:00 UTC gw',
    '2026-11-20 12:30:00 CET gw',
    '20/Nov/2026:12:30:00 +0100] x',
    '1795174200.5: x',
  ]
  expect(new Set(readings(clockOf(), forms))).toEqual(new Set(['2026-11-20T11:30:00']))
  expect(readings(clockOf({ zone: undefined }), forms)).toEqual([
    'zone-missing',
    'zone-missing',
    '2026-11-20T11:30:00',
    '2026-11-20T11:30:00',
    'zone-missing',
    '2026-11-20T11:30:00',
    '2026-11-20T11:30:00',
  ])
})

test('what is no time, and times that never were', () => {
  const texts = [
    '',
    'x',
    'Nov 31 12:00:00',
    'Nov 20 25:00:00',
    '2026-02-29 12:00:00',
    '12345',
    'Nov 20',
  ]
  expect(readings(clockOf(), texts)).toEqual([
    'time-missing',
    'time-missing',
    'time-invalid',
    'time-invalid',
    'time-invalid',
    'time-missing',
    'time-missing',
  ])
  expect(readings(clockOf(), ['2026-03-29 02:30:00', '2026-10-25 02:30:00'])).toEqual([
    'time-impossible',
    '2026-10-25T00:30:00 twice',
  ])
})

describe('the year of lines that have none', () => {
  test('what is followed stands in the year of the clock, also around its turn', () => {
    const clock = clockOf({ nowUs: () => Date.UTC(2027, 0, 1, 0, 0, 5) * 1000 })
    expect(readings(clock, ['Dec 31 23:59:59', 'Jan  1 01:00:01', 'Dec 31 23:59:58'])).toEqual([
      '2026-12-31T22:59:59',
      '2027-01-01T00:00:01',
      '2026-12-31T22:59:58',
    ])
  })

  test('a file is read through the turn of a year, and is sure of it only near its end', () => {
    const clock = clockOf({ writtenUs: day('2026-02-10') })
    expect(
      readings(clock, ['Dec 30 12:00:00', 'Jan  2 12:00:00', 'Dec 31 23:59:59', 'Feb 10 12:00:00'])
    ).toEqual([
      '2025-12-30T11:00:00 weak',
      '2026-01-02T11:00:00 weak',
      '2025-12-31T22:59:59 weak',
      '2026-02-10T11:00:00',
    ])
  })

  test('the year may be given; what then lies beyond the writing of the file is refused', () => {
    const clock = clockOf({ writtenUs: day('2026-02-10'), year: 2024 })
    expect(readings(clock, ['Dec 30 12:00:00', 'Jan  2 12:00:00'])).toEqual([
      '2024-12-30T11:00:00',
      '2025-01-02T11:00:00',
    ])
    const late = clockOf({ writtenUs: day('2026-02-10'), year: 2026 })
    expect(readings(late, ['Dec 30 12:00:00'])).toEqual(['time-in-future'])
  })
})

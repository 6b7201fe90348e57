import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FlowledgerError } from '../../model/errors.ts'
import { formatInstant, parseInstant } from '../../model/time.ts'

const nowUs = Date.UTC(2026, 2, 1, 12, 0, 0) * 1000
const minute = 60_000_000
const second = 1_000_000

function failure(text: string, tz?: string): FlowledgerError {
  try {
    parseInstant(text, { tz, nowUs })
  } catch (error) {
    if (error instanceof FlowledgerError) return error
    throw error
  }
  throw new Error(`"${text}" was read`)
}

const readable: [text: string, tz: string | undefined, utc: string, precisionUs: number][] = [
  ['2026-03-01T12:30:00Z', undefined, '2026-03-01T12:30:00.000Z', second],
  ['2026-03-01t12:30:00z', undefined, '2026-03-01T12:30:00.000Z', second],
  ['  2026-03-01 12:30:00 UTC ', undefined, '2026-03-01T12:30:00.000Z', second],
  ['2026-03-01 12:30 GMT', undefined, '2026-03-01T12:30:00.000Z', minute],
  ['2026-03-01T12:30:00+02:00', undefined, '2026-03-01T10:30:00.000Z', second],
  ['2026-03-01T12:30:00-0330', undefined, '2026-03-01T16:00:00.000Z', second],
  ['2026-03-01T12:30+05:45', undefined, '2026-03-01T06:45:00.000Z', minute],
  ['2026-03-01 12:30:00 +01', undefined, '2026-03-01T11:30:00.000Z', second],
  ['2026-03-01T12:30:00-00:00', undefined, '2026-03-01T12:30:00.000Z', second],
  ['20260301T123000Z', undefined, '2026-03-01T12:30:00.000Z', second],
  ['2026-03-01T12:30:00.5Z', undefined, '2026-03-01T12:30:00.500Z', 100_000],
  ['2026-03-01T12:30:00,250Z', undefined, '2026-03-01T12:30:00.250Z', 1000],
  ['2026-03-01T12:30:00.000001Z', undefined, '2026-03-01T12:30:00.000001Z', 1],
  ['2026-03-01T12:30:00.123456789Z', undefined, '2026-03-01T12:30:00.123456Z', 1],
  ['631152000', undefined, '1990-01-01T00:00:00.000Z', second],
  ['1772368200', undefined, '2026-03-01T12:30:00.000Z', second],
  ['1772368200.25', undefined, '2026-03-01T12:30:00.250Z', 10_000],
  ['1772368200123', undefined, '2026-03-01T12:30:00.123Z', 1000],
  ['1772368200123456', undefined, '2026-03-01T12:30:00.123456Z', 1],
  ['now', undefined, '2026-03-01T12:00:00.000Z', second],
  ['-90s', undefined, '2026-03-01T11:58:30.000Z', second],
  ['-15m', undefined, '2026-03-01T11:45:00.000Z', minute],
  ['-2h', undefined, '2026-03-01T10:00:00.000Z', minute],
  ['-1d', undefined, '2026-02-28T12:00:00.000Z', minute],
  ['2026-03-01T12:30:00', 'Europe/Berlin', '2026-03-01T11:30:00.000Z', second],
  ['2026-07-01T12:30:00', 'Europe/Berlin', '2026-07-01T10:30:00.000Z', second],
  ['2026-07-01 12:30', 'Asia/Kathmandu', '2026-07-01T06:45:00.000Z', minute],
  ['2026-07-01T12:30:00', '+02:00', '2026-07-01T10:30:00.000Z', second],
  ['2026-07-01T12:30:00', 'UTC', '2026-07-01T12:30:00.000Z', second],
  ['2026-07-01T12:30:00Z', 'Europe/Berlin', '2026-07-01T12:30:00.000Z', second],
  ['2024-02-29T00:00:00Z', undefined, '2024-02-29T00:00:00.000Z', second],
  ['2000-02-29T00:00:00Z', undefined, '2000-02-29T00:00:00.000Z', second],
  ['2100-12-31T23:59:59Z', undefined, '2100-12-31T23:59:59.000Z', second],
  ['2016-12-31T23:59:60Z', undefined, '2017-01-01T00:00:00.000Z', second],
  ['2017-01-01T00:59:60.5+01:00', undefined, '2017-01-01T00:00:00.000Z', second],
  ['2026-10-25T01:59:59', 'Europe/Berlin', '2026-10-24T23:59:59.000Z', second],
  ['2026-10-25T03:00:00', 'Europe/Berlin', '2026-10-25T02:00:00.000Z', second],
  ['2026-03-29T03:00:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z', second],
]

describe('parseInstant', () => {
  test.each(readable)('%s (%s) is %s', (text, tz, utc, precisionUs) => {
    const instant = parseInstant(text, { tz, nowUs })
    expect(instant.text).toBe(utc)
    expect(formatInstant(instant.atUs)).toBe(utc)
    expect(instant.precisionUs).toBe(precisionUs)
    expect(instant.zone).not.toBe('')
  })

  test.each([
    '',
    'yesterday',
    '2026-03-01',
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-04-00T00:00:00Z',
    '2026-04-01T25:00:00Z',
    '2026-04-01T24:00:00Z',
    '2026-04-01T12:60:00Z',
    '2026-04-01T12:00:61Z',
    '2026-04-01T12:00:60Z',
    '2026-12-31T23:59:60Z',
    '2016-12-31T23:59:60+01:00',
    '2026-04-01T12:00:00+15:00',
    '2026-04-01T12:00:00-06000',
    '2026-4-1T12:00:00Z',
    '26-04-01T12:00:00Z',
    '2026-04-01T12Z',
    '1989-12-31T23:59:59Z',
    '2101-01-01T00:00:00Z',
    '9999999999999999999',
    '12345678901',
    '-5y',
    '-99999999d',
    '+2h',
    '2026-04-01T12:00:00 CET',
    '2026-04-01T12:00:00 IST',
    '2026-04-01T12:00:00 Europe/Berlin',
    `2026-04-01T12:00:00${' '.repeat(80)}x`,
  ])('refuses %j', (text) => {
    const error = failure(text)
    expect(error.code).toBe('time-invalid')
    expect(error.exitCode).toBe(2)
  })

  test.each(['CET', 'IST', 'EST5EDT', 'Europe/Nowhere', 'Berlin', '../../etc/passwd', '+25:00'])(
    'refuses the zone %s',
    (tz) => expect(failure('2026-04-01T12:00:00', tz).code).toBe('time-invalid')
  )

  test('a time without a zone is never guessed', () => {
    const error = failure('2026-04-01T12:00:00')
    expect(error.code).toBe('time-zone-missing')
    expect(error.sentence).toContain('Europe/Berlin')
  })

  test('a plus that a URL turned into a space is explained', () => {
    expect(failure('2026-04-01T12:00:00 02:00').sentence).toContain('%2B')
  })

  test.each([
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z'],
    [
      '2026-11-01 01:59:59',
      'America/New_York',
      '2026-11-01T05:59:59.000Z',
      '2026-11-01T06:59:59.000Z',
    ],
    [
      '2026-04-05T01:45',
      'Australia/Lord_Howe',
      '2026-04-04T14:45:00.000Z',
      '2026-04-04T15:15:00.000Z',
    ],
  ])('%s in %s was twice', (text, tz, first, later) => {
    const error = failure(text, tz)
    expect(error.code).toBe('time-ambiguous')
    expect(error.details['instants']).toEqual([first, later])
    expect(error.message).toContain(first)
    expect(error.message).toContain(later)
  })

  test.each([
    ['2026-03-29T02:30', 'Europe/Berlin'],
    ['2026-03-08T02:00:00', 'America/New_York'],
    ['2011-12-30T12:00:00', 'Pacific/Apia'],
  ])('%s in %s never was', (text, tz) => {
    const error = failure(text, tz)
    expect(error.code).toBe('time-invalid')
    expect(error.message).toContain('never was')
  })
})

const instants = fc.integer({
  min: Date.UTC(1990, 0, 1) * 1000,
  max: Date.UTC(2100, 11, 31) * 1000,
})

test('every instant comes back from its text and from its count', () => {
  fc.assert(
    fc.property(instants, (us) => {
      expect(parseInstant(formatInstant(us), { nowUs }).atUs).toBe(us)
      if (String(us).length >= 15) expect(parseInstant(String(us), { nowUs }).atUs).toBe(us)
    })
  )
})

const wall = (us: number, timeZone: string): string =>
  new Date(us / 1000).toLocaleString('sv-SE', { timeZone })

test('a wall time in a zone is the instant whose wall time it is, or is said to be two', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe']
  fc.assert(
    fc.property(instants, fc.constantFrom(...zones), (us, tz) => {
      const whole = Math.floor(us / second) * second
      const text = wall(whole, tz)
      try {
        expect(parseInstant(text, { tz, nowUs }).atUs).toBe(whole)
      } catch (error) {
        if (!(error instanceof FlowledgerError)) throw error
        expect(error.code).toBe('time-ambiguous')
        expect(error.details['instants']).toContain(formatInstant(whole))
      }
    })
  )
})

test('no text crashes the parser', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 80 }),
      fc.option(fc.string({ maxLength: 70 })),
      (text, tz) => {
        try {
          parseInstant(text, { tz: tz ?? undefined, nowUs })
        } catch (error) {
          expect(error).toBeInstanceOf(FlowledgerError)
        }
      }
    )
  )
})

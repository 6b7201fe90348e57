import { FlowledgerError } from './errors.ts'
import { formatOffset, instantInZone, parseOffset, parseZone } from './time-zone.ts'
import type { WallTime, Zone } from './time-zone.ts'

/**
 * Instants are microseconds since 1970 (UTC, without leap seconds) as a number: exact to the year
 * 2255. Texts that people and letters give are read strictly: what could mean two instants is
 * refused with a sentence that says what to write instead.
 */

/** A time as it was given, and what was understood. */
export interface Instant {
  /** Microseconds since 1970. */
  readonly atUs: number
  /** How exactly it was given, in microseconds: 1e6 for whole seconds, 60e6 for whole minutes. */
  readonly precisionUs: number
  /** The instant as {@link formatInstant} writes it. */
  readonly text: string
  /** How the zone was decided, as a clause for people. */
  readonly zone: string
}

/** What a time may need beside its text. */
export interface InstantOptions {
  /** Zone of a time that names none: an IANA name or an offset. */
  readonly tz?: string | undefined
  /** What `now` and relative times count from, in microseconds since 1970. */
  readonly nowUs: number
}

const secondUs = 1e6
const minuteUs = 60e6
const oldestUs = Date.UTC(1990, 0, 1) * 1000
const newestUs = Date.UTC(2101, 0, 1) * 1000

/**
 * The days since 1990 that ended in 23:59:60 UTC (IERS Bulletin C). Such a second is taken as the
 * start of the next day, as POSIX clocks count it; any other `:60` is an error.
 */
const leapSecondDays: ReadonlySet<string> = new Set(
  (
    '1990-12-31 1992-06-30 1993-06-30 1994-06-30 1995-12-31 1997-06-30 ' +
    '1998-12-31 2005-12-31 2008-12-31 2012-06-30 2015-06-30 2016-12-31'
  ).split(' ')
)

const forms = 'Write 2026-03-01T12:30:00Z, 2026-03-01 12:30:00+01:00, seconds since 1970, or -2h.'

function invalid(text: string, why: string, fix = forms): FlowledgerError {
  return new FlowledgerError('time-invalid', `"${text.slice(0, 64)}" ${why}`, { fix })
}

/** RFC 3339 in UTC: milliseconds always, microseconds where there are any. */
export function formatInstant(us: number): string {
  const ms = Math.floor(us / 1000)
  const rest = Math.floor(us - ms * 1000)
  const text = new Date(ms).toISOString()
  return rest === 0 ? text : `${text.slice(0, -1)}${String(rest).padStart(3, '0')}Z`
}

function instant(text: string, atUs: number, precisionUs: number, zone: string): Instant {
  if (atUs < oldestUs || atUs >= newestUs) {
    throw invalid(text, 'lies outside the years 1990 to 2100.', 'Check the year and the unit.')
  }
  return { atUs, precisionUs, text: formatInstant(atUs), zone }
}

const relativeUnits: Readonly<Record<string, readonly [us: number, precisionUs: number]>> = {
  s: [secondUs, secondUs],
  m: [minuteUs, minuteUs],
  h: [60 * minuteUs, minuteUs],
  d: [1440 * minuteUs, minuteUs],
}

/** `now`, `-90s`, `-15m`, `-2h`, `-1d`. */
function relative(text: string, nowUs: number): Instant | undefined {
  if (text === 'now') return instant(text, nowUs, secondUs, 'the clock of this machine')
  const match = /^-(\d{1,9})([smhd])$/.exec(text)
  const unit = relativeUnits[match?.[2] ?? '']
  if (match === null || unit === undefined) return undefined
  return instant(text, nowUs - Number(match[1]) * unit[0], unit[1], 'the clock of this machine')
}

/** The digits after a decimal point as microseconds, and what precision they state. */
function fraction(digits: string | undefined): { us: number; precisionUs: number } {
  if (digits === undefined) return { us: 0, precisionUs: secondUs }
  return {
    us: Number(digits.slice(0, 6).padEnd(6, '0')),
    precisionUs: 10 ** Math.max(0, 6 - digits.length),
  }
}

/** Seconds, milliseconds or microseconds since 1970, told apart by how many digits there are. */
function sinceEpoch(text: string): Instant | undefined {
  const match = /^(\d{1,19})(?:\.(\d{1,9}))?$/.exec(text)
  if (match === null) return undefined
  const [, whole = '', decimals] = match
  const zone = 'since 1970, in UTC'
  if (whole.length === 9 || whole.length === 10) {
    const { us, precisionUs } = fraction(decimals)
    return instant(text, Number(whole) * secondUs + us, precisionUs, `seconds ${zone}`)
  }
  if (decimals === undefined && (whole.length === 12 || whole.length === 13)) {
    return instant(text, Number(whole) * 1000, 1000, `milliseconds ${zone}`)
  }
  if (decimals === undefined && (whole.length === 15 || whole.length === 16)) {
    return instant(text, Number(whole), 1, `microseconds ${zone}`)
  }
  throw invalid(
    text,
    'is no count since 1970: 9 or 10 digits are seconds, 12 or 13 milliseconds, ' +
      '15 or 16 microseconds.'
  )
}

const date = String.raw`(\d{4})-(\d{2})-(\d{2})`
const clock = String.raw`(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?`
const wallForm = new RegExp(`^${date}(?:[Tt]| +)${clock} ?(.*)$`)
const basicForm = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(?=$|[Zz+-])/

function checkRanges(text: string, wall: WallTime): void {
  const { year, month, day, hour, minute, second } = wall
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate()
  if (month < 1 || month > 12) throw invalid(text, `has no month: there is no month ${month}.`)
  if (day < 1 || day > days) {
    throw invalid(text, `is no date: that month has ${days} days.`, 'Check day and month.')
  }
  if (hour > 23 || minute > 59 || second > 60) {
    throw invalid(text, 'is no time of day: it goes from 00:00:00 to 23:59:59.', 'Check the time.')
  }
}

/** The zone of a wall time: the one in the text, else the one given beside it; never a guess. */
function zoneOf(text: string, tail: string, tz: string | undefined): { zone: Zone; given: string } {
  const own = parseOffset(tail)
  if (own !== undefined) return { zone: own, given: 'in the time itself' }
  if (/^\d{2}:?\d{2}$/.test(tail)) {
    const fix = 'In a URL, + means a space: write %2B, or give the time in UTC.'
    throw invalid(text, 'has an offset without its sign.', fix)
  }
  if (tail !== '') {
    const fix =
      'Only Z, UTC, GMT and offsets such as +02:00 are sure; ' +
      'a zone by name goes beside the time (tz).'
    throw invalid(text, `ends in "${tail.slice(0, 30)}", which is no sure time zone.`, fix)
  }
  if (tz === undefined) {
    throw new FlowledgerError('time-zone-missing', `"${text}" does not say in which time zone.`, {
      fix: 'Add Z or an offset such as +02:00, or give the zone (tz), such as Europe/Berlin.',
    })
  }
  return { zone: parseZone(tz), given: 'given beside the time' }
}

/** The instant of a wall time, with 23:59:60 only where the day had it. */
function resolve(text: string, wall: WallTime, zone: Zone): { atUs: number; offset: number } {
  if (wall.second < 60) return instantInZone(wall, zone)
  const before = instantInZone({ ...wall, second: 59, us: 0 }, zone)
  const utc = formatInstant(before.atUs)
  if (!utc.endsWith('T23:59:59.000Z') || !leapSecondDays.has(utc.slice(0, 10))) {
    throw invalid(
      text,
      'is no leap second: the second 60 was not inserted then.',
      'Check the time.'
    )
  }
  return { atUs: before.atUs + secondUs, offset: before.offset }
}

/** RFC 3339 and ISO 8601 (extended form, and the basic form with seconds). */
function wallTime(text: string, tz: string | undefined): Instant {
  const match = wallForm.exec(text.replace(basicForm, '$1-$2-$3T$4:$5:$6'))
  if (match === null) {
    const why = /^\d{4}-\d{2}-\d{2}$/.test(text)
      ? 'names a whole day: too wide for a look-up.'
      : 'is no time that can be read.'
    throw invalid(text, why)
  }
  const [year, month, day, hour, minute, second] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  const { us, precisionUs } = fraction(match[7])
  const wall = { year, month, day, hour, minute, second, us } as WallTime
  checkRanges(text, wall)
  const { zone, given } = zoneOf(text, match[8] ?? '', tz)
  const { atUs, offset } = resolve(text, wall, zone)
  const precision = match[6] === undefined ? minuteUs : wall.second === 60 ? secondUs : precisionUs
  const named = zone.kind === 'name' ? `${zone.name} (${formatOffset(offset)} then)` : zone.text
  return instant(text, atUs, precision, `${named}, ${given}`)
}

/**
 * Reads a time: RFC 3339 or ISO 8601 (a space may stand for the T, fractions down to microseconds),
 * a count since 1970, `now`, or a relative time such as `-2h`.
 *
 * @param given the text; white space around it is passed over
 * @throws FlowledgerError `time-invalid`; `time-zone-missing` where it names no zone and `tz` is
 *   left out; `time-ambiguous` where the zone had it twice
 */
export function parseInstant(given: string, { tz, nowUs }: InstantOptions): Instant {
  const text = given.trim()
  if (text.length === 0 || text.length > 64) throw invalid(text, 'is no time.')
  return relative(text, nowUs) ?? sinceEpoch(text) ?? wallTime(text, tz)
}

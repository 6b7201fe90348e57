import { Temporal } from 'temporal-polyfill'
import { FlowledgerError } from './errors.ts'

/**
 * From a time on somebody's wall to an instant. Nothing is guessed: a time that a zone had twice,
 * or never, is an error that says so.
 */

/**
 * A date and a time of day as on a wall, in no zone; `us` counts the microseconds of the second.
 */
export interface WallTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly us: number
}

/** A zone as it was given: a fixed offset, or a name of the IANA time zone database. */
export type Zone =
  | { readonly kind: 'offset'; readonly minutes: number; readonly text: string }
  | { readonly kind: 'name'; readonly name: string }

/** `+02:00`; minutes east of UTC. */
export function formatOffset(minutes: number): string {
  const [sign, size] = minutes < 0 ? ['-', -minutes] : ['+', minutes]
  const hours = String(Math.floor(size / 60)).padStart(2, '0')
  return `${sign}${hours}:${String(size % 60).padStart(2, '0')}`
}

/** RFC 3339's `Z` and `±hh:mm`, ISO 8601's `±hhmm` and `±hh`, and two names that mean UTC. */
export function parseOffset(text: string): Zone | undefined {
  if (/^(?:z|utc|gmt)$/i.test(text)) return { kind: 'offset', minutes: 0, text: 'UTC' }
  const match = /^([+-])(\d{2})(?::?(\d{2}))?$/.exec(text)
  if (match === null) return undefined
  const [hours, minutes] = [Number(match[2]), Number(match[3] ?? 0)]
  if (hours > 14 || minutes > 59) return undefined
  const east = (match[1] === '-' ? -1 : 1) * (60 * hours + minutes)
  return { kind: 'offset', minutes: east, text: formatOffset(east) }
}

/** Names that were found to exist: to ask takes longer than all else that is done with one. */
const existing = new Set<string>()
const mostExisting = 1000

function zoneExists(name: string): boolean {
  if (existing.has(name)) return true
  try {
    if (Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone === '')
      return false
    if (existing.size < mostExisting) existing.add(name)
    return true
  } catch {
    return false
  }
}

/**
 * Reads the zone that was given beside a time. Abbreviations are refused, also the few (CET, EST)
 * that are names of the database: IST is India, Ireland or Israel, and CET in a July letter is
 * seldom CET.
 *
 * @throws FlowledgerError `time-invalid`
 */
export function parseZone(text: string): Zone {
  const offset = parseOffset(text)
  if (offset !== undefined) return offset
  const named = text.length <= 60 && /^[A-Za-z0-9_+-]+(?:\/[A-Za-z0-9_+-]+)+$/.test(text)
  if (named && zoneExists(text)) return { kind: 'name', name: text }
  throw new FlowledgerError('time-invalid', `"${text.slice(0, 60)}" is no time zone.`, {
    fix:
      'Write a name such as Europe/Berlin, an offset such as +02:00, or UTC; ' +
      'an abbreviation can mean several zones.',
  })
}

/** Microseconds since 1970 of a wall time in UTC. */
export function utcInstant(wall: WallTime): number {
  const { year, month, day, hour, minute, second, us } = wall
  return Date.UTC(year, month - 1, day, hour, minute, second) * 1000 + us
}

const utcText = (us: number): string => new Date(Math.floor(us / 1000)).toISOString()

/** What was worked out of named zones, by wall time: a text often says one time several times. */
const known = new Map<string, { readonly atUs: number; readonly offset: number }>()
const mostKnown = 4096

/**
 * The instant at which a zone's clocks showed a wall time.
 *
 * @returns microseconds since 1970, and the offset that held then, in minutes east of UTC
 * @throws FlowledgerError `time-ambiguous` where they showed it twice, with both instants in
 *   `details.instants` (RFC 3339); `time-invalid` where they never did
 */
export function instantInZone(wall: WallTime, zone: Zone): { atUs: number; offset: number } {
  if (zone.kind === 'offset') {
    return { atUs: utcInstant(wall) - zone.minutes * 60e6, offset: zone.minutes }
  }
  const { us, ...fields } = wall
  const { year, month, day, hour, minute, second: seconds } = fields
  const key = `${zone.name} ${year}-${month}-${day} ${hour}:${minute}:${seconds}`
  const before = known.get(key)
  if (before !== undefined) return { atUs: before.atUs + us, offset: before.offset }
  const local = Temporal.PlainDateTime.from(fields)
  const earlier = local.toZonedDateTime(zone.name, { disambiguation: 'earlier' })
  const later = local.toZonedDateTime(zone.name, { disambiguation: 'later' })
  const shown = `${local.toString().replace('T', ' ')} in ${zone.name}`
  if (!earlier.toPlainDateTime().equals(local)) {
    throw new FlowledgerError('time-invalid', `${shown} never was: the clocks were set forward.`, {
      fix: 'Check the time, or give it in UTC.',
    })
  }
  const [first, second] = [earlier, later].map((time) => time.epochMilliseconds * 1000 + us) as [
    number,
    number,
  ]
  if (first !== second) {
    const instants = [utcText(first), utcText(second)]
    throw new FlowledgerError(
      'time-ambiguous',
      `${shown} was twice: ${instants.join(' and ')}, since the clocks were set back.`,
      { fix: 'Ask again with one of these two instants.', details: { instants } }
    )
  }
  const offset = Math.round(earlier.offsetNanoseconds / 60e9)
  if (known.size >= mostKnown) known.clear()
  known.set(key, { atUs: first - us, offset })
  return { atUs: first, offset }
}

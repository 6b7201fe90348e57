import { FlowledgerError } from '../../model/errors.ts'
import { formatInstant, parseInstant } from '../../model/time.ts'
import { formatOffset, instantInZone } from '../../model/time-zone.ts'
import type { WallTime, Zone } from '../../model/time-zone.ts'
import { maxInstants } from './limits.ts'
import { clockOffsets, utcZone } from './clock-offsets.ts'
import { findMoments, weekdayContradicts } from './moments.ts'
import type { Day, Moment } from './moments.ts'
import type { NoticeTime, TimeContext } from './types.ts'
import type { ZoneMeaning } from './zone-names.ts'
import { readZoneTail } from './zone-tail.ts'
import type { ZoneToken } from './zone-tail.ts'

/**
 * From the text of a time to the instants that it can mean. Nothing is guessed: an offset in the
 * text decides, then UTC, then an abbreviation with one meaning, then what is known of the sender;
 * where nothing decides there are several instants. What is impossible has none: it is never "now".
 */

const oldestUs = Date.UTC(1990, 0, 1) * 1000
const newestUs = Date.UTC(2101, 0, 1) * 1000
/** Instants with the doubts and refusals that came up on the way. */
interface Reading {
  readonly instants: readonly number[]
  readonly doubts: readonly string[]
  readonly zone: string
}

const nothing: Reading = { instants: [], doubts: [], zone: 'none' }

const union = (...lists: readonly (readonly number[])[]): number[] =>
  [...new Set(lists.flat())].sort((a, b) => a - b)

/** The instants of a wall time in a zone: one, two where clocks were set back, or none. */
function inZone(wall: WallTime, zone: Zone): { instants: number[]; doubts: string[] } {
  try {
    return { instants: [instantInZone(wall, zone).atUs], doubts: [] }
  } catch (error) {
    if (!(error instanceof FlowledgerError)) throw error
    const { instants } = error.details
    if (!Array.isArray(instants)) return { instants: [], doubts: [error.message] }
    const both = instants.map((text) => Date.parse(String(text)) * 1000 + wall.us)
    return { instants: both, doubts: [error.message] }
  }
}

const fixed = (minutes: number): Zone => ({ kind: 'offset', minutes, text: formatOffset(minutes) })

/** One meaning of a name, with the other one that a careless writer may have had in mind. */
function byMeaning(wall: WallTime, meaning: ZoneMeaning): { instants: number[]; doubts: string[] } {
  const { minutes, region } = meaning
  const local = region === undefined ? undefined : inZone(wall, { kind: 'name', name: region })
  if (minutes === undefined) return local ?? { instants: [], doubts: [] }
  const { instants } = inZone(wall, fixed(minutes))
  const other = (local?.instants ?? []).filter((us) => !instants.includes(us))
  // In an hour that is there twice the abbreviation is what tells which.
  if (other.length === 0 || (local?.instants ?? []).some((us) => instants.includes(us))) {
    return { instants, doubts: [] }
  }
  const doubt = `The clocks of ${region} showed another offset than ${formatOffset(minutes)} then.`
  return { instants: union(instants, other), doubts: [doubt] }
}

function byToken(wall: WallTime, token: ZoneToken): Reading {
  const parts = token.meanings.map((meaning) => byMeaning(wall, meaning))
  const instants = union(...parts.map((part) => part.instants))
  const doubts = parts.flatMap((part) => part.doubts)
  if (token.meanings.length > 1) doubts.push(`"${token.text}" can mean several time zones.`)
  if (!token.sure) doubts.push(`"${token.text}" is not written as any offset is.`)
  return { instants, doubts, zone: `"${token.text}", in the time itself` }
}

/** Several zones behind one time: they must agree, and together they may leave one instant. */
function byTokens(wall: WallTime, tokens: readonly ZoneToken[]): Reading {
  const readings = tokens.map((token) => byToken(wall, token))
  const [first = nothing, ...rest] = readings
  return rest.reduce((so, reading) => {
    const common = so.instants.filter((us) => reading.instants.includes(us))
    const zone = `${so.zone} and ${reading.zone}`
    if (common.length > 0) {
      const doubts = common.length === 1 ? [] : [...so.doubts, ...reading.doubts]
      return { instants: common, doubts, zone }
    }
    const doubt = 'The zones that the time names contradict each other.'
    const instants = union(so.instants, reading.instants)
    return { instants, doubts: [...so.doubts, ...reading.doubts, doubt], zone }
  }, first)
}

const zoneName = (zone: Zone): string => (zone.kind === 'name' ? zone.name : zone.text)

/** A wall time whose text names no zone; where nothing tells of one, any may be it. */
function naive(wall: WallTime, stated: readonly ZoneToken[], context: TimeContext): Reading {
  if (stated.length > 0) return byTokens(wall, stated)
  const { askedZone, profileZone, siteZone, senderZone } = context
  const known = askedZone ?? profileZone
  if (known !== undefined) {
    const whose = askedZone === undefined ? "the sender's profile" : 'given beside the notice'
    return { ...inZone(wall, known), zone: `${zoneName(known)}, ${whose}` }
  }
  const zones = [utcZone, siteZone, senderZone].filter((zone) => zone !== undefined)
  const anywhere = siteZone === undefined && senderZone === undefined ? clockOffsets : []
  const parts = [...zones, ...anywhere].map((zone) => inZone(wall, zone))
  const names = [...new Set(zones.map(zoneName))].join(', ')
  const others = anywhere.length === 0 ? '' : ' and for each offset from -12:00 to +14:00 in use'
  const doubt = `The time names no zone; it is shown for ${names}${others}.`
  const doubts = [doubt, ...parts.flatMap((part) => part.doubts)]
  return { instants: union(...parts.map((part) => part.instants)), doubts, zone: 'not told' }
}

/** Of several meanings the one that the sender's profile knows, where it is among them. */
function byProfile(reading: Reading, wall: WallTime, context: TimeContext): Reading {
  const known = context.askedZone ?? context.profileZone
  if (known === undefined || reading.instants.length < 2) return reading
  const local = inZone(wall, known).instants
  const [only, ...more] = reading.instants.filter((us) => local.includes(us))
  if (only === undefined || more.length > 0) return reading
  const zone = `${reading.zone}, which ${zoneName(known)} tells apart`
  return { instants: [only], doubts: [], zone }
}

/** The leap seconds are in model/time.ts: what it refuses in UTC is refused here. */
function leapSecond(wall: WallTime): WallTime | undefined {
  if (wall.second < 60) return wall
  const { year, month, day, hour, minute } = wall
  const text = new Date(Date.UTC(year, month - 1, day, hour, minute)).toISOString()
  try {
    parseInstant(`${text.slice(0, 16)}:60Z`, { nowUs: 0 })
  } catch {
    return undefined
  }
  return { ...wall, second: 59, us: 999_999 }
}

/** Years of a date that names none: the last one that is not after the mail. */
function withYear(day: Day, { sentUs }: TimeContext): { days: Required<Day>[]; doubt?: string } {
  if (day.year !== undefined) return { days: [{ ...day, year: day.year }] }
  const doubt = 'The date names no year.'
  if (sentUs === undefined) return { days: [], doubt }
  const sent = new Date(sentUs / 1000 + 86_400_000)
  const later = Date.UTC(sent.getUTCFullYear(), day.month - 1, day.day) > sent.getTime()
  const year = sent.getUTCFullYear() - (later ? 1 : 0)
  return { days: [{ ...day, year }], doubt: `${doubt} The mail's own date suggests ${year}.` }
}

function ordered(
  moment: Moment,
  { dateOrder }: TimeContext
): { days: readonly Day[]; by?: string } {
  if (!moment.orderOpen) return { days: moment.days }
  if (dateOrder === undefined) {
    return { days: moment.days, by: 'The date can be day/month or month/day.' }
  }
  return { days: moment.days.slice(dateOrder === 'dmy' ? 0 : 1, dateOrder === 'dmy' ? 1 : 2) }
}

function refusal(moment: Moment): string | undefined {
  if (moment.hasDate && moment.days.length === 0) return 'There is no such date.'
  if (moment.hasClock && moment.clocks.length === 0) return 'There is no such time of day.'
  if (!moment.hasDate) return 'It is a time of day without a date.'
  if (!moment.hasClock) return 'It is a date without a time of day, and a day is no instant.'
  return undefined
}

/** The zones that stand at a moment, and where the last of them ends. */
function tokensAt(text: string, moment: Moment): { tokens: ZoneToken[]; end: number } {
  const tails = moment.zonesAt.map((at) => readZoneTail(text, at))
  const end = Math.max(
    moment.end,
    ...tails.filter(({ tokens }) => tokens.length > 0).map((t) => t.end)
  )
  return { tokens: tails.flatMap((tail) => tail.tokens), end }
}

const isRange = (moment: Moment, tokens: readonly ZoneToken[]): boolean =>
  moment.bareMinutes && tokens.some(({ text }) => /^-\d\d:\d\d$/.test(text))

function readMoment(
  text: string,
  moment: Moment,
  stated: readonly ZoneToken[],
  context: TimeContext
): NoticeTime & { start: number; end: number } {
  const { tokens, end } = tokensAt(text, moment)
  const given = text.slice(moment.start, end).replaceAll(/\s+/g, ' ')
  const place = { start: moment.start, end }
  const refused = refusal(moment)
  const base = { given, precisionUs: moment.precisionUs, ...place }
  if (refused !== undefined) {
    return { ...base, instants: [], sure: false, zone: 'none', reasons: [`"${given}": ${refused}`] }
  }
  const range = isRange(moment, tokens)
  const doubts = range ? ['What follows the time can be an offset or the end of a range.'] : []
  if (weekdayContradicts(moment)) doubts.push('The day of the week is not that of the date.')
  const { days, by } = ordered(moment, context)
  if (by !== undefined) doubts.push(by)
  const usable = tokens.filter((token) => token.meanings.length > 0)
  const broken = tokens.filter((token) => token.meanings.length === 0)
  for (const { text: odd } of broken) doubts.push(`"${odd}" is no offset that clocks are set to.`)
  const doubtful = usable.length === 0 || usable.some((token) => !token.sure) || range
  const readings: Reading[] = []
  for (const day of days) {
    const { days: dated, doubt } = withYear(day, context)
    if (doubt !== undefined) doubts.push(doubt)
    for (const date of dated) {
      for (const clock of moment.clocks) {
        const wall = leapSecond({ ...date, ...clock })
        if (wall === undefined) doubts.push('There was no leap second then.')
        else {
          if (usable.length > 0) readings.push(byProfile(byTokens(wall, usable), wall, context))
          if (doubtful) readings.push(naive(wall, stated, context))
        }
      }
    }
  }
  return { ...base, ...conclude(given, readings, doubts, context) }
}

/** What is left of the readings of one time. */
function conclude(
  given: string,
  readings: readonly Reading[],
  doubts: readonly string[],
  { nowUs }: TimeContext
): Pick<NoticeTime, 'instants' | 'sure' | 'zone' | 'reasons'> {
  const all = union(...readings.map((reading) => reading.instants))
  const instants = all.filter((us) => us >= oldestUs && us < newestUs).slice(0, maxInstants)
  const every = [...doubts, ...readings.flatMap((reading) => reading.doubts)]
  if (all.some((us) => us < oldestUs)) every.push('It lies before 1990.')
  if (all.some((us) => us > nowUs + 5e6)) every.push('It lies in the future.')
  const sure = instants.length === 1 && every.length === 0
  const reasons = [...new Set(every)].map((doubt) => `"${given}": ${doubt}`)
  return { instants, sure, zone: readings[0]?.zone ?? 'none', reasons }
}

/** A time and where it stands in its text. */
export type PlacedTime = NoticeTime & { readonly start: number; readonly end: number }

const epochForm = /^\s*(\d{10}(?:\.\d{1,9})?|\d{13}|\d{16})\s*$/

function sinceEpoch(text: string, { nowUs }: TimeContext): PlacedTime | undefined {
  if (!epochForm.test(text)) return undefined
  try {
    const { atUs, precisionUs, zone } = parseInstant(text, { nowUs })
    const read = conclude(text.trim(), [{ instants: [atUs], doubts: [], zone }], [], { nowUs })
    return { given: text.trim(), precisionUs, ...read, start: 0, end: text.length }
  } catch {
    return undefined
  }
}

/**
 * Every time in a text, in its order. Dates without a time of day, and the reverse, are listed
 * with no instant and the reason.
 *
 * @param stated zones that are said elsewhere to be those of all times, such as in a label
 */
export function findTimes(
  text: string,
  context: TimeContext,
  stated: readonly ZoneToken[] = []
): PlacedTime[] {
  const times: PlacedTime[] = []
  for (const moment of findMoments(text)) {
    // The figures of an offset look like a time of day.
    if (moment.start < (times.at(-1)?.end ?? 0)) continue
    times.push(readMoment(text, moment, stated, context))
  }
  return times
}

/** As {@link findTimes} for a field that holds a time; a count since 1970 is one too. */
export function readTimeField(
  text: string,
  context: TimeContext,
  stated: readonly ZoneToken[] = []
): PlacedTime[] {
  const counted = sinceEpoch(text, context)
  return counted === undefined ? findTimes(text, context, stated) : [counted]
}

/** Joins what a notice says several times over: the instants that all of them can mean. */
export function agree(times: readonly NoticeTime[]): NoticeTime | undefined {
  const readable = times.filter((time) => time.instants.length > 0)
  const [first, ...rest] = readable.length > 0 ? readable : times
  if (first === undefined || readable.length === 0) return first
  return rest.reduce<NoticeTime>((so, time) => {
    const common = so.instants.filter((us) => time.instants.includes(us))
    if (common.length === 0) {
      const reason = `"${so.given}" and "${time.given}" are not the same instant.`
      const instants = union(so.instants, time.instants).slice(0, maxInstants)
      return { ...so, instants, sure: false, reasons: [...so.reasons, ...time.reasons, reason] }
    }
    if (so.sure || time.sure) return so.sure ? so : time
    return { ...so, instants: common }
  }, first)
}

/** The instants as RFC 3339. */
export const instantTexts = ({ instants }: NoticeTime): string[] => instants.map(formatInstant)

/**
 * Finds dates with times of day in text, in every order and spelling that notices use, and lists
 * what each can mean. Nothing is decided here: `01/07/2022` is two dates.
 */

/** A calendar day; `year` is undefined where none is written (syslog). */
export interface Day {
  readonly year?: number
  readonly month: number
  readonly day: number
}

/** A time of day. */
export interface Clock {
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly us: number
}

/** A date, a time of day or both, as they stand in a text. */
export interface Moment {
  readonly start: number
  /** Behind the last character, the zone not included. */
  readonly end: number
  /** Empty where there is a time of day alone; several where the order of the figures is open. */
  readonly days: readonly Day[]
  /** True where the days are day-month and month-day of the same figures, in that order. */
  readonly orderOpen: boolean
  /** 0 (Sunday) to 6, where it is named. */
  readonly weekday?: number
  /** Empty where there is a date alone; several where AM and PM contradict the figures. */
  readonly clocks: readonly Clock[]
  readonly precisionUs: number
  /** Whether a date, and whether a time of day, was written at all, possible or not. */
  readonly hasDate: boolean
  readonly hasClock: boolean
  /** Where a zone may stand: behind the time of day, and behind what follows it. */
  readonly zonesAt: readonly number[]
  /** True where `-11:00` behind it may be the end of a range. */
  readonly bareMinutes: boolean
}

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const monthName =
  '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?' +
  '|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)'
const weekdays = 'sun mon tue wed thu fri sat'.split(' ')
const weekday = '(?:(?<wd>sun|mon|tue|wed|thu|fri|sat)[a-z]{0,6}\\.?,?\\s+)?'
const ordinal = '(?:st|nd|rd|th)?'
const clockText =
  '(?<h>\\d{1,2}):(?<mi>\\d{2})(?::(?<s>\\d{2})' +
  '(?:\\.(?<f>\\d{1,9})(?![\\d.])|,(?<g>\\d{3})(?![\\d.]))?)?(?![\\d:])' +
  '(?:\\s?(?<ap>[ap]\\.?m\\b\\.?))?'

const notBefore = '(?<![\\w./-]|\\d:)'
const notBehind = '(?![\\d]|[./-]\\d)'

/** The spellings of a date; the first that fits at the leftmost place counts. */
const dateForms: readonly RegExp[] = [
  // 2010-02-07, 2010/02/07, 2010.2.7; what follows may be a T and a time.
  `${notBefore}(?<y>\\d{4})(?<sep>[-/.])(?<mo>\\d{1,2})\\k<sep>(?<d>\\d{1,2})${notBehind}`,
  // 20100207T231244: basic form.
  `${notBefore}(?<y>\\d{4})(?<mo>\\d{2})(?<d>\\d{2})(?=T\\d{6})`,
  // 07 Feb 2010, 7-Feb-2010, 07/Feb/2010, Sunday, 7th of February 2010.
  `${notBefore}${weekday}(?<d>\\d{1,2})${ordinal}[ \\t./-]*(?:of\\s+)?(?<mon>${monthName})\\.?,?` +
    `[ \\t./-]*(?<y>\\d{4})(?!\\d)`,
  // Feb 7, 2010; February 27th 2021.
  `${notBefore}${weekday}(?<mon>${monthName})\\.?[ \\t-]*(?<d>\\d{1,2})${ordinal},?\\s+` +
    `(?<y>\\d{4})(?![\\d:])`,
  // 2010-Feb-07.
  `${notBefore}(?<y>\\d{4})[ /-](?<mon>${monthName})[ /-](?<d>\\d{1,2})${notBehind}`,
  // Sun Feb  7 23:12:44 UTC 2010, as ctime() and date(1) print it.
  `${notBefore}${weekday}(?<mon>${monthName})\\s+(?<d>\\d{1,2})\\s+` +
    `(?=\\d{1,2}:\\d{2}:\\d{2}(?:\\s+[A-Z]{1,5})?\\s+(?<y>\\d{4})(?![\\d:.-]))`,
  // 01/07/2022, 01-07-2022, 1.7.2022.
  `${notBefore}${weekday}(?<a>\\d{1,2})(?<sep>[-/.])(?<b>\\d{1,2})\\k<sep>(?<y>\\d{4})` + notBehind,
  // Feb  7 23:12:44: syslog, no year.
  `${notBefore}${weekday}(?<mon>${monthName})\\s+(?<d>\\d{1,2})\\s+(?=\\d{1,2}:\\d{2}:\\d{2})`,
].map((form) => new RegExp(form, 'gi'))

/** What may stand between a date and its time of day. */
const between = /(?:[Tt](?=\d)|:(?=\d)|\s*(?:,|;|@|-|\||\bat\b|\bum\b|_)?\s*)/y
const clockForm = new RegExp(clockText, 'iy')
/** `05-00-00`, as some write it behind a T; and `231244` of the basic form. */
const dashedClock = /(?<h>\d{2})-(?<mi>\d{2})-(?<s>\d{2})(?!\d)/y
const basicClock = /(?<h>\d{2})(?<mi>\d{2})(?<s>\d{2})(?!\d)/y
const freeClock = new RegExp(`(?<![\\w.:/-])${clockText}`, 'gi')

function execAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

type Groups = Readonly<Record<string, string | undefined>>

/** What a time of day can mean: with AM or PM one or none, seldom two. */
function clocksOf(groups: Groups): Clock[] {
  const [hour, minute, second] = [groups['h'], groups['mi'], groups['s']].map((part) =>
    Number(part ?? 0)
  ) as [number, number, number]
  const us = Number((groups['f'] ?? groups['g'] ?? '').slice(0, 6).padEnd(6, '0'))
  if (hour > 23 || minute > 59 || second > 60) return []
  const half = groups['ap']?.[0]?.toLowerCase()
  if (half === undefined) return [{ hour, minute, second, us }]
  if (half === 'a' && hour > 12) return []
  // 00:30 PM is no time of any clock: half past noon, or half past midnight with a slip.
  if (half === 'p' && hour === 0) return [0, 12].map((h) => ({ hour: h, minute, second, us }))
  const inDay = half === 'a' ? hour % 12 : hour < 12 ? hour + 12 : hour
  return [{ hour: inDay, minute, second, us }]
}

function precisionOf(groups: Groups): number {
  if (groups['s'] === undefined) return 60e6
  const digits = (groups['f'] ?? groups['g'])?.length ?? 0
  return digits === 0 ? 1e6 : 10 ** Math.max(0, 6 - digits)
}

const daysIn = ({ year = 2000, month }: Omit<Day, 'day'>): number =>
  new Date(Date.UTC(year, month, 0)).getUTCDate()

const isDay = (day: Day): boolean =>
  day.month >= 1 && day.month <= 12 && day.day >= 1 && day.day <= daysIn(day)

const weekdayOf = ({ year = 0, month, day }: Day): number =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDay()

function daysOf(groups: Groups): { days: Day[]; orderOpen: boolean; weekday?: number } {
  const year = groups['y'] === undefined ? {} : { year: Number(groups['y']) }
  const named = groups['wd']?.toLowerCase().slice(0, 3)
  const wd = named === undefined ? {} : { weekday: weekdays.indexOf(named) }
  if (groups['a'] === undefined) {
    const name = groups['mon']?.toLowerCase().slice(0, 3)
    const month = name === undefined ? Number(groups['mo']) : months.indexOf(name) + 1
    const days = [{ ...year, month, day: Number(groups['d']) }].filter(isDay)
    return { days, orderOpen: false, ...wd }
  }
  const [a, b] = [Number(groups['a']), Number(groups['b'])]
  const both = [
    { ...year, month: b, day: a },
    { ...year, month: a, day: b },
  ].filter(isDay)
  const fitting = both.filter((day) => wd.weekday === undefined || weekdayOf(day) === wd.weekday)
  const days = fitting.length > 0 ? fitting : both
  if (days.length === 2 && a === b) return { days: days.slice(0, 1), orderOpen: false, ...wd }
  return { days, orderOpen: days.length === 2, ...wd }
}

/** True where the weekday named is not that of any of the days. */
export const weekdayContradicts = ({ weekday: named, days }: Moment): boolean =>
  named !== undefined && days.every((day) => day.year !== undefined && weekdayOf(day) !== named)

interface Found {
  readonly start: number
  readonly end: number
  readonly groups: Groups
}

/** The dates of a text, none overlapping another, in their order. */
function findDates(text: string): Found[] {
  const found: Found[] = []
  for (const form of dateForms) {
    for (const match of text.matchAll(form)) {
      const [start, end] = [match.index, match.index + match[0].length]
      const free = found.every((other) => end <= other.start || start >= other.end)
      if (free) found.push({ start, end, groups: match.groups ?? {} })
    }
  }
  return found.sort((a, b) => a.start - b.start)
}

function clockBehind(text: string, at: number): Found | undefined {
  const gap = execAt(between, text, at)
  if (gap === null || /\n[ \t]*\n/.test(gap[0])) return undefined
  const start = at + gap[0].length
  const forms =
    gap[0] === 'T' || gap[0] === 't' ? [clockForm, dashedClock, basicClock] : [clockForm]
  for (const form of forms) {
    const match = execAt(form, text, start)
    if (match !== null) return { start, end: start + match[0].length, groups: match.groups ?? {} }
  }
  return undefined
}

/** Where zones stand around a date and its time of day; git and ctime() have the year behind. */
function zonePlaces(text: string, date: Found | undefined, clock: Found | undefined): number[] {
  if (clock === undefined) return []
  if (date !== undefined && date.start > clock.start) return [clock.end, date.end]
  const year = date?.groups['y']
  if (date === undefined || year === undefined) return [clock.end]
  if (text.slice(date.start, date.end).includes(year)) return [clock.end]
  const yearAt = text.indexOf(year, clock.end)
  return yearAt < 0 ? [clock.end] : [clock.end, yearAt + year.length]
}

function momentOf(text: string, date: Found | undefined, clocks: readonly Found[]): Moment {
  const [clock] = clocks
  const parts = [date, ...clocks].filter((part) => part !== undefined)
  return {
    start: Math.min(...parts.map((part) => part.start)),
    end: Math.max(...parts.map((part) => part.end)),
    ...(date === undefined ? { days: [], orderOpen: false } : daysOf(date.groups)),
    hasDate: date !== undefined,
    hasClock: clock !== undefined,
    clocks: clocks.flatMap(({ groups }) => clocksOf(groups)),
    precisionUs: clock === undefined ? 86_400e6 : precisionOf(clock.groups),
    zonesAt: zonePlaces(text, date, clock),
    bareMinutes: clock !== undefined && clock.groups['s'] === undefined,
  }
}

/** A time of day that stands before its date: `23:12:44 UTC on 7 Feb 2010`. */
function clockBefore(text: string, date: Found, from: number): Found | undefined {
  const gap = /^(?:\s*\(?[A-Za-z]{1,5}[+\d:-]*\)?)?\s*,?\s*(?:\bon\b(?:\s+the)?)?\s*$/
  const head = text.slice(from, date.start)
  const clocks = [...head.matchAll(freeClock)]
  const last = clocks.at(-1)
  if (last === undefined) return undefined
  const end = last.index + last[0].length
  if (!gap.test(head.slice(end))) return undefined
  return { start: from + last.index, end: from + end, groups: last.groups ?? {} }
}

/** Every date, with its time of day where it has one, and every time of day without a date. */
export function findMoments(text: string): Moment[] {
  const moments: Moment[] = []
  const dates = findDates(text)
  let from = 0
  for (const [index, date] of dates.entries()) {
    const behind = clockBehind(text, date.end)
    const limit = dates[index + 1]?.start ?? text.length
    const own = behind !== undefined && behind.start < limit ? behind : undefined
    // Between two times of day nobody can say which is the date's: both are listed.
    const clocks = [own, clockBefore(text, date, from)].filter((clock) => clock !== undefined)
    moments.push(momentOf(text, date, clocks))
    from = Math.max(date.end, own?.end ?? 0)
  }
  const claimed = (start: number, end: number): boolean =>
    moments.some((moment) => start < moment.end && end > moment.start)
  for (const match of text.matchAll(freeClock)) {
    const [start, end] = [match.index, match.index + match[0].length]
    if (claimed(start, end)) continue
    moments.push(momentOf(text, undefined, [{ start, end, groups: match.groups ?? {} }]))
  }
  return moments.sort((a, b) => a.start - b.start)
}

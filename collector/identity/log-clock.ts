import { parseOffset } from '../../model/time-zone.ts'
import type { Zone } from '../../model/time-zone.ts'
import type { ReaderOptions } from './reader.ts'
import { digits, isEpoch, monthAt, skipBlanks } from './scan.ts'
import { WallClock } from './wall-clock.ts'
import type { WallReason } from './wall-clock.ts'

/** Lines may run ahead of the clock by as much, since clocks and zones differ. */
const aheadUs = 86_400e6
/** A year that was found from when a file was written is sure for as long before that. */
const sureYearUs = 2 * 86_400e6

/** Why the time of a line cannot be told. */
export type LogTimeReason = WallReason | 'time-missing' | 'time-in-future'

/**
 * Reads the time at the beginning of a line of a log, in one of these forms:
 *
 * ```
 * Mar  1 12:30:00                        RFC 3164: no year, no zone
 * Mar 01 2026 12:30:00.123 UTC:          as routers write it: with a year, a fraction, or UTC
 * Sun Mar  1 12:30:00 2026               ctime(3): no zone
 * 2026-03-01T12:30:00.123456+01:00       RFC 3339; a space may stand for the T, and the zone be
 *                                        missing, an offset, UTC, or letters that tell nothing
 * 01/Mar/2026:12:30:00 +0100             web servers
 * 1772364600.123                         seconds since 1970
 * ```
 * A time without a zone is one of the declared zone, or refused. One without a year belongs to the
 * year in which the lines before it stood, the first to the latest that is not in the future.
 */
export class LogClock {
  /** Where the time of the last line ended. */
  end = 0
  /** The instants that it can be (us since 1970): two where the clocks showed it twice. */
  firstUs = 0
  lastUs = 0
  /** True where the year was found from when the file was written, long after. */
  weak = false
  private readonly walls: WallClock
  private readonly options: ReaderOptions
  private year: number | undefined
  private lastMonth = 0

  constructor(options: ReaderOptions) {
    this.options = options
    this.walls = new WallClock(options.zone)
    this.year = options.year
  }

  /** @returns why there is no time at `at`; undefined where there is one */
  read(text: string, at: number): LogTimeReason | undefined {
    this.weak = false
    const first = text.charCodeAt(at)
    if (first >= 48 && first <= 57) {
      if (text.charCodeAt(at + 4) === 45) return this.iso(text, at)
      if (text.charCodeAt(at + 2) === 47) return this.web(text, at)
      return this.epoch(text, at)
    }
    if (monthAt(text, at) > 0) return this.syslog(text, at)
    if (monthAt(text, at + 4) > 0 && text.charCodeAt(at + 3) === 32) return this.ctime(text, at)
    return 'time-missing'
  }

  /** True where the clocks showed this time twice. */
  get isFold(): boolean {
    return this.firstUs !== this.lastUs
  }

  private epoch(text: string, at: number): LogTimeReason | undefined {
    const end = digitsEnd(text, at)
    const seconds = digits(text, at, end)
    if (!isEpoch(seconds)) return 'time-missing'
    const fraction = text.charCodeAt(end) === 46 ? digitsEnd(text, end + 1) : end
    const us = fraction > end + 1 ? fractionUs(text, end + 1, fraction) : 0
    this.end = fraction > end + 1 ? fraction : end
    return this.set(seconds * 1e6 + us)
  }

  private iso(text: string, at: number): LogTimeReason | undefined {
    const separator = text.charCodeAt(at + 10)
    if (separator !== 84 && separator !== 32) return 'time-missing'
    const wholeEnd = at + 19
    const point = text.charCodeAt(wholeEnd)
    const isFraction = point === 46 || point === 44
    const end = isFraction ? digitsEnd(text, wholeEnd + 1) : wholeEnd
    const us = end > wholeEnd ? fractionUs(text, wholeEnd + 1, end) : 0
    const zone = this.zoneAt(text, end)
    return this.wall(
      digits(text, at, at + 4),
      digits(text, at + 5, at + 7),
      digits(text, at + 8, at + 10),
      text,
      at + 11,
      us,
      zone
    )
  }

  private web(text: string, at: number): LogTimeReason | undefined {
    const zone = this.zoneAt(text, at + 20)
    const [year, month] = [digits(text, at + 7, at + 11), monthAt(text, at + 3)]
    return this.wall(year, month, digits(text, at, at + 2), text, at + 12, 0, zone)
  }

  private ctime(text: string, at: number): LogTimeReason | undefined {
    this.end = at + 24
    const year = digits(text, at + 20, at + 24)
    return this.wall(year, monthAt(text, at + 4), dayAt(text, at + 8), text, at + 11, 0, undefined)
  }

  private syslog(text: string, at: number): LogTimeReason | undefined {
    const [month, day] = [monthAt(text, at), dayAt(text, at + 4)]
    const { writtenUs, nowUs = clockUs, year } = this.options
    const told = text.charCodeAt(at + 11) === 32 ? digits(text, at + 7, at + 11) : -1
    const time = told < 0 ? at + 7 : at + 12
    const isFraction = text.charCodeAt(time + 8) === 46
    this.end = isFraction ? digitsEnd(text, time + 9) : time + 8
    const us = isFraction ? fractionUs(text, time + 9, this.end) : 0
    const zone = utcBehind(text, this.end)
    if (told >= 0) return this.wall(told, month, day, text, time, us, zone)
    const reference = writtenUs ?? nowUs()
    const candidates = this.yearsFor(month, reference)
    let reason: LogTimeReason | undefined = 'time-invalid'
    for (const candidate of candidates) {
      reason = this.wall(candidate, month, day, text, time, us, zone)
      if (reason !== undefined) continue
      if (this.firstUs <= reference + aheadUs) {
        this.noteYear(candidate, month)
        const isTold = writtenUs !== undefined && year !== undefined
        this.weak = !isTold && reference - this.lastUs > sureYearUs
        return undefined
      }
      reason = 'time-in-future'
    }
    return reason
  }

  /** Years that a line of this month may belong to, the likeliest first. */
  private yearsFor(month: number, reference: number): number[] {
    const now = new Date(reference / 1000).getUTCFullYear()
    // What is followed is read as it is written: its year is always that of the clock.
    if (this.year === undefined || this.options.writtenUs === undefined) {
      return [now + 1, now, now - 1]
    }
    if (this.lastMonth - month > 6) return [this.year + 1]
    if (month - this.lastMonth > 6 && this.lastMonth > 0) return [this.year - 1]
    return [this.year]
  }

  /** A line from before the turn of the year, among those after it, does not turn it back. */
  private noteYear(year: number, month: number): void {
    if (this.year !== undefined && year < this.year) return
    this.year = year
    this.lastMonth = month
  }

  /** `Z`, an offset or UTC right behind a time or after a blank; letters of a zone are skipped. */
  private zoneAt(text: string, at: number): Zone | undefined {
    this.end = at
    const from = skipBlanks(text, at)
    let to = from
    while (to < text.length && to - from < 6 && isZoneChar(text.charCodeAt(to))) to++
    const word = text.slice(from, to)
    if (word === '') return undefined
    const zone = parseOffset(word)
    const next = text.charCodeAt(to)
    const ends = Number.isNaN(next) || next === 32 || next === 9 || next === 93 || next === 44
    if (zone !== undefined && (ends || from === at)) {
      this.end = to
      return zone
    }
    return undefined
  }

  private wall(
    year: number,
    month: number,
    day: number,
    text: string,
    at: number,
    us: number,
    zone: Zone | undefined
  ): LogTimeReason | undefined {
    const shaped = text.charCodeAt(at + 2) === 58 && text.charCodeAt(at + 5) === 58
    const second = digits(text, at + 6, at + 8)
    if (!shaped || second < 0 || year < 0) return 'time-missing'
    const hour = digits(text, at, at + 2)
    const minute = digits(text, at + 3, at + 5)
    const { walls } = this
    const time = walls.read(year, month, day, hour, minute, second + us / 1e6, zone)
    if (typeof time === 'string') return time
    return this.set(time.firstUs, time.lastUs)
  }

  private set(firstUs: number, lastUs = firstUs): undefined {
    this.firstUs = firstUs
    this.lastUs = lastUs
  }
}

/** `UTC:` and `GMT:` behind a time are zones; without the colon a host may be called so. */
function utcBehind(text: string, at: number): Zone | undefined {
  const isUtc = text.startsWith(' UTC:', at) || text.startsWith(' GMT:', at)
  return isUtc ? parseOffset('UTC') : undefined
}

const clockUs = (): number => Date.now() * 1000

function digitsEnd(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++
  return at
}

function fractionUs(text: string, from: number, to: number): number {
  return Number(text.slice(from, Math.min(to, from + 6)).padEnd(6, '0'))
}

function dayAt(text: string, from: number): number {
  return digits(text, text.charCodeAt(from) === 32 ? from + 1 : from, from + 2)
}

function isZoneChar(code: number): boolean {
  const isDigit = code >= 48 && code <= 58
  return isDigit || code === 43 || code === 45 || (code >= 65 && code <= 90)
}

/** Where a line begins behind `<30>` or `<30>1 `, as syslog sends it. */
export function priorityEnd(line: string): number {
  if (line.charCodeAt(0) !== 60) return 0
  const close = line.indexOf('>')
  if (close < 2 || close > 4) return 0
  return line.startsWith('1 ', close + 1) ? close + 3 : close + 1
}

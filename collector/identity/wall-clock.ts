import { FlowledgerError } from '../../model/errors.ts'
import { instantInZone } from '../../model/time-zone.ts'
import type { Zone } from '../../model/time-zone.ts'

/** Minutes of which the instant is remembered; enough for weeks of lines in any order. */
const rememberedMinutes = 65_536

/**
 * The instants that a time on a wall can be, in microseconds since 1970: the same twice, but for an
 * hour each autumn, when the clocks show it twice.
 */
export interface WallInstants {
  readonly firstUs: number
  readonly lastUs: number
}

/** Why a time on a wall is no instant. */
export type WallReason = 'time-invalid' | 'time-impossible' | 'zone-missing'

/** Reads times of day of one zone, or of none: then only such as name their own. */
export class WallClock {
  private readonly zone: Zone | undefined
  private readonly minutes = new Map<number, WallInstants | WallReason>()

  constructor(zone: Zone | undefined) {
    this.zone = zone
  }

  /**
   * @param second whole seconds and their fraction
   * @param zone of this time alone, where its text names one
   */
  read(
    year: number,
    month: number,
    day: number,
    hour: number,
    minute: number,
    second: number,
    zone: Zone | undefined = this.zone
  ): WallInstants | WallReason {
    if (!(second >= 0 && second < 61)) return 'time-invalid'
    if (zone === undefined) return 'zone-missing'
    const start =
      zone === this.zone
        ? this.remembered(zone, year, month, day, hour, minute)
        : minuteIn(zone, year, month, day, hour, minute)
    if (typeof start === 'string') return start
    const us = Math.round(second * 1e6)
    return { firstUs: start.firstUs + us, lastUs: start.lastUs + us }
  }

  private remembered(
    zone: Zone,
    year: number,
    month: number,
    day: number,
    hour: number,
    minute: number
  ): WallInstants | WallReason {
    const key = (((year * 13 + month) * 32 + day) * 25 + hour) * 61 + minute
    let start = this.minutes.get(key)
    if (start === undefined) {
      start = minuteIn(zone, year, month, day, hour, minute)
      if (this.minutes.size >= rememberedMinutes) this.minutes.clear()
      this.minutes.set(key, start)
    }
    return start
  }
}

function minuteIn(
  zone: Zone,
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number
): WallInstants | WallReason {
  if (!isWall(year, month, day, hour, minute)) return 'time-invalid'
  try {
    const { atUs } = instantInZone({ year, month, day, hour, minute, second: 0, us: 0 }, zone)
    return { firstUs: atUs, lastUs: atUs }
  } catch (error) {
    if (!(error instanceof FlowledgerError)) throw error
    const instants = error.details['instants']
    if (error.code !== 'time-ambiguous' || !Array.isArray(instants)) return 'time-impossible'
    const [first = 0, last = 0] = instants.map((text) => Date.parse(String(text)) * 1000)
    return { firstUs: first, lastUs: last }
  }
}

function isWall(year: number, month: number, day: number, hour: number, minute: number): boolean {
  if (!(year >= 1990 && year <= 2100 && month >= 1 && month <= 12 && day >= 1)) return false
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate()
  return day <= days && hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59
}

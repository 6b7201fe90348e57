import { FlowledgerError } from '../../model/errors.ts'
import { instantInZone } from '../../model/time-zone.ts'
import type { WallTime, Zone } from '../../model/time-zone.ts'
import { scanDecimal } from './text-scan.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Minutes of which the offset is remembered; enough for weeks of lines in any order. */
const rememberedMinutes = 65_536

/**
 * Reads the times of `-o ktimestamp`, which are whole seconds of local time in no zone:
 *
 * ```
 * Fri Nov  2 16:26:42 2026
 * 0   4   8  11       20      the day of the month is filled up with a space
 * ```
 */
export class LocalClock {
  private readonly zone: Zone
  private readonly minutes = new Map<string, number>()

  constructor(zone: Zone) {
    this.zone = zone
  }

  /**
   * @returns microseconds since 1970 of the start of that second; -1 where the text is no such
   *   time;
   *   -2 where the zone had it twice or never
   */
  read(text: string): number {
    if (text.length !== 24) return -1
    const second = scanDecimal(text, 17, 19, 59)
    if (second < 0 || text[16] !== ':') return -1
    const key = text.slice(4, 16) + text.slice(19)
    let minuteUs = this.minutes.get(key)
    if (minuteUs === undefined) {
      minuteUs = this.startOfMinute(text)
      if (this.minutes.size >= rememberedMinutes) this.minutes.clear()
      this.minutes.set(key, minuteUs)
    }
    return minuteUs < 0 ? minuteUs : minuteUs + second * 1e6
  }

  private startOfMinute(text: string): number {
    const wall = wallOf(text)
    if (wall === undefined) return -1
    try {
      return instantInZone(wall, this.zone).atUs
    } catch (error) {
      if (error instanceof FlowledgerError) return -2
      throw error
    }
  }
}

function wallOf(text: string): WallTime | undefined {
  const month = months.indexOf(text.slice(4, 7)) + 1
  const day = scanDecimal(text, text[8] === ' ' ? 9 : 8, 10, 31)
  const hour = scanDecimal(text, 11, 13, 23)
  const minute = scanDecimal(text, 14, 16, 59)
  const year = scanDecimal(text, 20, 24, 2100)
  const shaped = text[3] === ' ' && text[7] === ' ' && text[10] === ' ' && text[13] === ':'
  if (!shaped || text[19] !== ' ' || month < 1 || day < 1 || hour < 0 || minute < 0)
    return undefined
  if (year < 1990 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return undefined
  return { year, month, day, hour, minute, second: 0, us: 0 }
}

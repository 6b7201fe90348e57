import { Temporal } from 'temporal-polyfill'
import type { Zone } from '../../model/time-zone.ts'

/** Times as pages show them: in UTC, and beside that in the zone that somebody chose. */

/** `2026-03-01T12:00:00.250Z` as `2026-03-01 12:00:00.250`; seconds alone where they are whole. */
export const utcText = (iso: string): string =>
  iso.replace('T', ' ').replace(/Z$/, '').replace(/\.0+$/, '')

export const zoneText = (zone: Zone): string => (zone.kind === 'offset' ? zone.text : zone.name)

/** True of the zone that is shown anyway. */
const isUtc = (zone: Zone): boolean => zone.kind === 'offset' && zone.minutes === 0

/** The same instant in a zone, `2026-03-01 13:00:00 +01:00`; undefined where that is UTC. */
export function zonedText(iso: string, zone: Zone | undefined): string | undefined {
  if (zone === undefined || isUtc(zone)) return undefined
  const id = zone.kind === 'offset' ? zone.text : zone.name
  const local = Temporal.Instant.from(iso).toZonedDateTimeISO(id)
  return `${utcText(local.toPlainDateTime().toString({ smallestUnit: 'second' }))} ${local.offset}`
}

/** A length of time as people say it: `1 h 5 min`, `250 ms`. */
export function durationText(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 120) return `${Number(seconds.toFixed(1))} s`
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
  ] as const
  let rest = Math.round(seconds / 60) * 60
  const first = units.findIndex(([, size]) => rest >= size)
  return units
    .slice(first, first + 2)
    .map(([unit, size]) => {
      const count = Math.floor(rest / size)
      rest -= count * size
      return count === 0 ? '' : `${count} ${unit}`
    })
    .filter(Boolean)
    .join(' ')
}

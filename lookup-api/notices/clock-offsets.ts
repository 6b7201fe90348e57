import { formatOffset } from '../../model/time-zone.ts'
import type { Zone } from '../../model/time-zone.ts'

export const utcZone: Zone = { kind: 'offset', minutes: 0, text: 'UTC' }

/**
 * Offsets that are no whole hours and were in force since 2000, in minutes (IANA's time zone
 * database): Marquesas, Venezuela, Newfoundland (both halves of the year), Iran, Afghanistan,
 * India, Nepal, Myanmar, North Korea, Eucla, central Australia, Lord Howe, Norfolk, Chatham.
 */
const broken = [
  -570, -270, -210, -150, 210, 270, 330, 345, 390, 510, 525, 570, 630, 690, 765, 825,
] as const

const whole = Array.from({ length: 27 }, (_, index) => 60 * (index - 12))

/** What clocks on earth are set by, UTC apart: -12:00 to +14:00. */
export const clockOffsets: readonly Zone[] = [...whole, ...broken]
  .filter((minutes) => minutes !== 0)
  .map((minutes) => ({ kind: 'offset', minutes, text: formatOffset(minutes) }))

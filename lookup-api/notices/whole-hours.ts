import { formatOffset } from '../../model/time-zone.ts'
import type { Zone } from '../../model/time-zone.ts'

export const utcZone: Zone = { kind: 'offset', minutes: 0, text: 'UTC' }

/** The whole hours that clocks on earth are set by, UTC's apart: -12:00 to +14:00. */
export const wholeHours: readonly Zone[] = Array.from({ length: 27 }, (_, index) => index - 12)
  .filter((hours) => hours !== 0)
  .map((hours) => ({ kind: 'offset', minutes: 60 * hours, text: formatOffset(60 * hours) }))

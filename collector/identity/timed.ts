import type { IdentityEvent } from '../../model/identity.ts'
import type { LogClock } from './log-clock.ts'

/** The times of a statement, and whether they are in doubt. */
export type Timed = Pick<IdentityEvent, 'atUs' | 'sureUs' | 'weak'>

/**
 * When a line states something. A time that the clocks showed twice is not decided: what begins
 * then may have begun at the first, what ends may have ended at the last of the two, and the
 * statement is weak.
 */
export function timed(what: IdentityEvent['what'], clock: LogClock): Timed {
  const { firstUs, lastUs, isFold } = clock
  const weak = clock.weak || isFold ? { weak: true } : {}
  if (what !== 'end') return { atUs: firstUs, ...weak }
  return { atUs: lastUs, ...(isFold ? { sureUs: firstUs } : {}), ...weak }
}

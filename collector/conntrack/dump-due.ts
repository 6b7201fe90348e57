import { nowUs } from './clock-watch.ts'
import type { Tracker } from './tracker.ts'

/** At the latest after this long the table is compared with a dump. */
const reconcileMs = 300_000
/** … and after this long while it holds flows whose end the kernel does not tell. */
const eventlessMs = 20_000
/** Dumps that cut flows run at most this often. */
const cutEveryMs = 60_000

/**
 * Whether it is time to compare the table of open flows with the kernel's: now and then in any
 * case, and when a flow has been open for the active timeout and is to be cut.
 *
 * @param oldestUs start of the oldest slice that is open
 * @param dumpedAtMs when the last dump ended, by the monotonic clock
 */
export function isDumpDue(tracker: Tracker, oldestUs: number, dumpedAtMs: number): boolean {
  const since = performance.now() - dumpedAtMs
  if (since >= (tracker.eventless > 0 ? eventlessMs : reconcileMs)) return true
  const cutDue = oldestUs + tracker.activeTimeoutUs <= nowUs()
  const often = Math.min(cutEveryMs, tracker.activeTimeoutUs / 2000)
  return tracker.table.size > 0 && cutDue && since >= often
}

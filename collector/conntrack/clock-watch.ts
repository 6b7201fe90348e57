import { performance } from 'node:perf_hooks'

/** The wall clock in microseconds, in steps of a millisecond. */
export function nowUs(): number {
  return Date.now() * 1000
}

/** A wall clock that moves this much more or less than the monotonic one was set, not slewed. */
const stepMs = 250

/**
 * Compares the wall clock with the monotonic one. After a step, instants between where the clock
 * was and where it is now have happened twice or never.
 */
export class ClockWatch {
  private offsetMs = Date.now() - performance.now()

  /** The range of ambiguous instants (us), where the clock was set since the last call. */
  step(): { fromUs: number; toUs: number } | undefined {
    const wallMs = Date.now()
    const offsetMs = wallMs - performance.now()
    const movedMs = offsetMs - this.offsetMs
    if (Math.abs(movedMs) < stepMs) {
      // Slewing adds up slowly: follow it.
      this.offsetMs = offsetMs
      return undefined
    }
    this.offsetMs = offsetMs
    const beforeMs = wallMs - movedMs
    return { fromUs: Math.min(beforeMs, wallMs) * 1000, toUs: Math.max(beforeMs, wallMs) * 1000 }
  }
}

import type { SpoolFill } from './spool-room.ts'

/** A spool's size at an instant. */
export interface FillSample {
  readonly atMs: number
  readonly usedBytes: number
}

/** Spans over which growth is looked at (ms): an outage of ten minutes must not drown in a day. */
const spansMs = [600_000, 3_600_000, 86_400_000]
/** Growth over less time than this says nothing (ms). */
const leastMs = 60_000

/**
 * Hours until a spool is full, by the fastest growth of the last ten minutes, hour and day;
 * undefined where it does not grow, or was not watched for a minute.
 *
 * @param samples oldest first
 */
export function hoursLeft(fill: SpoolFill, samples: readonly FillSample[]): number | undefined {
  const last = samples.at(-1)
  if (last === undefined) return undefined
  const rates = spansMs.flatMap((spanMs) => {
    const first = samples.find(({ atMs }) => atMs >= last.atMs - spanMs)
    if (first === undefined || last.atMs - first.atMs < leastMs) return []
    return (last.usedBytes - first.usedBytes) / (last.atMs - first.atMs)
  })
  const fastest = Math.max(0, ...rates)
  if (fastest === 0) return undefined
  return Math.max(0, fill.usableBytes - fill.usedBytes) / fastest / 3_600_000
}

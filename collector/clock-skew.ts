/** Clocks further apart than this are not believed to be of one world (us). */
export const maxSkewUs = 3600e6

/**
 * How far a clock may be from ours (us, whole seconds upwards), by the least distance of ours from
 * it that was seen. What it tells comes some time after it was told, and in whole seconds: up to
 * one behind is no skew. Past an hour its clock is not skewed but wrong.
 */
export function skewOf(leastOffsetUs: number): number {
  if (!Number.isFinite(leastOffsetUs)) return 0
  const apart = leastOffsetUs < 0 ? -leastOffsetUs : Math.max(0, leastOffsetUs - 1e6)
  return Math.min(maxSkewUs, Math.ceil(apart / 1e6) * 1e6)
}

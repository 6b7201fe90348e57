import { rollupWidths, widthUs } from '../../model/rollup.ts'
import type { RollupWidth } from '../../model/rollup.ts'

/** A part of a time, and the width whose intervals make it up. */
export interface WindowPart {
  readonly width: RollupWidth
  readonly fromUs: number
  readonly toUs: number
}

/**
 * Takes a time apart so that few rows are read of it: whole days by day, what is left at both ends
 * by hour, and so on. All widths have each flow once, so the sum over the parts is that over the
 * whole.
 *
 * @param fromUs @param toUs multiples of `width`
 * @param coarser widths that may stand for it
 */
export function partsOf(
  width: RollupWidth,
  fromUs: number,
  toUs: number,
  coarser: readonly RollupWidth[]
): readonly WindowPart[] {
  if (fromUs >= toUs) return []
  const place = rollupWidths.indexOf(width)
  const next = rollupWidths.find((each, i) => i > place && coarser.includes(each))
  if (next === undefined) return [{ width, fromUs, toUs }]
  const inner = {
    fromUs: Math.ceil(fromUs / widthUs[next]) * widthUs[next],
    toUs: Math.floor(toUs / widthUs[next]) * widthUs[next],
  }
  if (inner.fromUs >= inner.toUs) return [{ width, fromUs, toUs }]
  return [
    ...(fromUs < inner.fromUs ? [{ width, fromUs, toUs: inner.fromUs }] : []),
    ...partsOf(next, inner.fromUs, inner.toUs, coarser),
    ...(inner.toUs < toUs ? [{ width, fromUs: inner.toUs, toUs }] : []),
  ]
}

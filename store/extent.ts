import type { FlowBatch } from '../model/flow-batch.ts'
import { maxSliceUs } from '../model/limits.ts'
import { oldestUs } from './refusals.ts'

/** Rows, and the time that they tell of. */
export interface Extent {
  readonly rows: number
  readonly fromUs: number
  readonly toUs: number
}

/** Of what has no rows. */
export const noRows: Extent = { rows: 0, fromUs: Infinity, toUs: -Infinity }

/** How much of the future a clock that is set wrong may claim (us). */
export const aheadUs = 2 * 86_400e6

/** The time that a batch's rows tell of; rows without a time that can be are of now. */
export function extentOf(batch: FlowBatch, nowUs: number): Extent {
  const { flowStartMicroseconds: starts, flowEndMicroseconds: ends } = batch.columns
  let [fromUs, toUs] = [Infinity, -Infinity]
  for (let row = 0; row < batch.length; row++) {
    const [start, end] = [starts[row] ?? 0, ends[row] ?? 0]
    if (!(start >= oldestUs && start <= nowUs + aheadUs)) continue
    if (start < fromUs) fromUs = start
    if (end > toUs && end <= start + maxSliceUs) toUs = end
  }
  return extentWithin(batch.length, fromUs, toUs, nowUs)
}

/** An extent of rows whose first start and last end are found; of now where none was sound. */
export function extentWithin(rows: number, firstUs: number, lastUs: number, nowUs: number): Extent {
  const fromUs = firstUs === Infinity ? nowUs : firstUs
  return { rows, fromUs, toUs: Math.max(fromUs, lastUs) }
}

/** Both together. */
export function together(one: Extent | undefined, other: Extent): Extent {
  if (one === undefined) return other
  return {
    rows: one.rows + other.rows,
    fromUs: Math.min(one.fromUs, other.fromUs),
    toUs: Math.max(one.toUs, other.toUs),
  }
}

import type { FlowBatch } from '../../model/flow-batch.ts'
import { counterNames, sliceFlags } from '../../model/fields.ts'
import { maxSliceUs } from '../../model/limits.ts'

/** Longer than this nobody has held anything that was told of only at its end (us): a month. */
const maxToldUs = 31 * 86_400e6

/**
 * True of a row that a source cut off an interval told to it whole, more than a month behind its
 * start. It says nothing but that the interval goes on: counters stand in the last row. One record
 * that claims 400 days would make sums of 9600 hours, and of half a million minutes of its public
 * address.
 *
 * What is cut as time goes on is not cut at whole hours behind its start, and it is summed however
 * long it lasts.
 */
export function isLongRest({ columns }: FlowBatch, row: number): boolean {
  if (((columns.sliceFlags[row] ?? 0) & sliceFlags.continues) === 0) return false
  const startUs = columns.flowStartMicroseconds[row] ?? 0
  const sinceUs = startUs - (columns.connectionStart[row] ?? 0)
  if (sinceUs < maxToldUs || sinceUs % maxSliceUs !== 0) return false
  if ((columns.flowEndMicroseconds[row] ?? 0) - startUs !== maxSliceUs) return false
  return counterNames.every((name) => {
    const words = columns[name]
    return words[2 * row] === 0 && words[2 * row + 1] === 0
  })
}

import { cutInterval } from '../../model/cut-interval.ts'
import { copyRow, makeFlowBatch } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { maxSliceUs } from '../../model/limits.ts'
import { flowExtras } from './extras.ts'

/**
 * Rows that last longer than one of the ledger may are cut; what is cut off comes behind.
 *
 * @param from the first row that is looked at
 * @param hand empties the batch when it is full
 */
export function cutLong(batch: FlowBatch, from: number, hand: () => void): void {
  const { flowStartMicroseconds: start, flowEndMicroseconds: end } = batch.columns
  const long: number[] = []
  for (let row = from; row < batch.length; row++) {
    if ((end[row] ?? 0) - (start[row] ?? 0) > maxSliceUs) long.push(row)
  }
  const rows = long.map((row) => {
    const copy = makeFlowBatch(1, flowExtras)
    copyRow(batch, row, copy, 0)
    copy.length = 1
    return copy
  })
  // The rows that stay are moved together; their order says nothing.
  let kept = from
  for (let row = from; row < batch.length; row++) {
    if (long.includes(row)) continue
    if (kept !== row) copyRow(batch, row, batch, kept)
    kept++
  }
  batch.length = kept
  for (const row of rows) {
    row.columns.connectionStart[0] = row.columns.flowStartMicroseconds[0] ?? 0
    cutInterval(row, maxSliceUs, (piece) => {
      if (batch.length === batch.capacity) hand()
      copyRow(piece, 0, batch, batch.length)
      batch.length++
    })
  }
}

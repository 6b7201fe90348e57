import { copyRow, makeFlowBatch } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { batchRows } from '../../model/limits.ts'

/** Rows that wait for the next commit, in batches that are used again after it. */
export class RowBuffer {
  /** Rows that wait. */
  rows = 0
  /** Rows that come now are in the ledger already. */
  muted = false
  private readonly batches: FlowBatch[] = []

  /** Copies row 0 of `row`. */
  add(row: FlowBatch): void {
    if (this.muted) return
    const index = Math.floor(this.rows / batchRows)
    const batch = (this.batches[index] ??= makeFlowBatch(batchRows))
    if (this.rows % batchRows === 0) batch.length = 0
    copyRow(row, 0, batch, batch.length)
    batch.length++
    this.rows++
  }

  /** The batches that hold the rows that wait. */
  filled(): readonly FlowBatch[] {
    return this.batches.slice(0, Math.ceil(this.rows / batchRows))
  }

  /** The rows are written; memory of a burst is let go. */
  clear(): void {
    this.rows = 0
    this.batches.length = Math.min(this.batches.length, 4)
  }
}

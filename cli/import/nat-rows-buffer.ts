import type { NatJournal } from '../../collector/nat/nat-output.ts'
import { RowCopier, makeNatBatch } from '../../collector/nat/nat-row.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'

/** Rows of NAT mappings that wait for the next commit. What is open is no row of an import. */
export class NatRowsBuffer implements NatJournal {
  /** Rows that come now are in the ledger already. */
  muted = false
  rows = 0
  slices: FlowBatch[] = []
  others: FlowBatch[] = []

  append(kind: 'open' | 'slices' | 'nat', batch: FlowBatch): void {
    if (this.muted || kind === 'open') return
    const copy = makeNatBatch(batch.length)
    const copier = new RowCopier(batch, copy)
    for (let row = 0; row < batch.length; row++) copier.copy(row, row)
    copy.length = batch.length
    ;(kind === 'slices' ? this.slices : this.others).push(copy)
    this.rows += batch.length
  }

  clear(): void {
    this.rows = 0
    this.slices = []
    this.others = []
  }
}

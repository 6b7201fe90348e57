import { batchRows } from '../../model/limits.ts'
import type { NatJournal } from './nat-output.ts'
import { RowCopier, makeNatBatch } from './nat-row.ts'
import type { OpenMappings } from './open-mappings.ts'

/**
 * Mappings that began, or were cut, since the journal was last written. What has ended by then is
 * in the journal as its interval, and need not stand there as open.
 */
export class FreshMappings {
  readonly #journal: NatJournal
  readonly #batch = makeNatBatch(batchRows)
  #rows: number[] = []
  /** A row may be another mapping's by now: the id tells. */
  #flowIds: number[] = []

  constructor(journal: NatJournal) {
    this.#journal = journal
  }

  add(row: number, flowId: number): void {
    this.#rows.push(row)
    this.#flowIds.push(flowId)
  }

  /** Hands over what is open still. */
  flush(open: OpenMappings): void {
    const [rows, flowIds] = [this.#rows, this.#flowIds]
    if (rows.length === 0) return
    this.#rows = []
    this.#flowIds = []
    const batch = this.#batch
    const copier = new RowCopier(open.batch, batch)
    for (const [index, row] of rows.entries()) {
      if (open.columns.natEvent[row] === 0 || open.flowId(row) !== flowIds[index]) continue
      copier.copy(row, batch.length++)
      if (batch.length === batch.capacity) this.#hand()
    }
    this.#hand()
  }

  #hand(): void {
    const batch = this.#batch
    if (batch.length > 0) this.#journal.append('open', batch)
    batch.length = 0
    batch.texts.clear()
  }
}

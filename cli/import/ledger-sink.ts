import type { FlowBatch } from '../../model/flow-batch.ts'

/**
 * How far a text was imported, under the text's key. The pair grows: `segment` is twice the number
 * of octets taken, plus one where what was open there was written out too (the text's end, for
 * then); `offset` is the head of the SHA-256 of these octets, by which the text is known again.
 */
export interface ImportCursor {
  readonly segment: number
  readonly offset: number
}

/** Where an import's rows go: the ledger, handed in by who wires the program. */
export interface LedgerSink {
  /** Makes the source known (kind `import`: it proves no absence); called once, first. */
  register(sourceName: string): Promise<void>
  /** The cursor that the last commit of this key left; undefined where there is none. */
  readCursor(key: string): Promise<ImportCursor | undefined>
  /**
   * Writes the batches and the cursor, both or neither. The batches are used again once it has
   * ended. An error ends the import; the next run goes on from the last cursor.
   */
  commit(part: {
    readonly batches: readonly FlowBatch[]
    /** Blocks of ports, address bindings and notices. */
    readonly natBatches?: readonly FlowBatch[]
    readonly cursor: ImportCursor & { readonly key: string }
  }): Promise<void>
}

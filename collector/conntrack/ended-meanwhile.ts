import type { Columns } from '../../model/flow-batch.ts'

/** Room for 21 bits of an entry's id beside the 32 of its hash in a double's whole numbers. */
const idRange = 2 ** 21

/**
 * Entries whose end was told since the kernel made the piece of a dump that is read next. It makes
 * one when the one before is taken from the socket (`netlink_recvmsg` calls `netlink_dump`), so
 * what is told between the two is younger than the piece, though it is read before it. Without
 * this, an entry that ended in between would be opened anew, and nobody would tell its end again.
 *
 * It holds as many as events are read between two pieces, and only while a dump runs.
 */
export class EndedMeanwhile {
  private readonly ends = new Map<number, number>()
  isWatching = false

  /** A dump begins: its first piece is made when it is asked for. */
  begin(): void {
    this.ends.clear()
    this.isWatching = true
  }

  /** A piece was read: the next one was made at that. */
  pieceRead(): void {
    this.ends.clear()
  }

  end(): void {
    this.ends.clear()
    this.isWatching = false
  }

  /** @param tupleHash of this row's tuple and zone */
  add(columns: Columns, row: number, tupleHash: number, endUs: number): void {
    if (this.isWatching) this.ends.set(keyOf(columns, row, tupleHash), endUs)
  }

  /**
   * Whether a dump shows an entry that is over.
   *
   * @param startUs when the entry that it shows began; 0 where the kernel does not say
   */
  has(columns: Columns, row: number, tupleHash: number, startUs: number): boolean {
    const endUs = this.ends.get(keyOf(columns, row, tupleHash))
    // One that began after that end is another, which took the same id and tuple.
    return endUs !== undefined && startUs <= endUs
  }
}

const keyOf = (columns: Columns, row: number, tupleHash: number): number =>
  (tupleHash >>> 0) * idRange + ((columns.conntrackId[row] ?? 0) % idRange)

import type { Columns } from '../../model/flow-batch.ts'

const slots = 1 << 14
const words = 6

/**
 * Remembers the connections that ended last, so that an end that is told twice is written once. A
 * slot is overwritten by the next connection that falls on it: the memory is short on purpose,
 * since a duplicate follows its original closely.
 */
export class ClosedRing {
  private readonly entries = new Uint32Array(slots * words)
  private readonly ends = new Float64Array(slots)

  remember(columns: Columns, row: number, endUs: number): void {
    const slot = this.slotOf(columns, row)
    for (let i = 0; i < words; i++) this.entries[slot * words + i] = wordOf(columns, row, i)
    this.ends[slot] = endUs
  }

  /**
   * When just this entry (id, tuple, zone) ended, us since 1970; 0 where that is not remembered.
   */
  endOf(columns: Columns, row: number): number {
    const slot = this.slotOf(columns, row)
    for (let i = 0; i < words; i++) {
      if (this.entries[slot * words + i] !== wordOf(columns, row, i)) return 0
    }
    return this.ends[slot] ?? 0
  }

  private slotOf(columns: Columns, row: number): number {
    let hash = 0
    for (let i = 0; i < words; i++) {
      hash = Math.imul(hash ^ wordOf(columns, row, i), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    return hash & (slots - 1)
  }
}

/** Six words that tell an entry from another: the id is a hash of the rest of it by the kernel. */
function wordOf(columns: Columns, row: number, index: number): number {
  switch (index) {
    case 0:
      return columns.conntrackId[row] ?? 0
    case 1:
      return columns.sourceAddress[4 * row + 3] ?? 0
    case 2:
      return columns.destinationAddress[4 * row + 3] ?? 0
    case 3:
      return (
        (((columns.sourceTransportPort[row] ?? 0) << 16) |
          (columns.destinationTransportPort[row] ?? 0)) >>>
        0
      )
    case 4:
      return (
        (((columns.ingressVrfId[row] ?? 0) << 16) |
          ((columns.postNaptSourceTransportPort[row] ?? 0) & 0xffff)) >>>
        0
      )
    default:
      return columns.protocolIdentifier[row] ?? 0
  }
}

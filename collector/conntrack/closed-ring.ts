import type { Columns } from '../../model/flow-batch.ts'
import { place } from './event-memory.ts'
import type { EventMemory } from './event-memory.ts'

const slots = 1 << 13
/** Tuple hash, id, translated ports, a spare one, and the end as a double. */
const words = 6

/**
 * Remembers the connections that ended last, so that an end that is told twice is written once. A
 * slot is overwritten by the next connection that falls on it: the memory is short on purpose,
 * since a duplicate follows its original closely.
 *
 * An entry is told by the hash of its tuple and zone, by the id, which the kernel makes of the
 * entry and a secret of its own, and by its translated ports.
 */
export class ClosedRing {
  private readonly entries: Int32Array
  private readonly ends: Float64Array

  constructor({ columns }: EventMemory) {
    this.entries = new Int32Array(columns.buffer, place.ring, slots * words)
    this.ends = new Float64Array(columns.buffer, place.ring, (slots * words) / 2)
  }

  /** @param tupleHash of this row's tuple and zone */
  remember(columns: Columns, row: number, tupleHash: number, endUs: number): void {
    const at = (tupleHash & (slots - 1)) * words
    this.entries[at] = tupleHash
    this.entries[at + 1] = columns.conntrackId[row] ?? 0
    this.entries[at + 2] = portsOf(columns, row)
    this.ends[at / 2 + 2] = endUs
  }

  /**
   * When just this entry (id, tuple, zone) ended, us since 1970; 0 where that is not remembered.
   */
  endOf(columns: Columns, row: number, tupleHash: number): number {
    const at = (tupleHash & (slots - 1)) * words
    if (this.entries[at] !== tupleHash) return 0
    if (this.entries[at + 1] !== ((columns.conntrackId[row] ?? 0) | 0)) return 0
    if (this.entries[at + 2] !== portsOf(columns, row)) return 0
    return this.ends[at / 2 + 2] ?? 0
  }

  /** When the entry of this tuple that is remembered ended, us since 1970; 0 where none is. */
  endOfTuple(tupleHash: number): number {
    const at = (tupleHash & (slots - 1)) * words
    return this.entries[at] === tupleHash ? (this.ends[at / 2 + 2] ?? 0) : 0
  }
}

function portsOf(columns: Columns, row: number): number {
  return (
    (columns.postNaptSourceTransportPort[row] ?? 0) |
    ((columns.postNaptDestinationTransportPort[row] ?? 0) << 16)
  )
}

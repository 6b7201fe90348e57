import type { Columns } from '../../model/flow-batch.ts'
import { GrowingMemory } from './growing-memory.ts'
import { hashOf, readTuple, rowLayout, rowWords, sameTuple, writeTuple } from './open-row.ts'
import { endpointHash, PublicIndex } from './public-index.ts'
import { TupleIndex } from './tuple-index.ts'

const none = -1
const firstCapacity = 4096

/** Stands in a free row for its number of the last dump, which is never negative otherwise. */
const freeMark = -1

/**
 * The connections that are open now, in one growing memory, found by tuple and by public endpoint.
 */
export class OpenTable {
  /** Rows that hold an open flow. */
  size = 0
  /** All rows; word w of row r is at r * rowWords + w. Replaced when the table grows. */
  words = new Int32Array(0)
  /** The same memory as doubles: the times of row r are at r * rowWords / 2 + connectionStart … */
  doubles = new Float64Array(0)
  private readonly memory = new GrowingMemory()
  private readonly tuples = new TupleIndex()
  private readonly publics = new PublicIndex()
  private capacity = 0
  private used = 0
  /** First free row; each holds the next one in its first word. */
  private free = none
  private readonly rowsTouched = new Int32Array(256)
  /** Keeps looks from being left out as useless. */
  seen = 0
  /** Hash of the tuple that was looked for last. */
  private soughtHash = 0

  constructor() {
    this.grow(firstCapacity)
  }

  /** Rows ever used; every open flow's row is below. Free rows have `isOpen` false. */
  get rowsUsed(): number {
    return this.used
  }

  isOpen(row: number): boolean {
    return this.words[row * rowWords + rowLayout.dump] !== freeMark
  }

  /** Finds the open flow with the original tuple and zone of a batch row; -1: there is none. */
  find(columns: Columns, batchRow: number): number {
    const hash = hashOf(columns, batchRow)
    this.soughtHash = hash
    let row = this.tuples.next(hash, none)
    while (row !== none && !sameTuple(this.words, row * rowWords, columns, batchRow)) {
      row = this.tuples.next(hash, row)
    }
    return row
  }

  /**
   * Takes a flow in: tuples, protocol, zone, id and mark come from the batch row, the rest is zero.
   * The caller has just looked for this tuple and zone with {@link find}, and none is open.
   *
   * @returns its row
   */
  insert(columns: Columns, batchRow: number): number {
    const row = this.takeRow()
    writeTuple(this.words, row * rowWords, columns, batchRow)
    this.tuples.link(row, this.soughtHash)
    this.publics.link(this.words, row)
    this.size++
    return row
  }

  /** Lets a flow go; its row is used again. */
  remove(row: number): void {
    this.tuples.unlink(row)
    this.publics.unlink(row)
    this.words[row * rowWords + rowLayout.dump] = freeMark
    this.words[row * rowWords] = this.free
    this.free = row
    this.size--
  }

  /** Writes tuples, protocol, zone, ids and mark of an open flow into a batch row. */
  read(row: number, columns: Columns, batchRow: number): void {
    readTuple(this.words, row * rowWords, columns, batchRow)
  }

  /** Calls `visit` with each open flow that may hold the endpoint; the visitor compares it. */
  eachWithPublic(
    w0: number,
    w1: number,
    w2: number,
    w3: number,
    port: number,
    visit: (row: number) => void
  ): void {
    this.publics.each(endpointHash(w0, w1, w2, w3, port), visit)
  }

  /** The earliest start of a slice that is still open; `otherwise` where nothing is open. */
  oldestSliceStartUs(otherwise: number): number {
    let oldest = otherwise
    for (let row = 0; row < this.used; row++) {
      if (!this.isOpen(row)) continue
      const start = this.doubles[(row * rowWords) / 2 + rowLayout.sliceStart] ?? oldest
      if (start < oldest) oldest = start
    }
    return oldest
  }

  /**
   * Looks at what events with these hashes will touch, one kind of place after another, so that the
   * processor fetches them side by side: see Prefetch. A public hash of 0: the event ends a flow.
   */
  touch(tupleHashes: Int32Array, publicHashes: Int32Array, count: number): void {
    const { tuples, publics, rowsTouched } = this
    let seen = 0
    for (let i = 0; i < count; i++) {
      const publicHash = publicHashes[i] ?? 0
      const row = tuples.touchHead(tupleHashes[i] ?? 0)
      rowsTouched[i] = publicHash === 0 ? row : none
      if (publicHash !== 0) seen ^= publics.touchHead(publicHash)
    }
    for (let i = 0; i < count; i++) {
      const row = rowsTouched[i] ?? none
      if (row === none) continue
      const base = row * rowWords
      seen ^= tuples.hashOf(row) ^ publics.touchPlace(row)
      seen ^= (this.words[base] ?? 0) ^ (this.words[base + 16] ?? 0) ^ (this.words[base + 32] ?? 0)
    }
    for (let i = 0; i < count; i++) {
      const row = rowsTouched[i] ?? none
      if (row === none) continue
      seen ^= publics.touchHead(publics.touchPlace(row)) ^ publics.touchNeighbours(row)
    }
    this.seen = seen
  }

  private takeRow(): number {
    if (this.free !== none) {
      const row = this.free
      this.free = this.words[row * rowWords] ?? none
      return row
    }
    if (this.used === this.capacity) this.grow(2 * this.capacity)
    return this.used++
  }

  /** Makes room; untouched pages of it cost nothing until rows reach them. */
  private grow(capacity: number): void {
    const hashes = Array.from({ length: this.used }, (_, row) => this.tuples.hashOf(row))
    this.capacity = capacity
    const buffer = this.memory.grow(capacity * rowWords * 4)
    this.words = new Int32Array(buffer)
    this.doubles = new Float64Array(buffer)
    this.tuples.clear(capacity)
    this.publics.clear(capacity)
    for (const [row, hash] of hashes.entries()) {
      if (!this.isOpen(row)) continue
      this.tuples.link(row, hash)
      this.publics.link(this.words, row)
    }
  }
}

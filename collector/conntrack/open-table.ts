import type { Columns } from '../../model/flow-batch.ts'
import type { Endpoint } from '../../model/slice.ts'
import { endpointHash, forwardedHash, sourceHash } from './endpoint-hash.ts'
import { OpenIndex } from './open-index.ts'
import { hashOf, rowLayout, rowWords } from './open-row.ts'
import { OpenRows } from './open-rows.ts'

const none = -1
const firstCapacity = 4096

/** Stands in a free row for its number of the last dump, which is never negative otherwise. */
const freeMark = -1

/**
 * The connections that are open now, in one growing memory, found by tuple and by public endpoint.
 */
export class OpenTable extends OpenRows {
  /** Rows that hold an open flow. */
  size = 0
  private readonly index = new OpenIndex()
  private capacity = 0
  private used = 0
  /** First free row; each holds the next one in its first word. */
  private free = none
  private readonly rowsTouched = new Int32Array(256)
  /** Keeps looks from being left out as useless. */
  seen = 0
  /** Hash of the tuple and zone that {@link find} looked for last. */
  soughtHash = 0

  constructor() {
    super()
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
    let row = this.index.next(hash, none)
    while (row !== none && !this.sameTuple(row, columns, batchRow)) {
      row = this.index.next(hash, row)
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
    this.writeTuple(row, columns, batchRow)
    const endpoint = sourceHash(columns, batchRow)
    const other = forwardedHash(columns, batchRow, endpoint)
    this.index.link(row, this.soughtHash, endpoint, other)
    this.size++
    return row
  }

  /** Lets a flow go; its row is used again. */
  remove(row: number): void {
    this.index.unlink(row)
    this.words[row * rowWords + rowLayout.dump] = freeMark
    this.words[row * rowWords] = this.free
    this.free = row
    this.size--
  }

  /**
   * Calls `visit` with each row that may hold one of these endpoints; the visitor compares, and
   * sees whether it is open.
   */
  eachWithPublic(endpoints: readonly Endpoint[], visit: (row: number) => void): void {
    const hashes = endpoints.map(({ ip, port }) => endpointHash(...ip, port))
    this.index.eachWithEndpoint(hashes, this.used, visit)
  }

  /** The earliest start of a slice that is still open; `otherwise` where nothing is open. */
  oldestSliceStartUs(otherwise: number): number {
    let oldest = otherwise
    for (let row = 0; row < this.used; row++) {
      if (!this.isOpen(row)) continue
      const start = this.sliceStart(row)
      if (start < oldest) oldest = start
    }
    return oldest
  }

  /**
   * Looks at what events with these hashes will touch, one kind of place after another, so that the
   * processor fetches them side by side: see Prefetch.
   */
  touch(tupleHashes: Int32Array, count: number): void {
    const { index, rowsTouched, words } = this
    let seen = 0
    for (let i = 0; i < count; i++) rowsTouched[i] = index.touchHead(tupleHashes[i] ?? 0)
    for (let i = 0; i < count; i++) {
      const row = rowsTouched[i] ?? none
      if (row === none) continue
      seen ^= index.hashOf(row) ^ (words[row * rowWords] ?? 0)
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

  private grow(capacity: number): void {
    const linked = Array.from({ length: this.used }, (_, row) => this.index.linked(row))
    this.capacity = capacity
    this.growRows(capacity)
    this.index.clear(capacity)
    for (const [row, hashes] of linked.entries()) {
      if (this.isOpen(row)) this.index.relink(row, hashes)
    }
  }
}

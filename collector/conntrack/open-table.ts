import type { Columns } from '../../model/flow-batch.ts'
import type { Endpoint } from '../../model/slice.ts'
import { endpointHash, forwardedHash, sourceHash } from './endpoint-hash.ts'
import { OpenIndex } from './open-index.ts'
import { forwardHashOf, hashOf, rowFlags, rowLayout, rowWords } from './open-row.ts'
import { isForwarded, OpenRows } from './open-rows.ts'
import { VerdictBook } from './verdict-book.ts'

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
  /** What flows were found to be; rows have its numbers. */
  readonly book = new VerdictBook()
  private readonly index = new OpenIndex()
  /** Finds the flows with another destination than they were addressed to, by where they go. */
  private readonly forwards = new OpenIndex()
  /** Zones that flows were in. */
  private readonly zones = new Set([0])
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
    if (isForwarded(columns, batchRow)) this.linkForward(row, forwardHashOf(columns, batchRow))
    const zone = columns.ingressVrfId[batchRow] ?? 0
    if (zone !== 0) this.zones.add(zone)
    this.size++
    return row
  }

  /**
   * The open flows whose packets go from source to destination of a batch row at the forward hook,
   * behind the translation of their destination and before that of their source, in any zone.
   */
  findAtForward(columns: Columns, batchRow: number): number[] {
    const rows: number[] = []
    for (const zone of this.zones) {
      columns.ingressVrfId[batchRow] = zone
      const row = this.find(columns, batchRow)
      if (row !== none && (this.flags(row) & rowFlags.forwarded) === 0) rows.push(row)
    }
    const hash = forwardHashOf(columns, batchRow)
    let row = this.forwards.next(hash, none)
    while (row !== none) {
      if (this.sameForward(row, columns, batchRow)) rows.push(row)
      row = this.forwards.next(hash, row)
    }
    return rows
  }

  /** Says what a flow was found to be. */
  setVerdict(row: number, number: number): void {
    const before = this.verdict(row)
    this.words[row * rowWords + rowLayout.verdict] = number
    if (before !== 0) this.book.release(before)
  }

  /** Lets a flow go; its row is used again. */
  remove(row: number): void {
    this.index.unlink(row)
    if ((this.flags(row) & rowFlags.forwarded) !== 0) this.forwards.unlink(row)
    const verdict = this.verdict(row)
    if (verdict !== 0) this.book.release(verdict)
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

  private linkForward(row: number, hash: number): void {
    this.setFlags(row, rowFlags.forwarded, 0)
    this.forwards.link(row, hash, 0, 0)
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
    const forwarded = linked.map((_, row) => this.forwards.hashOf(row))
    this.capacity = capacity
    this.growRows(capacity)
    this.index.clear(capacity)
    this.forwards.clear(capacity)
    for (const [row, hashes] of linked.entries()) {
      if (!this.isOpen(row)) continue
      this.index.relink(row, hashes)
      const hash = forwarded[row] ?? 0
      if ((this.flags(row) & rowFlags.forwarded) !== 0) this.forwards.link(row, hash, 0, 0)
    }
  }
}

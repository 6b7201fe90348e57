import { ColumnMemory } from '../../model/column-memory.ts'
import type { Columns } from '../../model/flow-batch.ts'
import type { Endpoint } from '../../model/slice.ts'
import { endpointHash, forwardedHash, sourceHash } from './endpoint-hash.ts'
import { EventMemory, place } from './event-memory.ts'
import { indexBytes, OpenIndex } from './open-index.ts'
import { forwardHashOf, hashOf, rowFlags, rowLayout, rowWords } from './open-row.ts'
import { isForwarded, OpenRows } from './open-rows.ts'
import { VerdictBook } from './verdict-book.ts'

const none = -1
const firstCapacity = 4096

/** Stands in a free row for its number of the last dump, which is never negative otherwise. */
const freeMark = -1

/** Octets of a row, what the index has of it, and a number that says that it is free. */
const rowBytes = 4 * rowWords
const bytesOfAll = rowBytes + indexBytes + 4

/**
 * The connections that are open now, found by tuple and by public endpoint. At the end of a memory
 * that compiled kernels reach lie, one behind the other, the rows, the index by tuple, and the
 * numbers of free rows, of which the last is taken first. How many there are of each stands in that
 * memory too, since the kernels put flows in and take them out.
 */
export class OpenTable extends OpenRows {
  /** What flows were found to be; rows have its numbers. */
  readonly book = new VerdictBook()
  private readonly index = new OpenIndex()
  /** Finds the flows with another destination than they were addressed to, by where they go. */
  private readonly forwards = new OpenIndex()
  private readonly forwardMemory = new ColumnMemory(0, true)
  /** Zones that flows were in. */
  private readonly zones = new Set([0])
  private readonly memory: EventMemory
  /** The memory's own words: see {@link place}. */
  private readonly state: Int32Array
  private freeRows = new Int32Array(0)
  /** Hash of the tuple and zone that {@link find} looked for last. */
  soughtHash = 0

  constructor(memory = new EventMemory()) {
    super()
    this.memory = memory
    this.state = memory.words
    this.learnZone(0)
    this.grow(firstCapacity)
  }

  /** Rows that hold an open flow. */
  get size(): number {
    return this.state[place.size] ?? 0
  }

  /** Rows ever used; every open flow's row is below. Free rows have `isOpen` false. */
  get rowsUsed(): number {
    return this.state[place.used] ?? 0
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
    if (zone !== 0) this.learnZone(zone)
    this.state[place.size] = this.size + 1
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
    const free = this.state[place.free] ?? 0
    this.freeRows[free] = row
    this.state[place.free] = free + 1
    this.state[place.size] = this.size - 1
  }

  /**
   * Calls `visit` with each row that may hold one of these endpoints; the visitor compares, and
   * sees whether it is open.
   */
  eachWithPublic(endpoints: readonly Endpoint[], visit: (row: number) => void): void {
    const hashes = endpoints.map(({ ip, port }) => endpointHash(...ip, port))
    this.index.eachWithEndpoint(hashes, this.rowsUsed, visit)
  }

  /** The earliest start of a slice that is still open; `otherwise` where nothing is open. */
  oldestSliceStartUs(otherwise: number): number {
    let oldest = otherwise
    const used = this.rowsUsed
    for (let row = 0; row < used; row++) {
      if (!this.isOpen(row)) continue
      const start = this.sliceStart(row)
      if (start < oldest) oldest = start
    }
    return oldest
  }

  private linkForward(row: number, hash: number): void {
    this.setFlags(row, rowFlags.forwarded, 0)
    this.forwards.link(row, hash, 0, 0)
  }

  /** The kernels leave a flow of a zone that is new to them to {@link insert}. */
  private learnZone(zone: number): void {
    this.zones.add(zone)
    const bits = new Uint8Array(this.state.buffer, place.zones, 8192)
    bits[zone >> 3] = (bits[zone >> 3] ?? 0) | (1 << (zone & 7))
  }

  private takeRow(): number {
    const { state } = this
    const free = state[place.free] ?? 0
    if (free > 0) {
      state[place.free] = free - 1
      return this.freeRows[free - 1] ?? none
    }
    const used = this.rowsUsed
    const capacity = state[place.capacity] ?? 0
    if (used === capacity) this.grow(2 * capacity)
    state[place.used] = used + 1
    return used
  }

  /** Makes room for so many rows, all of which are taken so far. */
  private grow(capacity: number): void {
    const { state, memory } = this
    const used = this.rowsUsed
    const at = memory.columns.growEnd(capacity * bytesOfAll)
    const { buffer } = memory.columns
    const places = at + capacity * rowBytes
    const freeRows = places + capacity * indexBytes
    this.growRows(capacity, buffer, at)
    const before = this.index.clear(capacity, buffer, places)
    const forwardsAt = this.forwardMemory.growEnd(capacity * indexBytes)
    const forwardsBefore = this.forwards.clear(capacity, this.forwardMemory.buffer, forwardsAt)
    for (let row = 0; row < used; row++) {
      if (!this.isOpen(row)) continue
      this.index.relink(row, before)
      if ((this.flags(row) & rowFlags.forwarded) !== 0) this.forwards.relink(row, forwardsBefore)
    }
    this.freeRows = new Int32Array(buffer, freeRows, capacity)
    // Rows that are new lie where the index was.
    const until = Math.min(capacity * rowBytes, used * bytesOfAll)
    this.words.fill(0, used * rowWords, until / 4)
    const heads = freeRows - 4 * capacity
    state.set([at, places, heads, capacity - 1, freeRows, capacity], place.table)
  }
}

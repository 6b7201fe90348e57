import type { Columns } from '../../model/flow-batch.ts'
import { hashOf, readTuple, rowLayout as at, rowWords, sameTuple, writeTuple } from './open-row.ts'
import { endpointHash, PublicIndex } from './public-index.ts'

const none = -1
const firstCapacity = 4096

/**
 * The connections that are open now, in one growing memory; with the buckets about 210 octets each.
 * Rows that are free form a list through the word that otherwise links rows of one bucket.
 */
export class OpenTable {
  /** Rows that hold an open flow. */
  size = 0
  /** All rows; word w of row r is at r * rowWords + w. Replaced when the table grows. */
  words: Int32Array
  /** The same memory as doubles: the times of row r are at r * rowWords / 2 + connectionStart … */
  doubles: Float64Array
  private capacity = firstCapacity
  private used = 0
  private free = none
  /** Hash of the tuple that was looked for last. */
  private soughtHash = 0
  private tupleHeads: Int32Array
  private readonly publics = new PublicIndex(firstCapacity)

  constructor() {
    const memory = new ArrayBuffer(firstCapacity * rowWords * 4)
    this.words = new Int32Array(memory)
    this.doubles = new Float64Array(memory)
    this.tupleHeads = new Int32Array(firstCapacity).fill(none)
  }

  /** Rows ever used; every open flow's row is below. Free rows have `isOpen` false. */
  get rowsUsed(): number {
    return this.used
  }

  isOpen(row: number): boolean {
    return this.words[row * rowWords + at.firstLink + 2] !== none
  }

  /**
   * Finds the open flow with the original tuple and zone of a batch row; -1 where there is none.
   */
  find(columns: Columns, batchRow: number): number {
    const hash = hashOf(columns, batchRow)
    this.soughtHash = hash
    const { words } = this
    let row = this.tupleHeads[hash & (this.capacity - 1)] ?? none
    while (row !== none) {
      const base = row * rowWords
      if (words[base + at.hash] === hash && sameTuple(words, base, columns, batchRow)) return row
      row = words[base + at.next] ?? none
    }
    return none
  }

  /**
   * Takes a flow in: tuples, protocol, zone, id and mark come from the batch row, the rest is zero.
   * The caller has just looked for this tuple and zone with {@link find}, and none is open.
   *
   * @returns its row
   */
  insert(columns: Columns, batchRow: number): number {
    const row = this.takeRow()
    const { words } = this
    const base = row * rowWords
    writeTuple(words, base, columns, batchRow)
    words[base + at.hash] = this.soughtHash
    this.linkTuple(row)
    this.publics.link(words, row)
    this.size++
    return row
  }

  /** Lets a flow go; its row is used again. */
  remove(row: number): void {
    this.unlinkTuple(row)
    this.publics.unlink(this.words, row)
    const base = row * rowWords
    this.words[base + at.firstLink + 2] = none
    this.words[base + at.next] = this.free
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
    this.publics.each(this.words, endpointHash(w0, w1, w2, w3, port), visit)
  }

  private takeRow(): number {
    if (this.free !== none) {
      const row = this.free
      this.free = this.words[row * rowWords + at.next] ?? none
      return row
    }
    if (this.used === this.capacity) this.grow()
    return this.used++
  }

  /** Doubles the memory; untouched pages of the new half cost nothing until rows reach them. */
  private grow(): void {
    this.capacity *= 2
    const memory = new ArrayBuffer(this.capacity * rowWords * 4)
    const words = new Int32Array(memory)
    words.set(this.words)
    this.words = words
    this.doubles = new Float64Array(memory)
    this.tupleHeads = new Int32Array(this.capacity).fill(none)
    this.publics.clear(this.capacity)
    for (let row = 0; row < this.used; row++) {
      if (!this.isOpen(row)) continue
      this.linkTuple(row)
      this.publics.link(words, row)
    }
  }

  private linkTuple(row: number): void {
    const base = row * rowWords
    const bucket = (this.words[base + at.hash] ?? 0) & (this.capacity - 1)
    this.words[base + at.next] = this.tupleHeads[bucket] ?? none
    this.tupleHeads[bucket] = row
  }

  private unlinkTuple(row: number): void {
    const { words } = this
    const base = row * rowWords
    const next = words[base + at.next] ?? none
    const bucket = (words[base + at.hash] ?? 0) & (this.capacity - 1)
    let other = this.tupleHeads[bucket] ?? none
    if (other === row) {
      this.tupleHeads[bucket] = next
      return
    }
    while (other !== none) {
      const otherBase = other * rowWords
      const after = words[otherBase + at.next] ?? none
      if (after === row) {
        words[otherBase + at.next] = next
        return
      }
      other = after
    }
  }
}

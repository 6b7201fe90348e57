/**
 * Finds rows of a table by a hash: buckets with chains through the rows, in two arrays. Rows of the
 * same hash are not told apart here; who asks compares.
 */
export class RowIndex {
  #heads = new Int32Array(0)
  #next = new Int32Array(0)
  #hashes = new Uint32Array(0)

  /** Makes room for rows below `capacity`, a power of two. */
  grow(capacity: number): void {
    const hashes = new Uint32Array(capacity)
    hashes.set(this.#hashes)
    const used = this.#chained()
    this.#hashes = hashes
    this.#next = new Int32Array(capacity).fill(-1)
    this.#heads = new Int32Array(capacity).fill(-1)
    for (const row of used) this.add(row, hashes[row] ?? 0)
  }

  #chained(): number[] {
    const rows: number[] = []
    for (const head of this.#heads) {
      for (let row = head; row >= 0; row = this.#next[row] ?? -1) rows.push(row)
    }
    return rows
  }

  add(row: number, hash: number): void {
    const bucket = hash & (this.#heads.length - 1)
    this.#hashes[row] = hash
    this.#next[row] = this.#heads[bucket] ?? -1
    this.#heads[bucket] = row
  }

  remove(row: number): void {
    const bucket = (this.#hashes[row] ?? 0) & (this.#heads.length - 1)
    let at = this.#heads[bucket] ?? -1
    if (at === row) {
      this.#heads[bucket] = this.#next[row] ?? -1
      return
    }
    while (at >= 0) {
      const next = this.#next[at] ?? -1
      if (next === row) {
        this.#next[at] = this.#next[row] ?? -1
        return
      }
      at = next
    }
  }

  /** The first row of this hash, or -1. */
  first(hash: number): number {
    return this.#matching(this.#heads[hash & (this.#heads.length - 1)] ?? -1, hash)
  }

  /** The next row of the same hash after `row`, or -1. */
  after(row: number): number {
    return this.#matching(this.#next[row] ?? -1, this.#hashes[row] ?? 0)
  }

  #matching(from: number, hash: number): number {
    let row = from
    while (row >= 0 && this.#hashes[row] !== hash >>> 0) row = this.#next[row] ?? -1
    return row
  }
}

import { GrowingMemory } from './growing-memory.ts'

const none = -1

/**
 * Finds open flows by the hash of tuple and zone. Hash and link of a row lie together in a memory
 * of their own, eight octets a row, so that following a list seldom leaves the processor's cache.
 */
export class TupleIndex {
  private readonly memory = new GrowingMemory()
  private heads = new Int32Array(0)
  /** Hash of row r at 2r, the next row of its list at 2r + 1. */
  private links = new Int32Array(0)

  /** Empties the index and makes room for rows below `capacity`, a power of two. */
  clear(capacity: number): void {
    this.heads = new Int32Array(capacity).fill(none)
    this.links = new Int32Array(this.memory.grow(capacity * 8))
  }

  /** The first row whose hash is `hash`, behind row `after` where that is not -1; -1: none. */
  next(hash: number, after: number): number {
    const { heads, links } = this
    let row = after === none ? heads[hash & (heads.length - 1)] : links[2 * after + 1]
    while (row !== undefined && row !== none) {
      if (links[2 * row] === hash) return row
      row = links[2 * row + 1]
    }
    return none
  }

  /** Looks at the head of a hash's list: see Prefetch. @returns its first row */
  touchHead(hash: number): number {
    return this.heads[hash & (this.heads.length - 1)] ?? none
  }

  hashOf(row: number): number {
    return this.links[2 * row] ?? 0
  }

  link(row: number, hash: number): void {
    const { heads, links } = this
    const bucket = hash & (heads.length - 1)
    links[2 * row] = hash
    links[2 * row + 1] = heads[bucket] ?? none
    heads[bucket] = row
  }

  unlink(row: number): void {
    const { heads, links } = this
    const bucket = (links[2 * row] ?? 0) & (heads.length - 1)
    const next = links[2 * row + 1] ?? none
    let before = heads[bucket] ?? none
    if (before === row) {
      heads[bucket] = next
      return
    }
    while (before !== none && links[2 * before + 1] !== row) before = links[2 * before + 1] ?? none
    if (before !== none) links[2 * before + 1] = next
  }
}

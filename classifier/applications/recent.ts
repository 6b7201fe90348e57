/**
 * A map of bounded size that forgets what was used longest ago, about: it holds two halves, and
 * forgets the older half when the newer is full.
 */
export class Recent<V> {
  private newer = new Map<string, V>()
  private older = new Map<string, V>()
  private readonly half: number

  constructor(size: number) {
    this.half = Math.ceil(size / 2)
  }

  get(key: string): V | undefined {
    const found = this.newer.get(key)
    if (found !== undefined) return found
    const kept = this.older.get(key)
    if (kept !== undefined) this.set(key, kept)
    return kept
  }

  set(key: string, value: V): void {
    this.newer.set(key, value)
    if (this.newer.size < this.half) return
    this.older = this.newer
    this.newer = new Map()
  }

  delete(key: string): void {
    this.newer.delete(key)
    this.older.delete(key)
  }

  get size(): number {
    return this.newer.size + this.older.size
  }

  *entries(): Iterable<readonly [key: string, value: V]> {
    for (const entry of this.older) if (!this.newer.has(entry[0])) yield entry
    yield* this.newer
  }
}

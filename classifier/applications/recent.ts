/**
 * A map of bounded size that forgets what was used longest ago, about: it holds two halves, and
 * forgets the older half when the newer is full.
 */
export class Recent<K, V> {
  private newer = new Map<K, V>()
  private older = new Map<K, V>()
  private readonly half: number

  constructor(size: number) {
    this.half = Math.ceil(size / 2)
  }

  get(key: K): V | undefined {
    const found = this.newer.get(key)
    if (found !== undefined) return found
    const kept = this.older.get(key)
    if (kept !== undefined) this.set(key, kept)
    return kept
  }

  set(key: K, value: V): void {
    this.newer.set(key, value)
    if (this.newer.size < this.half) return
    this.older = this.newer
    this.newer = new Map<K, V>()
  }

  delete(key: K): void {
    this.newer.delete(key)
    this.older.delete(key)
  }

  get size(): number {
    return this.newer.size + this.older.size
  }

  *entries(): Iterable<readonly [key: K, value: V]> {
    for (const entry of this.older) if (!this.newer.has(entry[0])) yield entry
    yield* this.newer
  }
}

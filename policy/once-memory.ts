import { maxRemembered } from './limits.ts'

/** Remembers keys for a while; of too many the oldest is forgotten first. */
export class OnceMemory {
  /** Keys that had to be forgotten before their time. */
  forgotten = 0
  private readonly times = new Map<string, number>()
  private readonly keepUs: number
  private readonly limit: number

  constructor(keepUs: number, limit = maxRemembered) {
    this.keepUs = keepUs
    this.limit = limit
  }

  get size(): number {
    return this.times.size
  }

  /** When the key was noted, us since 1970; undefined where that is longer ago than it counts. */
  at(key: string, nowUs: number): number | undefined {
    const at = this.times.get(key)
    return at === undefined || nowUs - at > this.keepUs ? undefined : at
  }

  note(key: string, nowUs: number): void {
    this.times.delete(key)
    this.times.set(key, nowUs)
    for (const [oldest, at] of this.times) {
      const isOver = nowUs - at > this.keepUs
      if (!isOver && this.times.size <= this.limit) break
      if (!isOver) this.forgotten++
      this.times.delete(oldest)
    }
  }
}

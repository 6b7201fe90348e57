import type { RateLimit } from '../model/principal.ts'

/** Lets so many through in so much time, all at once where they come so. */
export class RateGate {
  private tokens: number
  private atUs = 0
  private readonly limit: RateLimit

  constructor(limit: RateLimit) {
    this.limit = limit
    this.tokens = limit.count
  }

  /** True where one more may pass now; it is counted then. */
  pass(nowUs: number): boolean {
    const { count, perUs } = this.limit
    const gained = this.atUs === 0 ? 0 : (Math.max(0, nowUs - this.atUs) * count) / perUs
    this.tokens = Math.min(count, this.tokens + gained)
    this.atUs = nowUs
    if (this.tokens < 1) return false
    this.tokens--
    return true
  }
}

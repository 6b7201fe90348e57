import type { RateLimit } from '../model/principal.ts'

/** The times of the last requests of one key, as a ring of as many as count. */
interface Ring {
  readonly times: Float64Array
  next: number
}

/**
 * At most so many requests in any stretch of the length given: the time of each that counts is
 * remembered. It counts in this process and begins anew with it.
 */
export class RateLimiter {
  readonly #rings = new Map<string, Ring>()
  readonly #refused = new Set<string>()

  /** @returns 0 where it is within the limit and was counted, else how long to wait (us) */
  take(key: string, limit: RateLimit, nowUs: number): number {
    let ring = this.#rings.get(key)
    if (ring === undefined || ring.times.length !== limit.count) {
      ring = { times: new Float64Array(limit.count).fill(-Infinity), next: 0 }
      this.#rings.set(key, ring)
    }
    const waitUs = (ring.times[ring.next] ?? 0) + limit.perUs - nowUs
    if (waitUs > 0) return waitUs
    this.#refused.delete(key)
    ring.times[ring.next] = nowUs
    ring.next = (ring.next + 1) % limit.count
    return 0
  }

  /** True for the first refusal since a request went through: one is worth writing down. */
  isFirstRefusal(key: string): boolean {
    if (this.#refused.has(key)) return false
    this.#refused.add(key)
    return true
  }
}

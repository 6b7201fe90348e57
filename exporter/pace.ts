import { setTimeout as sleep } from 'node:timers/promises'

/** What may be sent at once after a while of nothing: so much of a second's. */
const burst = 0.05

/** Holds a sender to a rate: collectors lose what comes in faster than they read. */
export class Pace {
  private readonly perMs: number
  private readonly most: number
  private allowance: number
  private atMs = performance.now()

  constructor(perSecond: number) {
    this.perMs = perSecond / 1000
    this.most = perSecond * burst
    this.allowance = this.most
  }

  /** Resolves when `count` more may go. */
  async wait(count: number): Promise<void> {
    const now = performance.now()
    this.allowance = Math.min(this.most, this.allowance + (now - this.atMs) * this.perMs)
    this.atMs = now
    this.allowance -= count
    if (this.allowance < 0) await sleep(-this.allowance / this.perMs)
  }
}

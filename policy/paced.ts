import type { RateLimit } from '../model/principal.ts'
import { maxWaiting } from './limits.ts'
import type { Report } from './target.ts'
import type { Verdict } from './outcome.ts'
import { RateGate } from './rate-gate.ts'

/** Verdicts that are acted on no faster than a rate: those over it wait for their turn. */
export class Paced {
  private waiting: Verdict[] = []
  private readonly gate: RateGate

  constructor(limit: RateLimit) {
    this.gate = new RateGate(limit)
  }

  get isWaiting(): boolean {
    return this.waiting.length > 0
  }

  add(verdict: Verdict): void {
    this.waiting.push(verdict)
  }

  /**
   * Hands on what waits, in order.
   *
   * @param take deals with one; it asks `pass` once before it does what the rate is for, and gives
   *   false where it may not: then this one, and all behind it, go on waiting
   */
  flush(
    nowUs: number,
    report: Report,
    take: (verdict: Verdict, pass: () => boolean) => boolean
  ): void {
    const { waiting } = this
    this.waiting = []
    let isOver = false
    const pass = (): boolean => this.gate.pass(nowUs)
    for (const verdict of waiting) {
      isOver ||= !take(verdict, pass)
      if (!isOver) continue
      if (this.waiting.length < maxWaiting) this.waiting.push(verdict)
      else report(verdict, 'limited')
    }
  }
}

import { createHash, timingSafeEqual } from 'node:crypto'

/** A log-in that was begun and whose person is at the provider. */
export interface PendingLogIn {
  readonly nonce: string
  readonly verifier: string
  /** SHA-256 of the secret in the cookie of the browser that began it. */
  readonly browser: Buffer
  readonly returnTo: string
  readonly begunMs: number
}

/** How long somebody may take at the provider. */
export const pendingMs = 600_000

/** Log-ins under way; who begins another pushes out the oldest. */
const maxPending = 10_000

/** SHA-256 of a text. */
export const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Equal, in a time that does not tell how far. */
export const equalSecrets = (a: string, b: string): boolean => timingSafeEqual(sha256(a), sha256(b))

/** The log-ins under way by their state, each of which is taken once. */
export class PendingLogIns {
  readonly #byState = new Map<string, PendingLogIn>()

  add(state: string, log: PendingLogIn): void {
    for (const [key, { begunMs }] of this.#byState) {
      const isOver = begunMs + pendingMs < log.begunMs
      if (!isOver && this.#byState.size < maxPending) break
      this.#byState.delete(key)
    }
    this.#byState.set(state, log)
  }

  /** Taken out, so that a state that comes twice is unknown the second time. */
  take(state: string, browser: string): PendingLogIn | undefined {
    const log = this.#byState.get(state)
    // Only the browser that began it may end it, and others may not spoil it.
    if (log === undefined || !timingSafeEqual(sha256(browser), log.browser)) return undefined
    this.#byState.delete(state)
    return log.begunMs + pendingMs < Date.now() ? undefined : log
  }
}

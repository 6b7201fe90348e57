/** Failures of one address that cost nothing yet. */
const freeFailures = 10

/** The longest that an address waits, in milliseconds. */
const longestMs = 60_000

/** What is forgotten: an address without failures for so long. */
const forgetMs = 600_000

const maxAddresses = 10_000
const maxGood = 1000

interface Failures {
  count: number
  lastMs: number
}

/**
 * Slows down who guesses: after some failures an address waits, twice as long after each. Secrets
 * that held before are let through meanwhile, so that nobody behind the same address is shut out.
 */
export class FailureBrake {
  readonly #failures = new Map<string, Failures>()
  readonly #good = new Set<string>()

  /** @returns how long the address has to wait, in milliseconds; 0: it need not */
  waitMs(address: string, secretDigest: string, nowMs: number): number {
    const known = this.#failures.get(address)
    if (known === undefined || known.count < freeFailures) return 0
    if (this.#good.has(secretDigest)) return 0
    const pauseMs = Math.min(longestMs, 1000 * 2 ** Math.min(10, known.count - freeFailures))
    return Math.max(0, known.lastMs + pauseMs - nowMs)
  }

  failed(address: string, nowMs: number): void {
    const known = this.#failures.get(address)
    const count = known === undefined || known.lastMs + forgetMs < nowMs ? 1 : known.count + 1
    this.#failures.delete(address)
    this.#failures.set(address, { count, lastMs: nowMs })
    dropOldest(this.#failures, maxAddresses)
  }

  /** A secret held. */
  succeeded(secretDigest: string): void {
    this.#good.delete(secretDigest)
    this.#good.add(secretDigest)
    dropOldest(this.#good, maxGood)
  }
}

/** Maps and sets keep the order in which things were put in. */
function dropOldest(kept: Map<string, unknown> | Set<string>, most: number): void {
  if (kept.size <= most) return
  const oldest = kept.keys().next().value
  if (oldest !== undefined) kept.delete(oldest)
}

import { isV4, parseAddress } from '../model/address.ts'

/** Failures of one address that cost nothing yet. */
const freeFailures = 10

/** The longest that an address waits, in milliseconds. */
const longestMs = 60_000

/** What is forgotten: an address without failures for so long. */
const forgetMs = 600_000

/** Secrets of one network that are checked at one time; once it has to wait, one. */
const mostAtOnce = 32

/** How long who comes while so many are checked is asked to wait, in milliseconds. */
const busyMs = 1000

const maxAddresses = 10_000
const maxGood = 1000

interface Failures {
  count: number
  lastMs: number
}

/** Whoever has an address of IPv6 has its /64 (RFC 4291 §2.5.4): each of it counts as all of it. */
function networkOf(address: string): string {
  const parsed = parseAddress(address)
  if (parsed === undefined) return address
  const [w0, w1, w2] = parsed
  return isV4(w0, w1, w2) ? address : `${w0}:${w1}`
}

/**
 * Slows down who guesses: after some failures a network waits, twice as long after each, and cannot
 * try many at one time instead. Secrets that held before are let through meanwhile, so that nobody
 * behind the same address is shut out.
 */
export class FailureBrake {
  readonly #failures = new Map<string, Failures>()
  readonly #good = new Set<string>()
  /** Of each network, the secrets that are being checked, and by how many requests. */
  readonly #checked = new Map<string, Map<string, number>>()

  /**
   * Begins to check a secret, unless its network has to wait; who began ends it by {@link leave}.
   *
   * @returns how long the network has to wait, in milliseconds; 0: it need not
   */
  enter(address: string, secretDigest: string, nowMs: number): number {
    const waitMs = this.#waitMs(networkOf(address), secretDigest, nowMs)
    if (waitMs === 0) this.#count(networkOf(address), secretDigest, 1)
    return waitMs
  }

  leave(address: string, secretDigest: string): void {
    this.#count(networkOf(address), secretDigest, -1)
  }

  failed(address: string, nowMs: number): void {
    const network = networkOf(address)
    const known = this.#failures.get(network)
    const count = known === undefined || known.lastMs + forgetMs < nowMs ? 1 : known.count + 1
    this.#failures.delete(network)
    this.#failures.set(network, { count, lastMs: nowMs })
    dropOldest(this.#failures, maxAddresses)
  }

  /** A secret held. */
  succeeded(secretDigest: string): void {
    this.#good.delete(secretDigest)
    this.#good.add(secretDigest)
    dropOldest(this.#good, maxGood)
  }

  #waitMs(network: string, secretDigest: string, nowMs: number): number {
    if (this.#good.has(secretDigest)) return 0
    const known = this.#failures.get(network)
    const isBraked = known !== undefined && known.count >= freeFailures
    if (isBraked) {
      const pauseMs = Math.min(longestMs, 1000 * 2 ** Math.min(10, known.count - freeFailures))
      const waitMs = known.lastMs + pauseMs - nowMs
      if (waitMs > 0) return waitMs
    }
    const checked = this.#checked.get(network)
    if (checked === undefined || checked.has(secretDigest)) return 0
    return checked.size >= (isBraked ? 1 : mostAtOnce) ? busyMs : 0
  }

  #count(network: string, secretDigest: string, change: number): void {
    const checked = this.#checked.get(network) ?? new Map<string, number>()
    const count = (checked.get(secretDigest) ?? 0) + change
    if (count > 0) checked.set(secretDigest, count)
    else checked.delete(secretDigest)
    if (checked.size > 0) this.#checked.set(network, checked)
    else this.#checked.delete(network)
  }
}

/** Maps and sets keep the order in which things were put in. */
function dropOldest(kept: Map<string, unknown> | Set<string>, most: number): void {
  if (kept.size <= most) return
  const oldest = kept.keys().next().value
  if (oldest !== undefined) kept.delete(oldest)
}

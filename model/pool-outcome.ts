import { isSpread, shapeOf, skippedFirst } from './deterministic-nat.ts'
import type { DeterministicPool } from './deterministic-nat.ts'
import { spreadOf } from './modulo-spread.ts'
import type { ModuloSpread } from './modulo-spread.ts'

/** How a pool comes out: what its users want to know before they use it. */
export interface PoolOutcome {
  readonly subscribers: number
  readonly addresses: number
  /** Subscribers of the fullest address. */
  readonly fullest: number
  /** Ports of each subscriber, on each address that it has. */
  readonly ports: number
  /** Of `modulo`: the low bits that say which address. */
  readonly spread?: ModuloSpread
}

/** Computes how a pool comes out. */
export function outcomeOf(pool: DeterministicPool): PoolOutcome {
  const { subscribers, addresses, ratio, ports, spread } = shapeOf(pool)
  const found = { subscribers, addresses, ports }
  if (spread !== undefined) {
    return { ...found, fullest: fullestOf(spread, subscribers, skippedFirst(pool)), spread }
  }
  return { ...found, fullest: isSpread(pool) ? subscribers : Math.min(subscribers, ratio) }
}

function fullestOf(spread: ModuloSpread, subscribers: number, skipped: number): number {
  const counts = new Uint32Array(spread.addresses)
  for (let subscriber = 0; subscriber < subscribers; subscriber++) {
    const { index } = spreadOf(spread, subscriber + skipped)
    counts[index] = (counts[index] ?? 0) + 1
  }
  return counts.reduce((most, count) => Math.max(most, count), 0)
}

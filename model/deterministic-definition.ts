import { z } from 'zod'
import { formatV4, isV4, parseAddress, parsePrefix } from './address.ts'
import type { Prefix } from './address.ts'
import { checkPool, deterministicAlgorithms } from './deterministic-nat.ts'
import type { AddressRange, DeterministicPool } from './deterministic-nat.ts'
import { FlowledgerError } from './errors.ts'

/** A deterministic map as it is written down: in the ledger, in answers, on the command line. */
export const deterministicDefinition = z.strictObject({
  algorithm: z.enum(deterministicAlgorithms),
  inside: z.string(),
  /** Prefixes that a subscriber has, where the inside is IPv6. */
  subscriber_length: z.int().min(1).max(128).prefault(128),
  all_addresses: z.boolean().prefault(false),
  outside: z.array(z.string()).min(1).max(256),
  reserved_ports: z.int().min(0).max(65_535).prefault(1024),
  dynamic_factor: z.int().min(0).max(65_535).prefault(0),
  ports_per_subscriber: z.int().min(1).max(65_536).optional(),
  /** VRF of the inside addresses. */
  vrf: z.int().min(0).max(0xffffffff).prefault(0),
})

export type DeterministicDefinition = z.output<typeof deterministicDefinition>

function bad(what: string, fix: string): FlowledgerError {
  return new FlowledgerError('usage', what, { fix })
}

function insideOf(text: string): Prefix {
  const prefix = parsePrefix(text)
  if (prefix !== undefined) return prefix
  throw bad(`"${text.slice(0, 50)}" is not a prefix.`, 'Write it like 100.64.0.0/22.')
}

/** `192.0.2.0/26`, `192.0.2.1` or `192.0.2.1-192.0.2.9`. */
function rangeOf(text: string): AddressRange {
  const [from = '', to, ...rest] = text.split('-')
  const prefix = to === undefined ? parsePrefix(from) : undefined
  if (prefix !== undefined && isV4(prefix.words[0], prefix.words[1], prefix.words[2])) {
    const first = prefix.words[3]
    return { first, last: first + 2 ** (128 - prefix.length) - 1 }
  }
  const [first, last] = [parseAddress(from), parseAddress(to ?? '')]
  const isRange =
    first !== undefined &&
    last !== undefined &&
    isV4(first[0], first[1], first[2]) &&
    isV4(last[0], last[1], last[2]) &&
    first[3] <= last[3]
  if (isRange && rest.length === 0) return { first: first[3], last: last[3] }
  throw bad(
    `"${text.slice(0, 50)}" are no public IPv4 addresses.`,
    'Write a prefix, an address, or a first and a last one with - between them.'
  )
}

/**
 * Reads a definition.
 *
 * @throws FlowledgerError `usage` where it cannot be computed
 */
export function poolOf(definition: DeterministicDefinition): DeterministicPool {
  const { algorithm, inside, subscriber_length, all_addresses, outside } = definition
  const { reserved_ports, dynamic_factor, ports_per_subscriber } = definition
  const ranges = outside.map(rangeOf)
  const sorted = [...ranges].sort((a, b) => a.first - b.first)
  if (sorted.some(({ first }, i) => first <= (sorted[i - 1]?.last ?? -1))) {
    throw bad('A public address stands there twice.', 'Name each address once.')
  }
  const pool: DeterministicPool = {
    algorithm,
    inside: insideOf(inside),
    subscriberLength: subscriber_length,
    allAddresses: all_addresses,
    outside: ranges,
    reservedPorts: reserved_ports,
    dynamicFactor: dynamic_factor,
    ...(ports_per_subscriber === undefined ? {} : { portsPerSubscriber: ports_per_subscriber }),
  }
  checkPool(pool)
  return pool
}

/** The lowest and the highest public address of a pool, as text. */
export function outerBounds({ outside }: DeterministicPool): readonly [string, string] {
  return [
    formatV4(Math.min(...outside.map(({ first }) => first))),
    formatV4(Math.max(...outside.map(({ last }) => last))),
  ]
}

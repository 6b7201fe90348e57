import { FlowledgerError } from './errors.ts'
import type { AddressWords, Prefix } from './address.ts'
import { isV4, v4MappedWord } from './address.ts'
import { moduloSpread, offsetAt, placesOf, spreadOf } from './modulo-spread.ts'
import type { ModuloSpread } from './modulo-spread.ts'

/**
 * Deterministic NAT (RFC 7422): which ports of which public address a subscriber has follows from
 * the configuration, so nothing is logged and every answer is computed, both ways.
 *
 * With S subscribers, N public addresses, R reserved ports and the dynamic factor D, the
 * compression ratio is C = ceil(S / N), and each subscriber has P = floor((65536 - R) / (C + D))
 * ports. Ports past C * P are handed out as needed: no computation tells to whom.
 */
export const deterministicAlgorithms = [
  /** The first block to the first subscriber, the next to the second; address after address. */
  'sequential',
  /** Every C-th port of an address, from R on. */
  'staggered',
  /** The same block of P / N ports on every address. */
  'round-robin',
  /** Every (C * N)-th port, on every address. */
  'interlaced',
  /** A block on the address that the low bits of the subscriber's say (model/modulo-spread.ts). */
  'modulo',
] as const

export type DeterministicAlgorithm = (typeof deterministicAlgorithms)[number]

/** IPv4 addresses from the first to the last, unsigned. */
export interface AddressRange {
  readonly first: number
  readonly last: number
}

/** A configuration of a gateway, with everything that the computation needs. */
export interface DeterministicPool {
  readonly algorithm: DeterministicAlgorithm
  /** Subscribers, an address each, or of IPv6 a prefix each. */
  readonly inside: Prefix
  /** Length of a subscriber's prefix, where `inside` is IPv6. */
  readonly subscriberLength: number
  /** True where network and broadcast address of an IPv4 `inside` are subscribers too. */
  readonly allAddresses: boolean
  readonly outside: readonly AddressRange[]
  /** R: ports 0 to R - 1 are nobody's. */
  readonly reservedPorts: number
  /** D, added to the compression ratio: room for ports that are handed out as needed. */
  readonly dynamicFactor: number
  /** P where the gateway is told it; left out: computed. */
  readonly portsPerSubscriber?: number
}

/** Ports of one public address: start, start + step, ... end. */
export interface ComputedPorts {
  readonly outside: AddressWords
  readonly start: number
  readonly end: number
  readonly step: number
}

/** Whose a port is, or why it is nobody's that can be computed. */
export type ComputedHolder =
  | ({ readonly kind: 'subscriber'; readonly inside: AddressWords } & ComputedPorts)
  | { readonly kind: 'reserved' | 'dynamic' | 'unused' | 'not-of-pool' }

/** What follows from a configuration: the letters are those of RFC 7422. */
export interface Shape {
  readonly subscribers: number
  readonly addresses: number
  readonly ratio: number
  /** Ports that a subscriber has on one address. */
  readonly ports: number
  /** Of `modulo`. */
  readonly spread?: ModuloSpread
}

const portsOfAddress = 65_536
/** More subscribers of one pool than any gateway has. */
const maxSubscribers = 2 ** 24

function bad(message: string, fix: string): FlowledgerError {
  return new FlowledgerError('usage', message, { fix })
}

const isV4Prefix = ({ words }: Prefix): boolean => isV4(words[0], words[1], words[2])

/** Subscribers of a pool, before network and broadcast address are left out. */
function addressesInside({ inside, subscriberLength }: DeterministicPool): number {
  // Prefixes of IPv4 are v4-mapped: their length counts from 96.
  const length = isV4Prefix(inside) ? 128 : subscriberLength
  return 2 ** Math.max(0, length - inside.length)
}

/** The first host of a network is its second address, unless all count or there are no others. */
export function skippedFirst(pool: DeterministicPool): number {
  const leavesOut = isV4Prefix(pool.inside) && !pool.allAddresses && addressesInside(pool) > 2
  return leavesOut ? 1 : 0
}

/** Computes what follows from a configuration. */
export function shapeOf(pool: DeterministicPool): Shape {
  const { outside, reservedPorts, dynamicFactor, algorithm } = pool
  const subscribers = addressesInside(pool) - 2 * skippedFirst(pool)
  const addresses = outside.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  const usable = portsOfAddress - reservedPorts
  const spread = algorithm === 'round-robin' || algorithm === 'interlaced' ? addresses : 1
  const told = pool.portsPerSubscriber
  const hosts = addressesInside(pool)
  const modulo = algorithm === 'modulo' ? moduloSpread(hosts, addresses) : undefined
  const needed = modulo === undefined ? Math.ceil(subscribers / addresses) : placesOf(modulo, hosts)
  const ratio = told === undefined ? needed : Math.floor(usable / told) - dynamicFactor
  const whole = told ?? Math.floor(usable / (ratio + dynamicFactor))
  const ports =
    spread === 1 ? whole : Math.floor((told ?? usable / (ratio + dynamicFactor)) / spread)
  const shape = { subscribers, addresses, ratio: Math.max(needed, ratio), ports }
  // More places than there is room for: `checkPool` refuses it by its ports.
  if (ratio < needed) return { ...shape, ports: 0 }
  return modulo === undefined ? { ...shape, ratio } : { ...shape, ratio, spread: modulo }
}

/** The address of a subscriber of a pool that gives it a block on one, and its place there. */
function placeOf(pool: DeterministicPool, { ratio, spread }: Shape, subscriber: number) {
  if (spread !== undefined) return spreadOf(spread, subscriber + skippedFirst(pool))
  return { index: Math.floor(subscriber / ratio), place: subscriber % ratio }
}

/** Who has a place on an address, as a number of a subscriber that may not be there. */
function subscriberAt(
  pool: DeterministicPool,
  { ratio, spread, subscribers }: Shape,
  index: number,
  place: number
): number {
  if (spread === undefined) return index * ratio + place
  const offset = offsetAt(spread, index, place)
  return offset === undefined ? subscribers : offset - skippedFirst(pool)
}

/**
 * Sees that a pool can be computed.
 *
 * @throws FlowledgerError `usage`
 */
export function checkPool(pool: DeterministicPool): void {
  if (pool.outside.length === 0) throw bad('The pool has no public address.', 'Give --outside.')
  if (addressesInside(pool) > maxSubscribers) {
    throw bad(
      'The pool has more subscribers than any gateway.',
      'Give the length of the prefix that each has, or a smaller inside prefix.'
    )
  }
  const { subscribers, addresses, ratio, ports } = shapeOf(pool)
  if (ports >= 1 && ratio >= 1 && subscribers <= addresses * ratio) return
  throw bad(
    `${subscribers} subscribers do not fit into ${addresses} public addresses so.`,
    'Give more public addresses, or fewer ports to each.'
  )
}

function outsideAt(pool: DeterministicPool, index: number): number {
  let rest = index
  for (const { first, last } of pool.outside) {
    if (rest <= last - first) return first + rest
    rest -= last - first + 1
  }
  throw new RangeError(`the pool has no address ${index}`)
}

function outsideIndex(pool: DeterministicPool, address: number): number | undefined {
  let before = 0
  for (const { first, last } of pool.outside) {
    if (address >= first && address <= last) return before + address - first
    before += last - first + 1
  }
  return undefined
}

function toBig(words: AddressWords): bigint {
  return words.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n)
}

function fromBig(value: bigint): AddressWords {
  const word = (shift: bigint): number => Number((value >> shift) & 0xffffffffn)
  return [word(96n), word(64n), word(32n), word(0n)]
}

/** How far apart subscribers stand. */
function strideOf(pool: DeterministicPool): bigint {
  return isV4Prefix(pool.inside) ? 1n : 1n << BigInt(128 - pool.subscriberLength)
}

function insideAt(pool: DeterministicPool, subscriber: number): AddressWords {
  const offset = BigInt(subscriber + skippedFirst(pool)) * strideOf(pool)
  return fromBig(toBig(pool.inside.words) + offset)
}

function insideIndex(pool: DeterministicPool, inside: AddressWords): number | undefined {
  const distance = toBig(inside) - toBig(pool.inside.words)
  if (distance < 0n) return undefined
  const subscriber = Number(distance / strideOf(pool)) - skippedFirst(pool)
  return subscriber >= 0 && subscriber < shapeOf(pool).subscribers ? subscriber : undefined
}

const v4Words = (address: number): AddressWords => [0, 0, v4MappedWord, address >>> 0]

/** The ports of a place on the address with this index; of spread algorithms, of a subscriber. */
function portsOf(pool: DeterministicPool, shape: Shape, place: number, index: number) {
  const { reservedPorts: first, algorithm } = pool
  const { ratio, ports, addresses } = shape
  const stepped = (start: number, step: number): ComputedPorts => ({
    outside: v4Words(outsideAt(pool, index)),
    start,
    end: start + (ports - 1) * step,
    step,
  })
  if (algorithm === 'staggered') return stepped(first + place, ratio)
  if (algorithm === 'interlaced') return stepped(first + place, ratio * addresses)
  return stepped(first + place * ports, 1)
}

/** True where a subscriber has ports on every address. */
export const isSpread = ({ algorithm }: DeterministicPool): boolean =>
  algorithm === 'round-robin' || algorithm === 'interlaced'

/**
 * Which ports an inside address has; nothing where it is no subscriber of the pool. Algorithms that
 * spread a subscriber give a set on every address.
 */
export function portsOfInside(pool: DeterministicPool, inside: AddressWords): ComputedPorts[] {
  const subscriber = insideIndex(pool, inside)
  if (subscriber === undefined) return []
  const shape = shapeOf(pool)
  if (!isSpread(pool)) {
    const { index, place } = placeOf(pool, shape, subscriber)
    return [portsOf(pool, shape, place, index)]
  }
  const all = Array.from({ length: shape.addresses }, (_, index) => index)
  return all.map((index) => portsOf(pool, shape, subscriber, index))
}

/** The number of the subscriber on an address, counted from the port alone. */
function slotOf(pool: DeterministicPool, shape: Shape, offset: number): number | undefined {
  const { ratio, ports, addresses } = shape
  const { algorithm } = pool
  const step = algorithm === 'staggered' ? ratio : ratio * addresses
  if (algorithm === 'staggered' || algorithm === 'interlaced') {
    return Math.floor(offset / step) < ports ? offset % step : undefined
  }
  const slot = Math.floor(offset / ports)
  return slot < (algorithm === 'round-robin' ? ratio * addresses : ratio) ? slot : undefined
}

/** Whose a port of a public address is. */
export function holderOfPort(
  pool: DeterministicPool,
  outside: AddressWords,
  port: number
): ComputedHolder {
  const index = isV4(outside[0], outside[1], outside[2])
    ? outsideIndex(pool, outside[3])
    : undefined
  if (index === undefined) return { kind: 'not-of-pool' }
  if (port < pool.reservedPorts) return { kind: 'reserved' }
  const shape = shapeOf(pool)
  const slot = slotOf(pool, shape, port - pool.reservedPorts)
  if (slot === undefined) return { kind: 'dynamic' }
  const subscriber = isSpread(pool) ? slot : subscriberAt(pool, shape, index, slot)
  if (subscriber < 0 || subscriber >= shape.subscribers) return { kind: 'unused' }
  const inside = insideAt(pool, subscriber)
  return { kind: 'subscriber', inside, ...portsOf(pool, shape, slot, index) }
}

/** Every subscriber with ports on a public address, where no port is given. */
export function* holdersOfAddress(
  pool: DeterministicPool,
  outside: AddressWords
): Generator<{ readonly inside: AddressWords } & ComputedPorts> {
  const index = isV4(outside[0], outside[1], outside[2])
    ? outsideIndex(pool, outside[3])
    : undefined
  if (index === undefined) return
  const shape = shapeOf(pool)
  const places = isSpread(pool) ? shape.subscribers : shape.ratio
  for (let place = 0; place < places; place++) {
    const subscriber = isSpread(pool) ? place : subscriberAt(pool, shape, index, place)
    if (subscriber < 0 || subscriber >= shape.subscribers) continue
    yield { inside: insideAt(pool, subscriber), ...portsOf(pool, shape, place, index) }
  }
}

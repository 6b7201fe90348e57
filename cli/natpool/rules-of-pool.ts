import { formatV4, formatWords, v4MappedWord } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import { portsOfInside } from '../../model/deterministic-nat.ts'
import type { ComputedPorts, DeterministicPool } from '../../model/deterministic-nat.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { outcomeOf } from '../../model/pool-outcome.ts'

/** How the rules of a pool shall come out. */
export interface RuleOptions {
  /** True where each host has its own ports, false where the address alone is said. */
  readonly hasPorts: boolean
  /** Interface by which it leaves; left out: any. */
  readonly interface?: string | undefined
}

/** A host of a pool, and what it gets. */
export interface HostShare {
  readonly inside: number
  readonly share: ComputedPorts
}

/** Values of the low bits, or hosts one after the other, that lead to one public address. */
export interface Group {
  readonly outside: string
  /** Unsigned, in order, without gaps within a range. */
  readonly ranges: readonly (readonly [first: number, last: number])[]
}

/** What decides about the address: the whole of the inside address, or its low bits alone. */
export interface AddressMap {
  readonly mask: number
  readonly groups: readonly Group[]
}

const v4 = (address: number): AddressWords => [0, 0, v4MappedWord, address >>> 0]

/** Kinds of pool that rules can be written for. */
const writable: ReadonlySet<string> = new Set(['sequential', 'modulo'])

/** Sees that the kernel can do what a pool says: IPv4, one block a host, every address a host. */
export function requireWritable(pool: DeterministicPool): void {
  const [w0, w1, w2] = pool.inside.words
  const isV4 = w0 === 0 && w1 === 0 && w2 === v4MappedWord
  if (isV4 && writable.has(pool.algorithm)) return
  throw new FlowledgerError('usage', 'Rules are for IPv4, with --algorithm modulo or sequential.')
}

/** Every host of a pool, in order. */
export function* sharesOf(pool: DeterministicPool): Generator<HostShare> {
  const first = pool.inside.words[3]
  const hosts = 2 ** (128 - pool.inside.length)
  for (let offset = 0; offset < hosts; offset++) {
    const inside = (first + offset) >>> 0
    const [share] = portsOfInside(pool, v4(inside))
    if (share !== undefined) yield { inside, share }
  }
}

/** Which inside addresses lead to which public one. */
export function addressMapOf(pool: DeterministicPool): AddressMap {
  const { spread } = outcomeOf(pool)
  const groups = new Map<string, [number, number][]>()
  const last = spread === undefined ? Number.POSITIVE_INFINITY : spread.values
  let count = 0
  for (const { inside, share } of sharesOf(pool)) {
    if (count++ >= last) break
    const outside = formatWords(share.outside)
    const value = spread === undefined ? inside : inside & (spread.values - 1)
    const ranges = groups.get(outside) ?? []
    groups.set(outside, ranges)
    const open = ranges.at(-1)
    if (open !== undefined && open[1] + 1 === value) open[1] = value
    else ranges.push([value, value])
  }
  const mask = spread === undefined ? 0xffffffff : spread.values - 1
  return { mask, groups: [...groups].map(([outside, ranges]) => ({ outside, ranges })) }
}

/** `192.0.2.0/26` as it is written. */
export const insideText = ({ inside }: DeterministicPool): string =>
  `${formatV4(inside.words[3])}/${inside.length - 96}`

/** What the users of a pool must know, in plain sentences. */
export function remarksOf(pool: DeterministicPool, { hasPorts }: RuleOptions): readonly string[] {
  const { subscribers, addresses, fullest, ports } = outcomeOf(pool)
  const mean = subscribers / addresses
  const share = `${subscribers} inside hosts over ${addresses} public addresses`
  const evenness = `the fullest has ${fullest}, ${(fullest / mean).toFixed(3)} times the mean`
  const each = `Each host has ${ports} ports of its address.`
  const alone =
    `An address map alone names nobody: ${fullest} hosts share an address. ` +
    'Give ports to each (without --address-only), or keep the log of connections.'
  return [
    `${share}; ${evenness}.`,
    hasPorts ? each : `${each.slice(0, -1)}, were they given. ${alone}`,
  ]
}

import { isV4, octetsOfAddress } from './address.ts'

/**
 * The ledger's index starts with one bigint that stands for public address and port together, so
 * that a look-up of a port is a point, and one of a whole address is a range:
 *
 * ```
 *  63 62                              16 15       0
 * +--+----------------------------------+----------+
 * | 0| IPv4 address (32 bits, left 0)   |   port   |
 * | 1| 47-bit hash of the IPv6 address  |   port   |
 * +--+----------------------------------+----------+
 * ```
 * Two IPv6 addresses may share a hash: who reads by key compares the address too.
 */

/** FNV-1a over the 16 octets' words, with a final mix; spreads prefixes and interface ids alike. */
function hash32(seed: number, w0: number, w1: number, w2: number, w3: number): number {
  let hash = seed
  for (let i = 0; i < 4; i++) {
    const word = i === 0 ? w0 : i === 1 ? w1 : i === 2 ? w2 : w3
    hash = Math.imul(hash ^ word, 0x9e3779b1)
    hash ^= hash >>> 15
  }
  hash = Math.imul(hash, 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}

/** The high 32 bits of the key, unsigned. */
export function publicKeyHigh(w0: number, w1: number, w2: number, w3: number): number {
  if (isV4(w0, w1, w2)) return w3 >>> 16
  return (0x80000000 | (hash32(0x811c9dc5, w0, w1, w2, w3) >>> 1)) >>> 0
}

/** The low 32 bits of the key, unsigned. */
export function publicKeyLow(w0: number, w1: number, w2: number, w3: number, port: number): number {
  if (isV4(w0, w1, w2)) return (((w3 & 0xffff) << 16) | port) >>> 0
  return (((hash32(0x1b873593, w0, w1, w2, w3) & 0xffff) << 16) | port) >>> 0
}

/** The key as the signed 64-bit integer that Postgres holds. */
export function publicKey(words: readonly [number, number, number, number], port: number): bigint {
  const high = BigInt(publicKeyHigh(...words))
  return BigInt.asIntN(64, (high << 32n) | BigInt(publicKeyLow(...words, port)))
}

/** What rows of an address, or of one port of it, are found by. */
export interface AddressKeys {
  /** The keys, decimal digits, from the first to the last. */
  readonly first: string
  readonly last: string
  /** The octets of an IPv6 address, whose key may be another's too; null of an IPv4 address. */
  readonly octets: Buffer | null
}

/** The keys of an address; without a port those of all of them. */
export function keysOfAddress(
  words: readonly [number, number, number, number],
  port?: number
): AddressKeys {
  return {
    first: publicKey(words, port ?? 0).toString(),
    last: publicKey(words, port ?? 0xffff).toString(),
    octets: isV4(words[0], words[1], words[2]) ? null : octetsOfAddress(words),
  }
}

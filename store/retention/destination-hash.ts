import { createHmac } from 'node:crypto'
import { octetsOfAddress } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import { findRetentionKeys } from './keys.ts'
import type { RetentionKeys } from './keys.ts'

/**
 * A far end as a row has it once its destination is past (`remote_ip` of `ledger.flow`):
 *
 * ```
 *  4 or 16 octets   an address
 *  16 octets of 0   nobody logged it, or it was dropped; remote_port is 0
 *  32 octets        kept as a keyed hash; remote_port is 0
 * +--------------------------+----------------------------------+
 * | HMAC(address), 16 octets | HMAC(address, port), 16 octets   |
 * +--------------------------+----------------------------------+
 * ```
 * HMAC is HMAC-SHA-256 cut to its first 16 octets; an address goes in as its octets, a port as two
 * more, high one first. The first half lets a question match that names no port.
 */
export function destinationHash(keys: RetentionKeys, address: Uint8Array, port: number): Buffer {
  const half = (octets: Uint8Array): Buffer =>
    createHmac('sha256', keys.destination).update(octets).digest().subarray(0, 16)
  const both = Buffer.concat([address, Buffer.from([port >> 8, port & 255])])
  return Buffer.concat([half(address), half(both)])
}

/** The hash of a far end in hexadecimal; undefined: none was hashed here. */
export type HashDestination = (ip: AddressWords, port: number) => Promise<string | undefined>

/** Hashes far ends with the key of a data directory, which nobody but its owner can read. */
export function hashDestinationBy(dataDir: string): HashDestination {
  return async (ip, port) => {
    const keys = await findRetentionKeys(dataDir)
    return keys && destinationHash(keys, octetsOfAddress(ip), port).toString('hex')
  }
}

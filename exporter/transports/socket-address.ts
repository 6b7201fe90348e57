import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { formatListen } from '../../model/endpoint-text.ts'
import { isV4, parseAddress } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import { TargetLost } from '../transport.ts'

const AF_INET = 2
const AF_INET6 = 10

/*
 * struct sockaddr_in, 16 octets    u16 family (host order) | u16 port | u32 address | 8 unused
 * struct sockaddr_in6, 28 octets   u16 family | u16 port | u32 flow label | 16 address | u32 scope
 */

/** An address as the C library takes it. */
export interface SocketAddress {
  readonly domain: number
  readonly isV6: boolean
  readonly bytes: Buffer
  readonly text: string
}

export function socketAddress(words: AddressWords, port: number, text: string): SocketAddress {
  if (isV4(words[0], words[1], words[2])) {
    const bytes = Buffer.alloc(16)
    bytes.writeUInt16LE(AF_INET, 0)
    bytes.writeUInt16BE(port, 2)
    bytes.writeUInt32BE(words[3], 4)
    return { domain: AF_INET, isV6: false, bytes, text }
  }
  const bytes = Buffer.alloc(28)
  bytes.writeUInt16LE(AF_INET6, 0)
  bytes.writeUInt16BE(port, 2)
  for (const [index, word] of words.entries()) bytes.writeUInt32BE(word, 8 + 4 * index)
  return { domain: AF_INET6, isV6: true, bytes, text }
}

/**
 * The address of a name, of the family of `source` where that is given.
 *
 * @throws TargetLost `unresolved`
 */
export async function resolveHost(host: string, source?: string): Promise<string> {
  if (isIP(host) !== 0) return host
  const family = source === undefined ? 0 : isIP(source)
  try {
    return (await lookup(host, { family })).address
  } catch (error) {
    throw new TargetLost('unresolved', `${host} has no address`, error)
  }
}

/** As {@link resolveHost}, for the C library. */
export async function resolveTarget(
  host: string,
  port: number,
  source?: string
): Promise<SocketAddress> {
  const text = await resolveHost(host, source)
  const words = parseAddress(text)
  if (words === undefined) throw new TargetLost('unresolved', `${host} has no plain address`)
  return socketAddress(words, port, formatListen(text, port))
}

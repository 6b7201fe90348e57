import type { Bytes } from '../../model/bytes.ts'
import { quicVersion } from './quic-versions.ts'
import type { QuicVersion } from './quic-versions.ts'

/*
 * Long header (RFC 9000 §17.2):
 *
 *   |1|1|type (2)|....| version (4) | n | destination id | n | source id |
 *
 * Initial: | token length (v) | token | length (v) | packet number, payload ... |
 * 0-RTT, Handshake: | length (v) | ... |, Retry: | token | tag (16) |.
 *
 * Numbers (v) have their own length in their first two bits: 1, 2, 4 or 8 octets (§16).
 */

/** A long header, as far as it can be read without keys. */
export interface LongPacket {
  readonly versionNumber: number
  readonly version: QuicVersion
  readonly isInitial: boolean
  /** Range of the destination connection id. */
  readonly idAt: number
  readonly idEnd: number
  /** Where the packet number begins; 0 of packets without one. */
  readonly numberAt: number
  /** Behind its last octet. */
  readonly end: number
}

const maxIdBytes = 20

/** A number of variable length, as `[value, next place]`; value -1 where it is cut off. */
export function varint(bytes: Bytes, at: number): readonly [value: number, next: number] {
  const first = bytes.u8(at)
  if (first < 0) return [-1, at]
  switch (first >> 6) {
    case 0:
      return [first, at + 1]
    case 1: {
      const value = bytes.u16(at)
      return [value < 0 ? -1 : value & 0x3fff, at + 2]
    }
    case 2: {
      const value = bytes.u32(at)
      return [value < 0 ? -1 : value % 0x40000000, at + 4]
    }
    default: {
      const high = bytes.u32(at)
      const low = bytes.u32(at + 4)
      return [low < 0 ? -1 : (high % 0x40000000) * 2 ** 32 + low, at + 8]
    }
  }
}

/** Reads the long header at `from`; undefined where there is none of a version that is known. */
export function longPacketAt(bytes: Bytes, from: number): LongPacket | undefined {
  const first = bytes.u8(from)
  if (first < 0x80 || bytes.length < from + 7) return undefined
  const versionNumber = bytes.u32(from + 1)
  const version = quicVersion(versionNumber)
  if (version === undefined) return undefined
  // Google's versions before Q050 have both lengths in one octet, and no length of the packet.
  if (version.isGoogle && version.salt === undefined) {
    const whole = { versionNumber, version, isInitial: true, numberAt: 0, end: bytes.length }
    const nibble = bytes.u8(from + 5) >> 4
    return { ...whole, idAt: from + 6, idEnd: from + 6 + (nibble === 0 ? 0 : nibble + 3) }
  }
  const idAt = from + 6
  const idEnd = idAt + bytes.u8(from + 5)
  const sourceBytes = bytes.u8(idEnd)
  if (idEnd - idAt > maxIdBytes || sourceBytes < 0 || sourceBytes > maxIdBytes) return undefined
  const at = idEnd + 1 + sourceBytes
  const type = (first >> 4) & 3
  const isInitial = type === version.initialType
  const whole = { versionNumber, version, isInitial, idAt, idEnd }
  const isRetry = type === (version.initialType === 0 ? 3 : 0)
  if (isRetry) return { ...whole, numberAt: 0, end: bytes.length }
  const [tokenBytes, tokenAt] = isInitial ? varint(bytes, at) : [0, at]
  const [length, numberAt] = varint(bytes, tokenAt + tokenBytes)
  if (tokenBytes < 0 || length < 0) return undefined
  // A capture may have cut the datagram, but the packet may not be longer than that was.
  if (numberAt + length > bytes.wireLength) return undefined
  return { ...whole, numberAt, end: numberAt + length }
}

/** Frame types that Initial packets may hold (RFC 9000 §12.4); 8 is what Google's versions have. */
const frame = { padding: 0, ping: 1, ack: 2, ackEcn: 3, crypto: 6, googleCrypto: 8 } as const

/** Calls back with each CRYPTO frame's octets and their place in the stream. */
export function cryptoFrames(
  frames: Bytes,
  take: (offset: number, octets: Uint8Array) => void
): void {
  let at = 0
  while (at < frames.length) {
    const type = frames.u8(at++)
    if (type === frame.padding || type === frame.ping) continue
    if (type === frame.crypto || type === frame.googleCrypto) {
      const [offset, lengthAt] = varint(frames, at)
      const [length, dataAt] = varint(frames, lengthAt)
      if (offset < 0 || length < 0 || dataAt + length > frames.length) return
      take(offset, frames.subarray(dataAt, dataAt + length))
      at = dataAt + length
    } else if (type === frame.ack || type === frame.ackEcn) {
      at = behindAck(frames, at, type === frame.ackEcn)
      if (at < 0) return
    } else return
  }
}

/** ACK: | largest | delay | range count | first range | then each: gap | range |, and 3 of ECN. */
function behindAck(frames: Bytes, from: number, hasEcn: boolean): number {
  let at = from
  let left = 4 + (hasEcn ? 3 : 0)
  for (let i = 0; i < left; i++) {
    const [value, next] = varint(frames, at)
    if (value < 0) return -1
    if (i === 2) left += Math.min(value, 256) * 2
    at = next
  }
  return at
}

import type { Bytes } from '../../model/bytes.ts'

/*
 * RFC 3550 §5.1; the first octet holds version 2 (2 bits), padding, extension, count of sources:
 *
 *    0            1                    2          4           8      12
 *   | V P X CC   | M, payload type    | sequence | timestamp | SSRC | CC sources | extension |
 *
 * §6.1, one or more in a datagram, the length in words of 4 without the first:
 *
 *    0            1                  2        4
 *   | V P count  | type 200 .. 207  | length | SSRC | ...
 */

/** What successive packets of a stream must have in common. */
export interface RtpPacket {
  readonly type: number
  readonly sequence: number
  readonly source: number
}

/** Types 72 .. 76 would be taken for RTCP (RFC 5761 §4); 35 .. 71 nobody gives. */
const isPayloadType = (type: number): boolean => type <= 34 || type >= 77

/** Reads a datagram as RTP; undefined where it cannot be. */
export function readRtp(bytes: Bytes): RtpPacket | undefined {
  const first = bytes.u8(0)
  const type = bytes.u8(1) & 0x7f
  if (first >> 6 !== 2 || bytes.wireLength < 13 || !isPayloadType(type)) return undefined
  let at = 12 + 4 * (first & 15)
  if ((first & 0x10) !== 0) at += 4 + 4 * Math.max(0, bytes.u16(at + 2))
  if (at > bytes.wireLength) return undefined
  const source = bytes.u32(8)
  return source < 0 ? undefined : { type, sequence: bytes.u16(2), source }
}

const firstRtcp = 200
const lastRtcp = 207

/** True of the head of an RTCP packet, whose rest may be encrypted. */
export function hasRtcpHead(bytes: Bytes, at = 0): boolean {
  const type = bytes.u8(at + 1)
  return bytes.u8(at) >> 6 === 2 && type >= firstRtcp && type <= lastRtcp
}

/** Octets that a report must have: with 24 for each source that it reports on. */
function leastBytes(type: number, count: number): number {
  if (type === 200) return 28 + 24 * count
  if (type === 201) return 8 + 24 * count
  return type === 202 || type === 203 ? 4 : 8
}

/**
 * How many RTCP packets a datagram holds, if they fill it exactly; 0 where they do not.
 */
export function countRtcp(bytes: Bytes): number {
  let at = 0
  for (let count = 1; count <= 16; count++) {
    if (!hasRtcpHead(bytes, at)) return 0
    const length = 4 * (bytes.u16(at + 2) + 1)
    if (length < leastBytes(bytes.u8(at + 1), bytes.u8(at) & 31)) return 0
    at += length
    if (at === bytes.wireLength) return count
    // The rest is not in the capture.
    if (at < bytes.wireLength && at + 4 > bytes.length && bytes.length < bytes.wireLength)
      return count
  }
  return 0
}

const largestIndex = 1 << 20

/**
 * True of encrypted RTCP (RFC 3711 §3.4): the first eight octets are clear, and behind the rest
 * stand | E, index (4) | tag (10, or 4) |, the index being small in the beginning.
 */
export function isSecureRtcp(bytes: Bytes): boolean {
  const { wireLength } = bytes
  const type = bytes.u8(1)
  if (!hasRtcpHead(bytes) || type > 201 || 4 * (bytes.u16(2) + 1) + 8 > wireLength) return false
  return [14, 8].some((behind) => {
    const index = bytes.u32(wireLength - behind) - 0x80000000
    return index >= 0 && index < largestIndex
  })
}

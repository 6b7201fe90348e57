import type { Bytes } from '../../model/bytes.ts'

/*
 * uTP (BEP 29):
 *
 *   0                 1           2               4          8            12       16         18
 *  | type, version 1 | extension | connection id | time (4) | delta (4) | window | sequence | ack |
 *
 * types: 0 data, 1 fin, 2 state, 3 reset, 4 syn; extensions: | next | length | octets |.
 */
const headerBytes = 20
const maxType = 4
const maxExtensions = 4

/** What tells a uTP packet; undefined where it is none. */
export interface UtpPacket {
  readonly type: number
  readonly connection: number
  readonly carries: Bytes
}

export function readUtp(bytes: Bytes): UtpPacket | undefined {
  const first = bytes.u8(0)
  if ((first & 15) !== 1 || first >> 4 > maxType || bytes.length < headerBytes) return undefined
  let extension = bytes.u8(1)
  let at = headerBytes
  for (let i = 0; extension !== 0; i++) {
    const length = bytes.u8(at + 1)
    if (i === maxExtensions || extension > 3 || length < 0) return undefined
    extension = bytes.u8(at)
    at += 2 + length
  }
  const connection = bytes.u16(2)
  if (connection === 0 || bytes.u32(4) === 0 || at > bytes.wireLength) return undefined
  // Only data and fin have octets behind the header.
  const type = first >> 4
  if ((type === 2 || type === 4) && at !== bytes.wireLength) return undefined
  return { type, connection, carries: bytes.slice(at) }
}

/**
 * True where two packets can be of one connection: the opener receives on an id, and sends on the
 * next one.
 */
export function isSameUtp(a: UtpPacket, b: UtpPacket, sameDirection: boolean): boolean {
  const apart = Math.abs(a.connection - b.connection)
  const isSyn = a.type === 4 || b.type === 4
  return sameDirection
    ? apart === 0 || (isSyn && apart === 1)
    : apart === 1 || (isSyn && apart === 0)
}

import type { Bytes } from '../../model/bytes.ts'

/*
 * RFC 1006 §6, then X.224 §13 (COTP); the length counts from the first octet on, LI from behind it:
 *
 *    0   1   2            4    5             6         8        10
 *   | 3 | 0 | length (2) | LI | E0 request  | dst (2) | src (2) | class | parameters |
 *                              | D0 confirm |
 *                              | F0 data | 80 end |
 */
export const connectionRequest = 0xe0
export const connectionConfirm = 0xd0

/** A connection request or confirm of X.224 within TPKT. */
export interface ConnectionTpdu {
  readonly kind: number
  /** Where what follows the fixed part begins, and where the frame ends. */
  readonly at: number
  readonly end: number
}

/** True where the octets may become, or are, a frame that begins with a connection TPDU. */
export function mayBeConnection(bytes: Bytes, kind: number): boolean {
  const [first, second] = [bytes.u8(0), bytes.u8(1)]
  if (first !== 3 || (second !== 0 && second !== -1)) return false
  const type = bytes.u8(5)
  return type === -1 || (type & 0xf0) === kind
}

/** Reads it once its fixed part is there; undefined where lengths disagree. */
export function readConnection(bytes: Bytes): ConnectionTpdu | undefined {
  const end = bytes.u16(2)
  if (bytes.u16(0) !== 0x0300 || end < 11 || bytes.u8(4) !== end - 5) return undefined
  const kind = bytes.u8(5) & 0xf0
  if (kind !== connectionRequest && kind !== connectionConfirm) return undefined
  return { kind, at: 11, end }
}

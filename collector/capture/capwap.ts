import { dot11 } from './dot11.ts'
import { ethernet, etherType } from './ethernet.ts'
import type { LinkEnd } from './ethernet.ts'

/*
 * CAPWAP data between access point and controller (RFC 5415 §4.3):
 *
 *   | version 0, type 0 | header words (5) | radio (5) | binding (5) |T|F|L|W|M|K|..| fragment (4)
 *   | radio MAC (M) | wireless information (W) | then the frame
 *
 * With T it is a frame of the binding, 1: IEEE 802.11, else Ethernet.
 */
const headerBytes = 8
const isDot11 = 1

/** Reads the header at `at`; false where no data frame is in it. */
export function capwap(buffer: Uint8Array, at: number, end: number, out: LinkEnd): boolean {
  if (at + headerBytes > end || buffer[at] !== 0) return false
  const second = buffer[at + 1] ?? 0
  const third = buffer[at + 2] ?? 0
  const fourth = buffer[at + 3] ?? 0
  const frameAt = at + (second >> 3) * 4
  // What is only a part of a frame (F) is not put together.
  if (frameAt < at + headerBytes || (fourth & 0x80) !== 0) return false
  const isNative = (third & 1) === 1
  const binding = (third >> 1) & 0x1f
  if (!isNative) ethernet(buffer, frameAt, end, out)
  else if (binding === isDot11) dot11(buffer, frameAt, end, out)
  else return false
  return out.type >= etherType.ip4
}

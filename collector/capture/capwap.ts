import { ethernet, etherType, llc } from './link-types.ts'
import type { LinkEnd } from './link-types.ts'

/*
 * CAPWAP data between access point and controller (RFC 5415 §4.3):
 *
 *   | version 0, type 0 | header words (5) | radio (5) | binding (5) |T|F|L|W|M|K|..| fragment (4)
 *   | radio MAC (M) | wireless information (W) | then the frame
 *
 * With T it is a frame of the binding, 1: IEEE 802.11, else Ethernet. A data frame of 802.11:
 *
 *   | frame control (2) | duration (2) | three addresses (18) | sequence (2) | fourth address |
 *   | QoS (2) | LLC ...
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

/** Some access points turn the two octets of the frame control round. */
function dot11(buffer: Uint8Array, at: number, end: number, out: LinkEnd): void {
  const isTurned = ((buffer[at] ?? 0) & 3) !== 0
  const kind = buffer[isTurned ? at + 1 : at] ?? 0
  const flags = buffer[isTurned ? at : at + 1] ?? 0
  out.type = -1
  const isData = (kind & 0x0f) === 8
  const hasContent = (kind & 0x40) === 0
  const isProtected = (flags & 0x40) !== 0
  if (!isData || !hasContent || isProtected) return
  const addresses = (flags & 3) === 3 ? 30 : 24
  const qos = (kind & 0x80) === 0 ? 0 : 2
  llc(buffer, at + addresses + qos, end, out)
}

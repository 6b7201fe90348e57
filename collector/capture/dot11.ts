import { ethernet, found, llc } from './ethernet.ts'
import type { LinkReader } from './ethernet.ts'

/*
 * A data frame of IEEE 802.11 (§9.3.2.1):
 *
 *   | frame control (2) | duration (2) | three addresses (18) | sequence (2) | fourth address |
 *   | QoS (2) | HT control (4) | LLC ...
 *
 * frame control: | version 0 (2) | type 2: data (2) | subtype: 4 no data, 8 QoS |, then flags: 1 to
 * and 2 from the distribution system (both: a fourth address), 40 protected, 80 HT control.
 */

/** Some access points turn the two octets of the frame control round. */
export const dot11: LinkReader = (buffer, at, end, out) => {
  const isTurned = ((buffer[at] ?? 0) & 3) !== 0
  const kind = buffer[isTurned ? at + 1 : at] ?? 0
  const flags = buffer[isTurned ? at : at + 1] ?? 0
  const isData = (kind & 0x0f) === 8
  const hasContent = (kind & 0x40) === 0
  const isProtected = (flags & 0x40) !== 0
  if (at + 24 > end) return found(out, at, end, -2)
  if (!isData || !hasContent || isProtected) return found(out, at, end, -1)
  const addresses = (flags & 3) === 3 ? 30 : 24
  const isQos = (kind & 0x80) !== 0
  const extra = isQos ? ((flags & 0x80) === 0 ? 2 : 6) : 0
  return llc(buffer, at + addresses + extra, end, out)
}

const u16le = (buffer: Uint8Array, at: number): number =>
  (buffer[at] ?? 0) | ((buffer[at + 1] ?? 0) << 8)

/** Radiotap: | version 0 | 0 | length, little endian | what its receiver saw ... |. */
export const radiotap: LinkReader = (buffer, at, end, out) => {
  const length = at + 8 <= end && buffer[at] === 0 ? u16le(buffer, at + 2) : 0
  if (length < 8) return found(out, at, end, -2)
  return dot11(buffer, at + length, end, out)
}

/** PPI: | version 0 | flags | length | link type (4), all little endian | fields ... |. */
export const ppi: LinkReader = (buffer, at, end, out) => {
  const length = at + 8 <= end && buffer[at] === 0 ? u16le(buffer, at + 2) : 0
  if (length < 8) return found(out, at, end, -2)
  const linkType = u16le(buffer, at + 4)
  if (linkType === 1) return ethernet(buffer, at + length, end, out)
  return linkType === 105 ? dot11(buffer, at + length, end, out) : found(out, at, end, -1)
}

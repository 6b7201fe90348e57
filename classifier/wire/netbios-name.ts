import type { Bytes } from '../../model/bytes.ts'

/** A name of NetBIOS as it stands in packets. */
export interface NetbiosName {
  /** Lower case, without padding; `*` asks for all names. */
  readonly name: string
  /** What it stands for: 0x00 workstation, 0x20 file server, 0x1b domain. */
  readonly kind: number
  /** Where what follows it begins. */
  readonly end: number
}

const encodedBytes = 32
const maxLabels = 16

/**
 * RFC 1001 §14.1: 16 octets, each as two letters `A` .. `P`, padded with spaces, then the labels
 * of a scope, most often none:
 *
 *   | 32 | FH EJ EP ... CA CA | 0 |
 */
export function readNetbiosName(bytes: Bytes, at: number): NetbiosName | undefined {
  if (bytes.u8(at) !== encodedBytes || at + 1 + encodedBytes >= bytes.length) return undefined
  let text = ''
  let kind = 0
  for (let i = 0; i < 16; i++) {
    const high = bytes.u8(at + 1 + 2 * i) - 0x41
    const low = bytes.u8(at + 2 + 2 * i) - 0x41
    if (high < 0 || high > 15 || low < 0 || low > 15) return undefined
    kind = high * 16 + low
    if (i < 15) text += String.fromCharCode(kind)
  }
  const end = scopeEnd(bytes, at + 1 + encodedBytes)
  if (end < 0) return undefined
  // Control characters stand in names that mean a role, such as \x01\x02__MSBROWSE__\x02.
  const name = text
    .replaceAll(/[^\x21-\x7e\x80-\xff ]/g, '')
    .trim()
    .toLowerCase()
  return { name, kind, end }
}

function scopeEnd(bytes: Bytes, from: number): number {
  let at = from
  for (let i = 0; i < maxLabels; i++) {
    const length = bytes.u8(at)
    if (length === 0) return at + 1
    if (length < 0 || length > 63) return -1
    at += 1 + length
  }
  return -1
}

import type { Bytes } from '../../model/bytes.ts'

/**
 * An element of DER or BER (X.690 §8.1): | tag | length | content |, the length in one octet, or in
 * as many as the first one's low bits say. Of BER's endless form nothing is read.
 */
export interface Element {
  readonly tag: number
  /** Where its tag, its content begin, and what follows it. */
  readonly from: number
  readonly at: number
  readonly end: number
}

/** Universal tags that are looked for. */
export const tag = {
  integer: 0x02,
  octetString: 0x04,
  objectId: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/**
 * The element at `from`.
 *
 * @param to where its surrounding ends; its content may end there at the latest
 * @returns undefined where it does not fit
 */
export function elementAt(bytes: Bytes, from: number, to: number): Element | undefined {
  const first = bytes.u8(from + 1)
  if (first < 0 || from + 2 > to) return undefined
  let at = from + 2
  let length = first
  if (first >= 0x80) {
    const octets = first & 0x7f
    if (octets === 0 || octets > 4) return undefined
    length = 0
    for (let i = 0; i < octets; i++) length = length * 256 + Math.max(0, bytes.u8(at + i))
    at += octets
  }
  if (at + length > to) return undefined
  return { tag: bytes.u8(from), from, at, end: at + length }
}

/** The elements within another, at most `limit` of them. */
export function elementsIn(bytes: Bytes, outer: Element, limit = 64): Element[] {
  const list: Element[] = []
  let at = outer.at
  while (at < outer.end && list.length < limit) {
    const element = elementAt(bytes, at, outer.end)
    if (element === undefined) break
    list.push(element)
    at = element.end
  }
  return list
}

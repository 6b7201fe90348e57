/**
 * Strict readers of the numbers in conntrack's text. They look at each character once and never
 * throw; -1 says that the text is no such number, or one that is too large.
 */

/** Decimal digits only, at most `max` (which is at most 2^53). */
export function scanDecimal(text: string, from: number, to: number, max: number): number {
  if (from >= to || to - from > 16) return -1
  let value = 0
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value > max ? -1 : value
}

/** `0x` and hexadecimal digits, at most `max`; GRE keys are written so. */
export function scanHex(text: string, from: number, to: number, max: number): number {
  if (to - from < 3 || to - from > 10) return -1
  if (text.charCodeAt(from) !== 48 || text.charCodeAt(from + 1) !== 120) return -1
  let value = 0
  for (let at = from + 2; at < to; at++) {
    const code = text.charCodeAt(at)
    let digit = code - 48
    if (digit < 0 || digit > 9) {
      digit = (code | 32) - 87
      if (digit < 10 || digit > 15) return -1
    }
    value = value * 16 + digit
  }
  return value > max ? -1 : value
}

const twoTo32 = 4294967296

/**
 * A counter of up to 2^64 - 1, into the low and high word of row 0 of a u64 column.
 *
 * @returns false where the text is no such number
 */
export function scanCounter(text: string, from: number, to: number, column: Uint32Array): boolean {
  const small = scanDecimal(text, from, to, Number.MAX_SAFE_INTEGER)
  if (small >= 0) {
    column[0] = small % twoTo32
    column[1] = Math.floor(small / twoTo32)
    return true
  }
  if (to - from < 16 || to - from > 20) return false
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code < 48 || code > 57) return false
  }
  const large = BigInt(text.slice(from, to))
  if (large >= 1n << 64n) return false
  column[0] = Number(large & 0xffffffffn)
  column[1] = Number(large >> 32n)
  return true
}

/** Index of the first character at or after `from` that is not white space; `to` where none is. */
export function skipSpace(text: string, from: number, to: number): number {
  let at = from
  while (at < to && isSpace(text.charCodeAt(at))) at++
  return at
}

/** Index of the first white space at or after `from`; `to` where there is none. */
export function wordEnd(text: string, from: number, to: number): number {
  let at = from
  while (at < to && !isSpace(text.charCodeAt(at))) at++
  return at
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 13
}

const oldestSecond = Date.UTC(1990, 0, 1) / 1000
const newestSecond = Date.UTC(2101, 0, 1) / 1000

/**
 * What `-o timestamp` writes between the brackets: seconds since 1970, a point and the
 * **microseconds as a number**. Releases of today write all six digits; old ones fill up with
 * spaces on the right, so that `1.4530  ` is 4530 us. Fewer than six characters could mean either:
 * refused.
 *
 * @returns microseconds since 1970, or -1
 */
export function scanEpoch(text: string, from: number, to: number): number {
  const point = text.indexOf('.', from)
  if (point < 0 || point > to || to - point !== 7) return -1
  let last = to
  while (last > point && text.charCodeAt(last - 1) === 32) last--
  const seconds = scanDecimal(text, from, point, newestSecond)
  const us = scanDecimal(text, point + 1, last, 999_999)
  return seconds < oldestSecond || us < 0 ? -1 : seconds * 1e6 + us
}

import type { Bytes } from '../../model/bytes.ts'
import type { Look } from './look.ts'

/** Lines of protocols that speak in lines are not longer than this (RFC 5321 §4.5.3.1.5: 512). */
const maxLineBytes = 1024

const lower = (octet: number): number => (octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet)

/** Whole lines from the beginning on, without their ends, at most `limit`. */
export function linesOf(bytes: Bytes, limit = 16): string[] {
  const lines: string[] = []
  let at = 0
  while (lines.length < limit) {
    const end = bytes.indexOf(10, at, at + maxLineBytes)
    if (end < 0) break
    lines.push(bytes.text(at, bytes.u8(end - 1) === 13 ? end - 1 : end))
    at = end + 1
  }
  return lines
}

/** Whether the octets begin with a word, in lower or upper case; the word is lower case. */
function lookForWord(bytes: Bytes, word: string): Look {
  for (let at = 0; at < word.length; at++) {
    const octet = bytes.u8(at)
    if (octet < 0) return 'more'
    if (lower(octet) !== word.charCodeAt(at)) return 'no'
  }
  return 'yes'
}

/** Whether the octets begin with one of these words (lower case), however it is written. */
export function lookForWords(bytes: Bytes, words: readonly string[]): Look {
  let found: Look = 'no'
  for (const word of words) {
    const look = lookForWord(bytes, word)
    if (look === 'yes') return look
    if (look === 'more') found = look
  }
  return found
}

/** Whether the first line is as the pattern says; it waits for the end of the line. */
export function lookAtLine(bytes: Bytes, pattern: RegExp): Look {
  const end = bytes.indexOf(10, 0, maxLineBytes)
  if (end < 0)
    return bytes.length < maxLineBytes && bytes.isPrintable(0, firstEnd(bytes)) ? 'more' : 'no'
  const line = bytes.text(0, bytes.u8(end - 1) === 13 ? end - 1 : end)
  return pattern.test(line) ? 'yes' : 'no'
}

/** The octets that are there without the CR that may stand last. */
function firstEnd(bytes: Bytes): number {
  return bytes.length > 1 && bytes.u8(bytes.length - 1) === 13 ? bytes.length - 1 : bytes.length
}

/** Whether the octets are a reply `NNN text` or `NNN-text` with one of these codes. */
export function lookForReply(bytes: Bytes, codes: readonly string[]): Look {
  for (const code of codes) {
    if (bytes.has(code)) {
      const next = bytes.u8(3)
      if (next < 0) return 'more'
      return next === 0x20 || next === 0x2d || next === 13 || next === 10 ? 'yes' : 'no'
    }
  }
  return bytes.length < 3 && codes.some((code) => bytes.mayHave(code)) ? 'more' : 'no'
}

/**
 * A pattern for a line that is one of several, in lower or upper case.
 *
 * @param tail what follows each of them
 */
export function oneOf(patterns: readonly string[], tail: string): RegExp {
  return new RegExp(`^(${patterns.join('|')})${tail}`, 'i')
}

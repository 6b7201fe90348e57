import type { Bytes } from '../../model/bytes.ts'

/**
 * The head of an HTTP/1 message (RFC 9112 §2.1) and of the protocols that are built like it:
 *
 *   start line CRLF
 *   name: value CRLF ...
 *   CRLF
 */
export interface HttpHead {
  readonly startLine: string
  readonly fields: HttpFields
  /** True where the blank line was there; `end` is behind it. */
  readonly isWhole: boolean
  readonly end: number
}

const maxLineBytes = 8192
const maxFields = 100

/** Where the line that begins at `from` ends (before its line feed); -1 where it does not. */
export function lineEnd(bytes: Bytes, from: number): number {
  return bytes.indexOf(10, from, from + maxLineBytes)
}

/** The text of a line without its line end. */
function lineText(bytes: Bytes, from: number, end: number): string {
  return bytes.text(from, bytes.u8(end - 1) === 13 ? end - 1 : end)
}

/** White space as `trim` knows it, as far as it is an octet. */
function isSpace(octet: number): boolean {
  return octet === 0x20 || (octet >= 9 && octet <= 13) || octet === 0xa0
}

type Places = readonly number[]

/**
 * The fields of a head, read when they are asked for: of a dozen that come, a few are of use. The
 * octets must still be there then.
 */
class HttpFields {
  private readonly bytes: Bytes
  /** Where each line begins and ends. */
  private readonly lines: Places

  constructor(bytes: Bytes, lines: Places) {
    this.bytes = bytes
    this.lines = lines
  }

  /** The value of a field by its name in lower case; of one that comes again the first. */
  get(name: string): string | undefined {
    const { bytes, lines } = this
    for (let i = 0; i < lines.length; i += 2) {
      const end = lines[i + 1] as number
      let at = lines[i] as number
      while (at < end && isSpace(bytes.u8(at))) at++
      if (!this.isNamed(name, at)) continue
      at += name.length
      while (at < end && isSpace(bytes.u8(at))) at++
      if (at < end && bytes.u8(at) === 0x3a) return bytes.text(at + 1, end).trim()
    }
    return undefined
  }

  private isNamed(name: string, at: number): boolean {
    for (let i = 0; i < name.length; i++) {
      const octet = this.bytes.u8(at + i)
      const lower = octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet
      if (lower !== name.charCodeAt(i)) return false
    }
    return true
  }
}

/** Reads a head from `from` on; undefined where not even its first line is whole. */
export function readHead(bytes: Bytes, from = 0): HttpHead | undefined {
  const firstEnd = lineEnd(bytes, from)
  if (firstEnd < 0) return undefined
  const lines: number[] = []
  let at = firstEnd + 1
  let isWhole = false
  for (let i = 0; i < maxFields; i++) {
    const feed = lineEnd(bytes, at)
    if (feed < 0) break
    const end = bytes.u8(feed - 1) === 13 ? feed - 1 : feed
    if (end <= at) {
      at = feed + 1
      isWhole = true
      break
    }
    lines.push(at, end)
    at = feed + 1
  }
  const fields = new HttpFields(bytes, lines)
  return { startLine: lineText(bytes, from, firstEnd), fields, isWhole, end: at }
}

/** The host of a Host field or an authority: without port, lower case; of IPv6 without brackets. */
export function hostOf(authority: string): string {
  const text = authority.trim().toLowerCase()
  if (text.startsWith('[')) return text.slice(1, Math.max(1, text.indexOf(']')))
  const colon = text.indexOf(':')
  // More than one colon: an IPv6 address that lacks its brackets.
  return colon >= 0 && colon === text.lastIndexOf(':') ? text.slice(0, colon) : text
}

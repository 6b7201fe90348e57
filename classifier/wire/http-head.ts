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
  /** Values by lower-case name; of a name that comes again the first. */
  readonly fields: ReadonlyMap<string, string>
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

/** Reads a head from `from` on; undefined where not even its first line is whole. */
export function readHead(bytes: Bytes, from = 0): HttpHead | undefined {
  const firstEnd = lineEnd(bytes, from)
  if (firstEnd < 0) return undefined
  const fields = new Map<string, string>()
  let at = firstEnd + 1
  let isWhole = false
  for (let i = 0; i < maxFields; i++) {
    const end = lineEnd(bytes, at)
    if (end < 0) break
    const line = lineText(bytes, at, end)
    at = end + 1
    if (line === '') {
      isWhole = true
      break
    }
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase()
    if (name !== '' && !fields.has(name)) fields.set(name, line.slice(colon + 1).trim())
  }
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

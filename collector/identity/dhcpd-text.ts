import { colonHex, digits, isEpoch, quoted, skipBlanks } from './scan.ts'

/** What a date cannot be read as. */
export const badTime = -1

const slash = 47
const colon = 58

let lastDay = ''
let lastDayMs = Number.NaN

/** Midnight (UTC) of `YYYY/MM/DD` at `from`, in ms; NaN where it is no date. */
function dayAt(text: string, from: number): number {
  const day = text.slice(from, from + 10)
  if (day === lastDay) return lastDayMs
  const [y, m, d] = [digits(day, 0, 4), digits(day, 5, 7), digits(day, 8, 10)]
  lastDay = day
  const shaped = day.charCodeAt(4) === slash && day.charCodeAt(7) === slash
  const known = y >= 1990 && y <= 2100 && m >= 1 && m <= 12 && d >= 1
  const exists = known && d <= new Date(Date.UTC(y, m, 0)).getUTCDate()
  lastDayMs = shaped && exists ? Date.UTC(y, m - 1, d) : Number.NaN
  return lastDayMs
}

/**
 * Reads a date of dhcpd.leases:
 *
 * ```
 * 2 2026/03/10 12:00:00        day of the week, then the time in UTC
 * epoch 1773144000             db-time-format local; a comment for people follows the semicolon
 * never
 * ```
 * @returns microseconds since 1970, Infinity for never, {@link badTime} for anything else
 */
export function leaseTime(text: string, from: number, to: number): number {
  const first = text.charCodeAt(from)
  if (first === 101 && text.startsWith('epoch ', from)) {
    const seconds = digits(text, skipBlanks(text, from + 6), to)
    return isEpoch(seconds) ? seconds * 1e6 : badTime
  }
  if (first === 110 && text.slice(from, to) === 'never') return Infinity
  if (!(first >= 48 && first <= 54) || to - from !== 21) return badTime
  const dayMs = dayAt(text, from + 2)
  const at = from + 13
  const hour = digits(text, at, at + 2)
  const minute = digits(text, at + 3, at + 5)
  const second = digits(text, at + 6, at + 8)
  const shaped =
    text.charCodeAt(from + 1) === 32 &&
    text.charCodeAt(at - 1) === 32 &&
    text.charCodeAt(at + 2) === colon &&
    text.charCodeAt(at + 5) === colon
  if (!shaped || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
    return badTime
  }
  const us = (dayMs + ((hour * 60 + minute) * 60 + second) * 1000) * 1000
  return us > 0 ? us : badTime
}

/**
 * Octets of a value: a string with octal escapes, or hexadecimal with colons, as old releases wrote
 * what was not printable.
 *
 * @returns one character an octet; undefined where it is neither
 */
export function leaseOctets(text: string, from: number, to: number): string | undefined {
  if (text.charCodeAt(from) === 34) {
    const string = quoted(text, from + 1)
    return string?.end === to - 1 ? string.value : undefined
  }
  const hex = colonHex(text.slice(from, to))
  return hex === undefined ? undefined : Buffer.from(hex, 'hex').toString('latin1')
}

/** Receives what a line holds; places are in the line. */
export interface StatementHandler {
  /** `name value;` */
  statement(line: string, from: number, to: number): void
  /** `name value {` */
  open(line: string, from: number, to: number): void
  close(): void
  /** Text that is none of these. */
  garbage(): void
}

/**
 * Cuts a line into statements. Nearly every line is one, with the semicolon at its end and nowhere
 * else; only others are looked at character by character, for quotes and comments.
 */
export function cutStatements(line: string, handler: StatementHandler): void {
  const from = skipBlanks(line, 0)
  let last = line.length - 1
  while (last >= from && (line.charCodeAt(last) === 32 || line.charCodeAt(last) === 9)) last--
  if (last < from || line.charCodeAt(from) === 35) return
  const end = line.charCodeAt(last)
  if (end === 59 && line.indexOf(';', from) === last && line.indexOf('}', from) < 0) {
    return handler.statement(line, from, last)
  }
  if (end === 125 && last === from) return handler.close()
  cutSlowly(line, from, handler)
}

function cutSlowly(line: string, start: number, handler: StatementHandler): void {
  let from = start
  let inString = false
  for (let at = start; at < line.length; at++) {
    const char = line.charAt(at)
    if (inString) {
      if (char === '\\') at++
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === '#') return from === at ? undefined : handler.garbage()
    else if (char === ';' || char === '{' || char === '}') {
      if (char === ';') handler.statement(line, from, at)
      else if (char === '{') handler.open(line, from, at)
      else if (from === at) handler.close()
      else handler.garbage()
      at = skipBlanks(line, at + 1) - 1
      from = at + 1
    }
  }
  if (from < line.length) handler.garbage()
}

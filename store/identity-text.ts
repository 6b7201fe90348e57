import { hash } from 'node:crypto'
import { formatWords, isV4, parsePrefix } from '../model/address.ts'
import type { Prefix } from '../model/address.ts'

/** Characters of one text of a source that are kept; longer ones come of an attack or a defect. */
const maxText = 512

/** A text as PostgreSQL takes it: bounded, and without NUL. */
export function keptText(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  const short = text.length > maxText ? text.slice(0, maxText) : text
  return short.includes('\0') ? short.replaceAll('\0', '\u{fffd}') : short
}

const macForm = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/

/** A MAC as it can be stored: one that is none is left out, its column takes no other. */
export function keptMac(text: string | undefined): string | undefined {
  return text !== undefined && macForm.test(text) ? text : undefined
}

/** `10.0.0.7/32`, as PostgreSQL writes a cidr, so that both texts can be compared. */
export function textOfPrefix(prefix: Prefix | undefined): string | undefined {
  if (prefix === undefined) return undefined
  const { words, length } = prefix
  const width = isV4(words[0], words[1], words[2]) && length >= 96 ? length - 96 : length
  return `${formatWords(words)}/${width}`
}

/** The prefix of a text that PostgreSQL wrote. */
export function prefixOfText(text: string | null): Prefix | undefined {
  return text === null ? undefined : parsePrefix(text)
}

/** 128 bits of SHA-256 as 32 hexadecimal digits, which PostgreSQL reads as a uuid. */
export function digestOf(...parts: readonly string[]): string {
  return hash('sha256', parts.join('\0'), 'hex').slice(0, 32)
}

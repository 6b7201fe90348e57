import { formatAddress, formatV4 } from '../../model/address.ts'
import type { Bytes } from '../../model/bytes.ts'

/*
 * RFC 1035 §4.1:
 *
 *   0    2       4           6         8            10           12
 *  | id | flags | questions | answers | authorities | additionals | ...
 *
 *   flags: |QR| opcode (4) |AA|TC|RD|RA|Z|AD|CD| result (4) |
 *   question: | name | type | class |
 *   record:   | name | type | class | TTL (4) | length | data |
 *   name: labels, each | length | octets |, ended by 0, or by | 11, place (14) | of other labels
 */
export interface DnsMessage {
  readonly isReply: boolean
  readonly opcode: number
  readonly result: number
  readonly questions: number
  readonly answerCount: number
  /** Name of the first question, or of the first record where there is no question. */
  readonly name: string
  readonly type: number
  readonly answers: readonly DnsAnswer[]
  /** True where a record holds a certificate of DNSCrypt. */
  readonly hasDnscrypt: boolean
  /** True where questions and records end exactly where the message does. */
  readonly isExact: boolean
}

/** An answer that says where a name leads. */
export interface DnsAnswer {
  readonly name: string
  /** 1 A, 5 CNAME, 28 AAAA. */
  readonly type: number
  readonly ttl: number
  readonly data: string
}

const recordType = { a: 1, cname: 5, ptr: 12, txt: 16, aaaa: 28 } as const
const headerBytes = 12
const maxQuestions = 16
const maxRecords = 64
const maxLabels = 128
const maxNameLetters = 255
/** Places that one name may jump to: more is a loop. */
const maxJumps = 16

/** Where the name that was read last ends. */
let nameEnd = 0

/** A name, its end in {@link nameEnd}; undefined where it cannot be read. */
function readName(bytes: Bytes, from: number): string | undefined {
  let name = ''
  let labels = 0
  let at = from
  let next = -1
  let letters = 0
  let jumps = 0
  while (labels < maxLabels) {
    const length = bytes.u8(at)
    if (length < 0) return undefined
    if (length === 0) {
      nameEnd = next < 0 ? at + 1 : next
      return name
    }
    if (length >= 0xc0) {
      const place = bytes.u16(at) & 0x3fff
      if (next < 0) next = at + 2
      if (++jumps > maxJumps || bytes.u8(at + 1) < 0) return undefined
      at = place
    } else {
      letters += length + 1
      if (length > 63 || letters > maxNameLetters || at + 1 + length > bytes.length)
        return undefined
      const label = bytes.utf8(at + 1, at + 1 + length)
      name = labels++ === 0 ? label : `${name}.${label}`
      at += 1 + length
    }
  }
  return undefined
}

/** Letters as they may be shown: lower case, what would drive a terminal as `?`. */
const shown = (name: string): string =>
  plain.test(name) ? name : name.toLowerCase().replaceAll(/[\p{Cc}\p{Cf}\uFFFD]/gu, '?')

/** Names that are shown as they are; nearly all. */
const plain = /^[!-@[-~]*$/

/**
 * Names of DNS are letters of ASCII (RFC 5891 writes all others with them); what else stands there
 * is shown as one `?` an octet.
 */
const ascii = (name: string): string =>
  plain.test(name)
    ? name
    : shown(name).replaceAll(/[^\x21-\x7e]/gu, (letter) => '?'.repeat(Buffer.byteLength(letter)))

/** Reads a message; undefined where it is none, or its first question cannot be read. */
export function readDns(bytes: Bytes, letters: 'ascii' | 'utf8' = 'ascii'): DnsMessage | undefined {
  if (bytes.length < headerBytes) return undefined
  const flags = bytes.u16(2)
  const questions = bytes.u16(4)
  const answerCount = bytes.u16(6)
  const records = answerCount + bytes.u16(8) + bytes.u16(10)
  if (questions > maxQuestions || questions + records === 0) return undefined
  // An opcode that was never given out; and a bit that has been 0 since 1987.
  if (((flags >> 11) & 15) > 6 || (flags & 0x40) !== 0) return undefined
  let at = headerBytes
  let name: string | undefined
  let type = 0
  for (let i = 0; i < questions; i++) {
    const read = readName(bytes, at)
    if (read === undefined) return undefined
    if (i === 0) {
      name = read
      type = bytes.u16(nameEnd)
    }
    at = nameEnd + 4
  }
  if (at > bytes.length) return undefined
  const rest = readRecords(bytes, at, records)
  if (questions === 0 && rest.name === undefined) return undefined
  return {
    isReply: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 15,
    result: flags & 15,
    questions,
    answerCount,
    name: letters === 'utf8' ? shown(name ?? rest.name ?? '') : ascii(name ?? rest.name ?? ''),
    type: questions > 0 ? type : rest.type,
    answers: rest.answers,
    hasDnscrypt: rest.hasDnscrypt,
    isExact: rest.isWhole && rest.end === bytes.length,
  }
}

interface Records {
  readonly name: string | undefined
  readonly type: number
  readonly answers: readonly DnsAnswer[]
  readonly hasDnscrypt: boolean
  readonly end: number
  readonly isWhole: boolean
}

function readRecords(bytes: Bytes, from: number, count: number): Records {
  const answers: DnsAnswer[] = []
  let at = from
  let first: string | undefined
  let firstType = 0
  let hasDnscrypt = false
  let read = 0
  for (; read < Math.min(count, maxRecords); read++) {
    const name = readName(bytes, at)
    if (name === undefined) break
    const fixedAt = nameEnd
    const length = bytes.u16(fixedAt + 8)
    const dataAt = fixedAt + 10
    if (length < 0 || dataAt + length > bytes.length) break
    const type = bytes.u16(fixedAt)
    if (first === undefined) {
      first = name
      firstType = type
    }
    if (type === recordType.txt && bytes.has('DNSC', dataAt + 1)) hasDnscrypt = true
    const data = dataOf(bytes, type, dataAt, length)
    if (data !== '') answers.push({ name: shown(name), type, ttl: bytes.u32(fixedAt + 4), data })
    at = dataAt + length
  }
  return { name: first, type: firstType, answers, hasDnscrypt, end: at, isWhole: read === count }
}

/** An address or a name as text; empty of other data. */
function dataOf(bytes: Bytes, type: number, at: number, length: number): string {
  if (type === recordType.a && length === 4) return formatV4(bytes.u32(at))
  if (type === recordType.aaaa && length === 16) {
    return formatAddress(bytes.u32(at), bytes.u32(at + 4), bytes.u32(at + 8), bytes.u32(at + 12))
  }
  if (type !== recordType.cname && type !== recordType.ptr) return ''
  return shown(readName(bytes, at) ?? '')
}

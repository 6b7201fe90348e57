import type { Bytes } from '../../model/bytes.ts'

/*
 * RFC 9113 §4.1, frames behind the preface:
 *
 *    0            3      4       5              9
 *   | length (3) | type | flags | R, stream (4) | payload
 *
 * §6.2, HEADERS (type 1): | [pad length] | [priority (5)] | field block | padding |
 *
 * RFC 7541 §6, the fields of a block, each begun by bits that tell its form:
 *
 *   1xxxxxxx            name and value of that index
 *   01xxxxxx, 001xxxxx, 000xxxxx   a new size of the table (001), or a value whose name is of that
 *                       index, or for 0 follows; 01 keeps it, 0000 and 0001 do not
 *   text: | H, length (7, or more) | octets, with H in Huffman's code |
 */
const headersFrame = 1
const flag = { padded: 0x08, priority: 0x20 } as const
const frameHead = 9
const maxFrames = 16
const maxFields = 64
const maxTextBytes = 1024

/** What a request says in its fields. */
export interface Http2Request {
  method?: string
  authority?: string
  path?: string
  userAgent?: string
}

/** Indices of the static table (RFC 7541 appendix A) that name what is wanted; 38 is `host`. */
const names: ReadonlyMap<number, string> = new Map([
  [1, ':authority'],
  [2, ':method'],
  [3, ':method'],
  [4, ':path'],
  [5, ':path'],
  [38, 'host'],
  [58, 'user-agent'],
])
const values: ReadonlyMap<number, string> = new Map([
  [2, 'GET'],
  [3, 'POST'],
  [4, '/'],
  [5, '/index.html'],
])

const keys: Readonly<Record<string, keyof Http2Request>> = {
  ':authority': 'authority',
  host: 'authority',
  ':method': 'method',
  ':path': 'path',
  'user-agent': 'userAgent',
}

/** The fields of the first HEADERS frame from `from` on; undefined where none is whole yet. */
export function readHttp2Request(bytes: Bytes, from: number): Http2Request | undefined {
  let at = from
  for (let i = 0; i < maxFrames && at + frameHead <= bytes.length; i++) {
    const end = at + frameHead + bytes.u24(at)
    if (bytes.u8(at + 3) === headersFrame) {
      return end <= bytes.length ? fieldsOf(bytes, at, end) : undefined
    }
    at = end
  }
  return undefined
}

function fieldsOf(bytes: Bytes, frame: number, end: number): Http2Request {
  const flags = bytes.u8(frame + 4)
  let at = frame + frameHead
  let to = end
  if ((flags & flag.padded) !== 0) to -= bytes.u8(at++)
  if ((flags & flag.priority) !== 0) at += 5
  return new FieldBlock(bytes, at, to).read()
}

/** Reads a block as far as it is in order; what is of another table than the static one is `''`. */
class FieldBlock {
  private readonly bytes: Bytes
  private readonly end: number
  private at: number

  constructor(bytes: Bytes, at: number, end: number) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  read(): Http2Request {
    const request: Http2Request = {}
    for (let i = 0; i < maxFields && this.at < this.end; i++) {
      const first = this.bytes.u8(this.at)
      if (first >> 5 === 1) {
        this.integer(5)
        continue
      }
      const isIndexed = first >= 0x80
      const index = this.integer(isIndexed ? 7 : first >= 0x40 ? 6 : 4)
      const name = index === 0 ? this.text() : names.get(index)
      const value = isIndexed ? values.get(index) : this.text()
      if (this.at > this.end) break
      const key = name === undefined ? undefined : keys[name]
      if (key !== undefined && value !== undefined && value !== '') request[key] ??= value
    }
    return request
  }

  /** RFC 7541 §5.1: what fits the bits of the first octet, or seven bits of each further one. */
  private integer(bits: number): number {
    const most = (1 << bits) - 1
    let value = this.bytes.u8(this.at++) & most
    if (value < most) return value
    for (let shift = 0; shift <= 14; shift += 7) {
      const octet = this.bytes.u8(this.at++)
      value += (octet & 0x7f) << shift
      if (octet < 0x80) return value
    }
    this.at = this.end + 1
    return 0
  }

  /** §5.2; undefined where it is too long or has octets that no name has. */
  private text(): string | undefined {
    const isCoded = this.bytes.u8(this.at) >= 0x80
    const length = this.integer(7)
    const from = this.at
    this.at += length
    if (this.at > this.end || length > maxTextBytes) return undefined
    if (isCoded) return decoded(this.bytes, from, this.at)
    return this.bytes.isPrintable(from, this.at) ? this.bytes.text(from, this.at) : undefined
  }
}

/**
 * Huffman's code (appendix B) is canonical: letters of one length, in order, have successive codes.
 * Longer codes are of octets that stand in no name.
 */
const letters: Readonly<Record<number, string>> = {
  5: '012aceiost',
  6: ' %-./3456789=A_bdfghlmnpru',
  7: ':BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz',
  8: '&*,;XZ',
  10: '!"()?',
  11: "'+|",
  12: '#>',
  13: '\0$@[]~',
  14: '^}',
  15: '<`{',
  19: '\\',
}
const longest = 19

function decoded(bytes: Bytes, from: number, to: number): string | undefined {
  let text = ''
  let [code, length, first] = [0, 0, 0]
  for (let bit = 8 * from; bit < 8 * to; bit++) {
    code = (code << 1) | ((bytes.u8(bit >> 3) >> (7 - (bit & 7))) & 1)
    first <<= 1
    length++
    const row = letters[length] ?? ''
    if (code - first < row.length) {
      text += row[code - first] ?? ''
      ;[code, length, first] = [0, 0, 0]
    } else if (length === longest) return undefined
    else first += row.length
  }
  // The end is filled with ones, fewer than an octet.
  return length < 8 && code === (1 << length) - 1 ? text : undefined
}

import { parseAddress, parseV4, v4MappedWord } from '../../model/address.ts'
import { parseProtocol } from '../../model/protocol.ts'
import { digits, skipBlanks, wordEnd } from '../identity/scan.ts'

/** How far behind the beginning of a message a mark may stand: no user's text comes before it. */
const markDistance = 200

/**
 * A message that is read from left to right. What a step reads stands in `words`, `port`, `number`
 * and `word` until the next; a step that finds something else leaves `at` where it was.
 */
export class LineCursor {
  text = ''
  /** Where the message begins behind its header. */
  start = 0
  at = 0
  /** The address that was read, v4-mapped as everywhere. */
  readonly words = new Uint32Array(4)
  port = 0
  number = 0
  word = ''
  /** Where the key that was found last stands. */
  #lastPair = 0
  /** Where reading goes on behind a pair. */
  #before = 0
  /** The name of a protocol that was read last, and its number. */
  #lastName = ''
  #lastProtocol = 0

  begin(text: string, start: number): void {
    this.text = text
    this.#lastPair = start
    this.start = start
    this.at = start
  }

  /** Goes behind a text that stands near the beginning of the message. */
  mark(mark: string): boolean {
    const at = this.text.indexOf(mark, this.start)
    if (at < 0 || at - this.start > markDistance) return false
    this.at = at + mark.length
    return true
  }

  /** Goes behind the next place where `text` stands. */
  find(text: string): boolean {
    const at = this.text.indexOf(text, this.at)
    if (at < 0) return false
    this.at = at + text.length
    return true
  }

  /** True where `text` stands further on. */
  has(text: string): boolean {
    return this.text.includes(text, this.at)
  }

  /** Goes behind `text`, which stands right here. */
  skip(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false
    this.at += text.length
    return true
  }

  blanks(): this {
    this.at = skipBlanks(this.text, this.at)
    return this
  }

  isAtEnd(): boolean {
    return this.at >= this.text.length
  }

  /** A word up to the next blank. */
  readWord(): boolean {
    const end = wordEnd(this.text, this.at)
    if (end === this.at) return false
    this.word = this.text.slice(this.at, end)
    this.at = end
    return true
  }

  /** What stands up to `stop`, at most 253 characters; goes behind it. */
  readUntil(stop: string): boolean {
    const end = this.text.indexOf(stop, this.at)
    if (end < 0 || end - this.at > 253) return false
    this.word = this.text.slice(this.at, end)
    this.at = end + stop.length
    return true
  }

  /** Decimal digits, at most 15. */
  readNumber(): boolean {
    let end = this.at
    for (; isDigit(this.text.charCodeAt(end)); end++);
    const value = digits(this.text, this.at, end)
    if (value < 0) return false
    this.number = value
    this.at = end
    return true
  }

  readPort(): boolean {
    const before = this.at
    if (!this.readNumber() || this.number > 65_535) {
      this.at = before
      return false
    }
    this.port = this.number
    return true
  }

  /** `1024-1151`, into `number` (first) and `port` (last). */
  readRange(separator = '-'): boolean {
    const before = this.at
    if (this.readPort()) {
      const first = this.port
      if (this.skip(separator) && this.readPort() && this.port >= first) {
        this.number = first
        return true
      }
    }
    this.at = before
    return false
  }

  /** An IPv4 or IPv6 address, the latter also in brackets. */
  readAddress(): boolean {
    const { text } = this
    let from = this.at
    const bracketed = text.charCodeAt(from) === 91
    if (bracketed) from++
    let end = from
    while (isV4Char(text.charCodeAt(end))) end++
    const next = text.charCodeAt(end)
    // Four decimal octets end at whatever follows; `::ffff:192.0.2.1` goes on.
    const v4 = bracketed ? -1 : parseV4(text, from, end)
    if (v4 >= 0 && !isHexLetter(next)) {
      const { words } = this
      words[0] = 0
      words[1] = 0
      words[2] = v4MappedWord
      words[3] = v4
      this.at = end
      return true
    }
    return this.#readV6(from, bracketed)
  }

  #readV6(from: number, bracketed: boolean): boolean {
    let end = from
    while (isV6Char(this.text.charCodeAt(end)) && end - from <= 45) end++
    const address = parseAddress(this.text.slice(from, end))
    if (address === undefined) return false
    if (bracketed && this.text.charCodeAt(end) !== 93) return false
    this.words.set(address)
    this.at = bracketed ? end + 1 : end
    return true
  }

  /** An address, one of the separators, and a port. */
  readEndpoint(separators = ':'): boolean {
    const before = this.at
    if (this.readAddress() && separators.includes(this.text.charAt(this.at) || ' ')) {
      this.at++
      if (this.readPort()) return true
    }
    this.at = before
    return false
  }

  /** A name or number of a protocol, into `number`. */
  readProtocol(): boolean {
    const { length } = this.#lastName
    // Lines mostly tell of the protocol that the line before told of.
    if (length > 0 && this.skip(this.#lastName)) {
      if (!isNameChar(this.text.charCodeAt(this.at))) {
        this.number = this.#lastProtocol
        return true
      }
      this.at -= length
    }
    let end = this.at
    for (; isNameChar(this.text.charCodeAt(end)) && end - this.at < 12; end++);
    const name = this.text.slice(this.at, end)
    const protocol = protocolOf(name)
    if (protocol === undefined) return false
    this.#lastName = name
    this.#lastProtocol = protocol
    this.number = protocol
    this.at = end
    return true
  }

  /**
   * The value of ` key="value"` in structured data (RFC 5424 §6.3), into `word`; `at` stays.
   */
  pair(key: string): boolean {
    const from = this.#valueOf(key)
    const end = from < 0 ? -1 : this.text.indexOf('"', from)
    if (end < 0 || end - from > 253) return false
    this.word = this.text.slice(from, end)
    return true
  }

  /** Where the value of a key begins; -1 where there is none. Keys mostly come in their order. */
  #valueOf(key: string): number {
    let needle = needles.get(key)
    if (needle === undefined) needles.set(key, (needle = `${key}="`))
    const found = this.#keyFrom(needle, this.#lastPair)
    const at = found < 0 && this.#lastPair > this.start ? this.#keyFrom(needle, this.start) : found
    if (at < 0) return -1
    this.#lastPair = at
    return at + needle.length
  }

  /** A key is a word of its own: `source-port` is not the end of `nat-source-port`. */
  #keyFrom(needle: string, from: number): number {
    let at = this.text.indexOf(needle, from)
    while (at >= 0) {
      const before = this.text.charCodeAt(at - 1)
      if (before === 32 || before === 91 || before === 44) return at
      at = this.text.indexOf(needle, at + 1)
    }
    return -1
  }

  /** The address in a pair, into `words`. */
  pairAddress(key: string): boolean {
    return this.#enter(key) && this.#leave(this.readAddress())
  }

  /** The port in a pair, into `port`. */
  pairPort(key: string): boolean {
    return this.#enter(key) && this.#leave(this.readPort())
  }

  pairNumber(key: string): boolean {
    return this.#enter(key) && this.#leave(this.readNumber())
  }

  #enter(key: string): boolean {
    const from = this.#valueOf(key)
    if (from < 0) return false
    this.#before = this.at
    this.at = from
    return true
  }

  #leave(read: boolean): boolean {
    const isWhole = this.text.charCodeAt(this.at) === 34
    this.at = this.#before
    return read && isWhole
  }
}

/** What keys look like in a line; vendors have some dozens. */
const needles = new Map<string, string>()

const isDigit = (code: number): boolean => code >= 48 && code <= 57
const isV4Char = (code: number): boolean => isDigit(code) || code === 46
const isHexLetter = (code: number): boolean =>
  (code >= 97 && code <= 102) || (code >= 65 && code <= 70)
const isV6Char = (code: number): boolean => isV4Char(code) || isHexLetter(code) || code === 58
const isNameChar = (code: number): boolean =>
  isDigit(code) || (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 45

const protocols = new Map<string, number | undefined>()

/** Names come in a handful of spellings: each is looked up once. */
function protocolOf(text: string): number | undefined {
  let protocol = protocols.get(text)
  if (protocol === undefined) {
    protocol = text === 'ICM' ? 1 : parseProtocol(text)
    if (protocol !== undefined && protocols.size < 1024) protocols.set(text, protocol)
  }
  return protocol
}

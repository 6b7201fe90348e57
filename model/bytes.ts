import { latin1 } from './recent-texts.ts'

const utf8 = new TextDecoder('utf-8')

/**
 * Octets that came from a wire, looked at where they lie. Nothing here throws: a number that would
 * reach behind the end is -1, a text is what there is of it. So `bytes.u16(0) === 0x0303` is false
 * of too short octets, and no length need be checked before it.
 *
 * Places are counted from the first octet of this view.
 */
export class Bytes {
  buffer: Uint8Array
  start: number
  /** Octets that are there. */
  length: number
  /** Octets that there were on the wire: more than `length` where a capture cut them off. */
  wireLength: number

  constructor(buffer: Uint8Array, start = 0, length = buffer.length - start, wireLength = length) {
    this.buffer = buffer
    this.start = start
    this.length = length
    this.wireLength = wireLength
  }

  /** Looks at other octets from now on. */
  set(buffer: Uint8Array, start: number, length: number, wireLength: number): void {
    this.buffer = buffer
    this.start = start
    this.length = length
    this.wireLength = wireLength
  }

  /** The octet at a place; -1 behind the end. */
  u8(at: number): number {
    return at >= 0 && at < this.length ? (this.buffer[this.start + at] ?? -1) : -1
  }

  /** Two octets in network order; -1 where they are not all there. The others are like it. */
  u16(at: number): number {
    if (at < 0 || at + 2 > this.length) return -1
    const i = this.start + at
    return ((this.buffer[i] ?? 0) << 8) | (this.buffer[i + 1] ?? 0)
  }

  u24(at: number): number {
    if (at < 0 || at + 3 > this.length) return -1
    const i = this.start + at
    const { buffer } = this
    return ((buffer[i] ?? 0) << 16) | ((buffer[i + 1] ?? 0) << 8) | (buffer[i + 2] ?? 0)
  }

  u32(at: number): number {
    if (at < 0 || at + 4 > this.length) return -1
    return this.u16(at) * 65_536 + this.u16(at + 2)
  }

  /** Eight octets as a number, which is exact up to 2^53. */
  u64(at: number): number {
    if (at < 0 || at + 8 > this.length) return -1
    return this.u32(at) * 2 ** 32 + this.u32(at + 4)
  }

  /** Little endian. */
  u16le(at: number): number {
    if (at < 0 || at + 2 > this.length) return -1
    const i = this.start + at
    return ((this.buffer[i + 1] ?? 0) << 8) | (this.buffer[i] ?? 0)
  }

  u24le(at: number): number {
    if (at < 0 || at + 3 > this.length) return -1
    return this.u8(at + 2) * 65_536 + this.u16le(at)
  }

  u32le(at: number): number {
    if (at < 0 || at + 4 > this.length) return -1
    return this.u16le(at + 2) * 65_536 + this.u16le(at)
  }

  /** True where the octets at `at` are those of the text (one octet a character, case counts). */
  has(text: string, at = 0): boolean {
    if (at < 0 || at + text.length > this.length) return false
    const i = this.start + at
    for (let k = 0; k < text.length; k++) {
      if (this.buffer[i + k] !== text.charCodeAt(k)) return false
    }
    return true
  }

  /**
   * True where what is there agrees with the text as far as it goes: the beginning of octets that
   * may still become {@link has}.
   */
  mayHave(text: string, at = 0): boolean {
    const there = Math.max(0, Math.min(text.length, this.length - at))
    const i = this.start + at
    for (let k = 0; k < there; k++) if (this.buffer[i + k] !== text.charCodeAt(k)) return false
    return at >= 0 || there === 0
  }

  /** The first place from `from` on, and before `to`, of an octet; -1 where there is none. */
  indexOf(octet: number, from = 0, to = this.length): number {
    const end = this.start + Math.min(to, this.length)
    for (let i = this.start + Math.max(0, from); i < end; i++) {
      if (this.buffer[i] === octet) return i - this.start
    }
    return -1
  }

  /** The first place from `from` on of a text that ends before `to`; -1 where there is none. */
  find(text: string, from = 0, to = this.length): number {
    const first = text.charCodeAt(0)
    let at = this.indexOf(first, from, to)
    while (at >= 0 && at + text.length <= to) {
      if (this.has(text, at)) return at
      at = this.indexOf(first, at + 1, to)
    }
    return -1
  }

  /** Octets `from` .. `to` as text, one character each. */
  text(from = 0, to = this.length): string {
    const end = Math.min(to, this.length)
    return from < end ? latin1(this.buffer, this.start + Math.max(0, from), this.start + end) : ''
  }

  /** Octets as UTF-8, what is none of it replaced by U+FFFD. */
  utf8(from = 0, to = this.length): string {
    const end = this.start + Math.max(0, Math.min(to, this.length))
    const begin = Math.min(this.start + Math.max(0, from), end)
    for (let i = begin; i < end; i++) {
      if ((this.buffer[i] as number) >= 0x80) return utf8.decode(this.subarray(from, to))
    }
    return latin1(this.buffer, begin, end)
  }

  /** Octets in hexadecimal, lower case. */
  hex(from = 0, to = this.length): string {
    const { buffer, byteOffset, length } = this.subarray(from, to)
    return Buffer.from(buffer, byteOffset, length).toString('hex')
  }

  /** True where every octet of the range is there and is printable ASCII. */
  isPrintable(from = 0, to = this.length): boolean {
    if (from < 0 || to > this.length || from >= to) return false
    for (let i = this.start + from; i < this.start + to; i++) {
      const octet = this.buffer[i] ?? 0
      if (octet < 0x20 || octet > 0x7e) return false
    }
    return true
  }

  /** A view of a part of the same octets, as far as they are there. */
  slice(from: number, to = this.length): Bytes {
    const end = Math.max(0, Math.min(to, this.length))
    const begin = Math.max(0, Math.min(from, end))
    const behind = to >= this.length ? this.wireLength - this.length : 0
    return new Bytes(this.buffer, this.start + begin, end - begin, end - begin + behind)
  }

  /** The same part as an array, which shares the memory. */
  subarray(from = 0, to = this.length): Uint8Array {
    const end = Math.max(0, Math.min(to, this.length))
    const begin = Math.max(0, Math.min(from, end))
    return this.buffer.subarray(this.start + begin, this.start + end)
  }
}

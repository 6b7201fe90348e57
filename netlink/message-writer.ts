import { align4, attributeHeaderBytes, nfgenmsgBytes, nlmsghdrBytes } from './messages.ts'
import { nlmsgFlag } from './messages.ts'

/** Of an attribute's type: what is in it are attributes. */
const nestedFlag = 0x8000

/** What a message of netfilter begins with: `struct nlmsghdr` and `struct nfgenmsg`. */
export interface MessageHead {
  /** Subsystem * 256 + message. */
  readonly type: number
  readonly flags: number
  readonly sequence: number
  readonly family: number
  readonly resource?: number
}

/**
 * Writes netlink messages one behind the other, as one call sends them. Numbers are in network
 * order, as the attributes of netfilter have them.
 */
export class MessageWriter {
  /** Octets written so far. */
  length = 0
  /** Messages written so far. */
  count = 0
  private buffer = Buffer.alloc(64 << 10)
  private start = 0

  clear(): void {
    this.length = 0
    this.count = 0
  }

  /** What was written; valid until more is. */
  get bytes(): Buffer {
    return this.buffer.subarray(0, this.length)
  }

  begin({ type, flags, sequence, family, resource = 0 }: MessageHead): void {
    this.start = this.length
    const at = this.room(nlmsghdrBytes + nfgenmsgBytes)
    this.buffer.fill(0, at, at + nlmsghdrBytes + nfgenmsgBytes)
    this.buffer.writeUInt16LE(type, at + 4)
    this.buffer.writeUInt16LE(flags | nlmsgFlag.request, at + 6)
    this.buffer.writeUInt32LE(sequence, at + 8)
    this.buffer.writeUInt8(family, at + nlmsghdrBytes)
    this.buffer.writeUInt16BE(resource, at + nlmsghdrBytes + 2)
  }

  end(): void {
    this.buffer.writeUInt32LE(this.length - this.start, this.start)
    this.count++
  }

  /** Begins an attribute that holds others; hand what it gives to {@link close}. */
  open(type: number): number {
    return this.header(type | nestedFlag, attributeHeaderBytes)
  }

  close(at: number): void {
    this.buffer.writeUInt16LE(this.length - at, at)
  }

  u8(type: number, value: number): void {
    const at = this.header(type, attributeHeaderBytes + 1)
    this.buffer.writeUInt8(value, at + attributeHeaderBytes)
  }

  u16(type: number, value: number): void {
    const at = this.header(type, attributeHeaderBytes + 2)
    this.buffer.writeUInt16BE(value, at + attributeHeaderBytes)
  }

  u32(type: number, value: number): void {
    const at = this.header(type, attributeHeaderBytes + 4)
    this.buffer.writeUInt32BE(value >>> 0, at + attributeHeaderBytes)
  }

  /** A whole number of up to 53 bits. */
  u64(type: number, value: number): void {
    const at = this.header(type, attributeHeaderBytes + 8)
    this.buffer.writeUInt32BE(Math.floor(value / 2 ** 32), at + attributeHeaderBytes)
    this.buffer.writeUInt32BE(value >>> 0, at + attributeHeaderBytes + 4)
  }

  /** Two words of 32 bits as they are. */
  pair(type: number, high: number, low: number): void {
    const at = this.header(type, attributeHeaderBytes + 8)
    this.buffer.writeUInt32BE(high >>> 0, at + attributeHeaderBytes)
    this.buffer.writeUInt32BE(low >>> 0, at + attributeHeaderBytes + 4)
  }

  /** With the zero that ends it. */
  text(type: number, value: string): void {
    const at = this.header(type, attributeHeaderBytes + Buffer.byteLength(value) + 1)
    this.buffer.write(value, at + attributeHeaderBytes)
  }

  bytesOf(type: number, value: Uint8Array): void {
    const at = this.header(type, attributeHeaderBytes + value.length)
    this.buffer.set(value, at + attributeHeaderBytes)
  }

  /** The header of an attribute; of its value the last octets are zero, as padding has to be. */
  private header(type: number, length: number): number {
    const octets = align4(length)
    const at = this.room(octets)
    const { buffer } = this
    if (octets > attributeHeaderBytes) {
      for (let i = at + octets - 4; i < at + octets; i++) buffer[i] = 0
    }
    // By octets: three times as quick as writeUInt16LE, and there are six of these an element.
    buffer[at] = length & 0xff
    buffer[at + 1] = length >>> 8
    buffer[at + 2] = type & 0xff
    buffer[at + 3] = type >>> 8
    return at
  }

  /** Room for so many octets, whatever is in them. */
  private room(octets: number): number {
    const at = this.length
    if (at + octets > this.buffer.length) {
      const larger = Buffer.alloc(2 * (at + octets))
      this.buffer.copy(larger, 0, 0, at)
      this.buffer = larger
    }
    this.length = at + octets
    return at
  }
}

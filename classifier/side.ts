import { Bytes } from '../model/bytes.ts'
import type { Packet } from '../model/packet.ts'
import { tcpFlag } from '../model/packet.ts'
import { keepOctets } from './kept-octets.ts'
import { maxDatagramBytes, maxHeldSegments, maxStreamBytes } from './limits.ts'
import type { Side } from './protocols/protocol.ts'

/** Shared by all sides that have said nothing. */
const nothing = new Bytes(new Uint8Array(0))

interface Segment {
  readonly sequence: number
  readonly octets: Uint8Array
  readonly wireLength: number
}

/**
 * Zeros that an acknowledgement carries: the padding of a short frame that somebody took for data,
 * or the octet of a keep-alive. Their sequence numbers are those of the data that follows.
 */
function isFiller(payload: Bytes, flags: number): boolean {
  if (payload.wireLength > 8 || (flags & tcpFlag.push) !== 0) return false
  for (let at = 0; at < payload.length; at++) if (payload.u8(at) !== 0) return false
  return true
}

/**
 * One end of a connection: puts the first octets of a TCP stream in order. Octets stay in the
 * capture's buffer as long as one packet is all there is; {@link keep} copies them.
 */
export class FlowSide implements Side {
  readonly w0: number
  readonly w1: number
  readonly w2: number
  readonly w3: number
  readonly port: number
  bytes = nothing
  firstSize = 0
  packets = 0
  isOver = false
  /** Sequence number that comes next; -1 before the first. */
  private next: number
  private inPlace = false
  /** Octets that `bytes` may have where it lies, once it was copied. */
  private room = 0
  private held: Segment[] | undefined
  private heldBytes = 0

  /** @param next sequence number that its SYN announced, or -1 */
  constructor(w0: number, w1: number, w2: number, w3: number, port: number, next: number) {
    this.w0 = w0
    this.w1 = w1
    this.w2 = w2
    this.w3 = w3
    this.port = port
    this.next = next
  }

  /** Takes a datagram's octets where they are the first ones. */
  takeDatagram(payload: Bytes): void {
    this.countPayload(payload)
    if (this.packets > 1) return
    this.bytes = new Bytes(payload.buffer, payload.start, payload.length, payload.wireLength)
    this.inPlace = true
  }

  /** Takes a segment; true where `bytes` has grown by it, or by others that waited for it. */
  takeSegment(packet: Packet): boolean {
    const { payload } = packet
    const isSyn = (packet.tcpFlags & tcpFlag.syn) !== 0
    const sequence = isSyn ? (packet.sequence + 1) >>> 0 : packet.sequence
    if (isFiller(payload, packet.tcpFlags)) return false
    this.countPayload(payload)
    if (this.isOver) return false
    if (this.next < 0) this.next = sequence
    const ahead = (sequence - this.next) | 0
    if (ahead > 0) {
      this.hold(sequence, payload)
      return false
    }
    if (-ahead >= payload.wireLength) return false
    const { buffer, start, length, wireLength } = payload
    this.next = (this.next + wireLength + ahead) >>> 0
    // A hole that the capture's snap length cut: nothing behind it is contiguous.
    if (length < wireLength) this.isOver = true
    const from = start - ahead
    if (this.bytes.length === 0 && length + ahead > 0) {
      this.bytes = new Bytes(buffer, from, length + ahead)
      this.inPlace = true
    } else this.append(buffer, from, start + length)
    this.takeHeld()
    return true
  }

  /** Octets of memory that are kept. */
  get keptBytes(): number {
    return this.room + this.heldBytes
  }

  private countPayload(payload: Bytes): void {
    if (this.packets === 0) this.firstSize = payload.wireLength
    this.packets++
  }

  private hold(sequence: number, payload: Bytes): void {
    this.held ??= []
    if (this.held.length >= maxHeldSegments) return
    const octets = payload.subarray().slice()
    this.held.push({ sequence, octets, wireLength: payload.wireLength })
    this.heldBytes += octets.length
  }

  private takeHeld(): void {
    const { held } = this
    if (held === undefined) return
    held.sort((a, b) => (a.sequence - b.sequence) | 0)
    while (held.length > 0 && !this.isOver) {
      const segment = held[0]
      if (segment === undefined) return
      const ahead = (segment.sequence - this.next) | 0
      if (ahead > 0) return
      held.shift()
      const { octets, wireLength } = segment
      this.heldBytes -= octets.length
      if (-ahead >= wireLength) continue
      this.next = (this.next + wireLength + ahead) >>> 0
      if (octets.length < wireLength) this.isOver = true
      this.append(octets, -ahead, octets.length)
    }
  }

  /**
   * Looks at what waits behind a hole as if the stream began there: the best that can be made of a
   * capture that lost the beginning. True where that shows something.
   */
  passHole(): boolean {
    const first = this.held?.[0]
    if (first === undefined || this.bytes.length > 0) return false
    this.held?.sort((a, b) => (a.sequence - b.sequence) | 0)
    this.next = this.held?.[0]?.sequence ?? this.next
    this.takeHeld()
    return this.bytes.length > 0
  }

  /** Adds the octets `from` .. `to` of a buffer (the first copy of each counts). */
  private append(buffer: Uint8Array, from: number, to: number): void {
    const added = to - from
    if (added <= 0) return
    if (this.bytes === nothing) this.bytes = new Bytes(nothing.buffer)
    const { bytes } = this
    const length = Math.min(bytes.length + added, maxStreamBytes)
    if (this.inPlace || length > this.room) this.grow(length)
    const taken = buffer.subarray(from, from + length - bytes.length)
    bytes.buffer.set(taken, bytes.start + bytes.length)
    if (length === maxStreamBytes) this.isOver = true
    bytes.set(bytes.buffer, bytes.start, length, length)
  }

  /** Takes what is there to where there is room for more. */
  private grow(length: number): void {
    const { bytes } = this
    this.inPlace = false
    this.room = Math.min(maxStreamBytes, Math.max(length, 2 * bytes.length))
    keepOctets(bytes, Math.min(bytes.length, maxStreamBytes), bytes, this.room)
  }

  /** Copies octets out of the capture's buffer, which will be filled anew. */
  keep(): void {
    if (!this.inPlace) return
    this.inPlace = false
    const { bytes } = this
    this.room = Math.min(bytes.length, Math.max(maxDatagramBytes, maxStreamBytes))
    keepOctets(bytes, this.room, bytes, this.room)
  }
}

import { readCapture } from '../../../collector/capture/pcap-file.ts'
import { PacketDecoder } from '../../../collector/capture/decoder.ts'
import type { CaptureSummary, Frame } from '../../../collector/capture/frame.ts'
import type { DecodeCounters } from '../../../collector/capture/decode-counters.ts'

/** A frame with the time that a capture should give it. */
export interface Shot {
  readonly octets: Uint8Array
  readonly timeUs: number
  readonly wireLength?: number
}

const u16 = (value: number): number[] => [(value >> 8) & 255, value & 255]
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value)]

/** A classic pcap file (draft-ietf-opsawg-pcap). */
export function pcap(
  shots: readonly Shot[],
  { little = true, nano = false, linkType = 1 } = {}
): Uint8Array {
  const size = shots.reduce((sum, { octets }) => sum + 16 + octets.length, 24)
  const file = new Uint8Array(size)
  const view = new DataView(file.buffer)
  view.setUint32(0, nano ? 0xa1b23c4d : 0xa1b2c3d4, little)
  view.setUint16(4, 2, little)
  view.setUint16(6, 4, little)
  view.setUint32(16, 65_535, little)
  view.setUint32(20, linkType, little)
  let at = 24
  for (const { octets, timeUs, wireLength = octets.length } of shots) {
    view.setUint32(at, Math.floor(timeUs / 1e6), little)
    view.setUint32(at + 4, (timeUs % 1e6) * (nano ? 1000 : 1), little)
    view.setUint32(at + 8, octets.length, little)
    view.setUint32(at + 12, wireLength, little)
    file.set(octets, at + 16)
    at += 16 + octets.length
  }
  return file
}

/** A pcapng file: section, one interface with a clock of 10^-resolution s, enhanced packets. */
export function pcapng(
  shots: readonly Shot[],
  { little = true, linkType = 1, resolution = 6 } = {}
): Uint8Array {
  const blocks: Uint8Array[] = []
  const block = (type: number, body: Uint8Array): void => {
    const padded = (body.length + 3) & ~3
    const whole = new Uint8Array(12 + padded)
    const view = new DataView(whole.buffer)
    view.setUint32(0, type, little)
    view.setUint32(4, whole.length, little)
    whole.set(body, 8)
    view.setUint32(whole.length - 4, whole.length, little)
    blocks.push(whole)
  }
  const words = (size: number, fill: (view: DataView) => void): Uint8Array => {
    const body = new Uint8Array(size)
    fill(new DataView(body.buffer))
    return body
  }
  block(
    0x0a0d0d0a,
    words(16, (view) => {
      view.setUint32(0, 0x1a2b3c4d, little)
      view.setUint16(4, 1, little)
      view.setBigInt64(8, -1n, little)
    })
  )
  block(
    1,
    words(16, (view) => {
      view.setUint16(0, linkType, little)
      view.setUint16(8, 9, little)
      view.setUint16(10, 1, little)
      view.setUint8(12, resolution)
    })
  )
  // A block of a type that nobody knows is passed over.
  block(0x0bad, Uint8Array.of(1, 2, 3))
  for (const { octets, timeUs, wireLength = octets.length } of shots) {
    const ticks = BigInt(Math.round(timeUs)) * 10n ** BigInt(resolution - 6)
    const head = words(20, (view) => {
      view.setUint32(4, Number(ticks >> 32n), little)
      view.setUint32(8, Number(ticks & 0xffffffffn), little)
      view.setUint32(12, octets.length, little)
      view.setUint32(16, wireLength, little)
    })
    block(6, Uint8Array.of(...head, ...octets))
  }
  return Uint8Array.from(Buffer.concat(blocks))
}

/** Reads a file that is in memory, a few octets at a time. */
export function readAll(
  file: Uint8Array,
  sink: (frame: Frame) => void,
  step = 1000
): CaptureSummary {
  let at = 0
  const read = (into: Uint8Array, place: number): number => {
    const part = file.subarray(at, at + Math.min(step, into.length - place))
    into.set(part, place)
    at += part.length
    return part.length
  }
  return readCapture(read, sink)
}

/** UDP (RFC 768) from port 1111 to 2222. */
export const udp = (payload: Uint8Array, to = 2222): Uint8Array =>
  Uint8Array.of(...u16(1111), ...u16(to), ...u16(8 + payload.length), 0, 0, ...payload)

/** IPv4 (RFC 791) from 192.0.2.1 to 198.51.100.2. */
export function ip4(
  payload: Uint8Array,
  { protocol = 17, id = 7, offset = 0, more = false } = {}
): Uint8Array {
  const part = (more ? 0x2000 : 0) | (offset / 8)
  const head = [0x45, 0, ...u16(20 + payload.length), ...u16(id), ...u16(part), 64, protocol, 0, 0]
  return Uint8Array.of(...head, 192, 0, 2, 1, 198, 51, 100, 2, ...payload)
}

const v6Ends = [
  0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 2,
]

/** IPv6 (RFC 8200) from 2001:db8::1 to 2001:db8::2. */
export const ip6 = (payload: Uint8Array, next = 17): Uint8Array =>
  Uint8Array.of(0x60, 0, 0, 0, ...u16(payload.length), next, 64, ...v6Ends, ...payload)

/** Ethernet, with whatever tags stand before the type. */
export const ethernet = (
  type: number,
  payload: Uint8Array,
  tags: readonly number[] = []
): Uint8Array =>
  Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, ...tags, ...u16(type), ...payload)

export interface Seen {
  readonly source: string
  readonly destination: string
  readonly protocol: number
  readonly vlans: number
  readonly payload: string
  readonly wireLength: number
}

/** What the decoder makes of frames of one link type. */
export function decode(
  frames: readonly Uint8Array[],
  linkType = 1
): { seen: Seen[]; counters: DecodeCounters } {
  const seen: Seen[] = []
  const decoder = new PacketDecoder((packet) => {
    seen.push({
      source: packet.sourceText,
      destination: packet.destinationText,
      protocol: packet.protocol,
      vlans: packet.vlans,
      payload: packet.payload.text(),
      wireLength: packet.payload.wireLength,
    })
  })
  for (const [i, octets] of frames.entries()) {
    decoder.decode({
      // Not at the beginning of the buffer, as in a reader's window.
      buffer: Uint8Array.of(0xee, 0xee, 0xee, ...octets, 0xee),
      at: 3,
      end: 3 + octets.length,
      wireLength: octets.length,
      timeUs: i * 1000,
      linkType,
      interfaceIndex: 0,
      senderAt: -1,
    })
  }
  decoder.flush()
  return { seen, counters: decoder.counters }
}

export { u16, u32 }

import { closeSync, openSync, readSync } from 'node:fs'
import { ipProtocol } from '../../model/packet.ts'
import type { Packet } from '../../model/packet.ts'
import { PacketDecoder } from '../capture/decoder.ts'
import { readCapture } from '../capture/pcap-file.ts'
import type { NetflowDecoder } from './decoder.ts'
import { readHead } from './message.ts'
import { MessageCutter } from './streams.ts'

/** What a file held. */
export interface FileTally {
  readonly file: string
  readonly isCapture: boolean
  messages: number
  /** UDP datagrams of a capture that are no NetFlow, and octets of a payload file that are none. */
  other: number
  damage: string | undefined
}

/** Octets that are read at a time, and those of a datagram at its longest. */
const chunkBytes = 1 << 20
const maxDatagramBytes = 0x1_0000

const captureMagics: ReadonlySet<number> = new Set([
  0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0x0a0d0d0a,
])

/** What is told while a file is read. */
export interface FileWatch {
  /** What the file is, before its first record. */
  readonly begin?: (isCapture: boolean) => void
  /** How many octets were read since the last call. */
  readonly read?: (octets: number) => void
  /** Octets after which the file ends, whatever was appended. */
  readonly size?: number
  /** After how many octets `stop` is called, once all before is decoded. */
  readonly stops?: readonly number[]
  readonly stop?: () => void
}

/** True of a file that can be read on where something was appended: any but a payload. */
export function canGrow(path: string): boolean {
  if (path.endsWith('.ipfix')) return true
  const descriptor = openSync(path, 'r')
  try {
    return captureMagics.has(magicOf(descriptor))
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Reads captures (pcap, pcapng), files of one datagram's payload, and IPFIX files, whose names end
 * in `.ipfix` and which hold messages one behind the other (RFC 5655). All go through the decoder
 * in their order, and none is held in memory.
 *
 * @throws what reading the file raises
 */
export function readNetflowFile(
  path: string,
  decoder: NetflowDecoder,
  watch: FileWatch = {}
): FileTally {
  const descriptor = path === '-' ? 0 : openSync(path, 'r')
  try {
    const isCapture = path === '-' || captureMagics.has(magicOf(descriptor))
    watch.begin?.(isCapture)
    const tally = { file: path, isCapture, messages: 0, other: 0, damage: undefined }
    const { size = Infinity, stops = [] } = watch
    let done = 0
    let settle = (): void => {}
    const read = (into: Uint8Array, at: number): number => {
      if (stops.includes(done)) {
        settle()
        watch.stop?.()
      }
      const until = stops.find((stop) => stop > done) ?? size
      const octets = readSync(descriptor, into, at, Math.min(into.length - at, until - done), null)
      done += octets
      watch.read?.(octets)
      return octets
    }
    if (isCapture) readPackets(read, decoder, tally, (flush) => (settle = flush))
    else if (path.endsWith('.ipfix')) readMessages(read, decoder, tally)
    else readPayload(read, decoder, tally)
    return tally
  } finally {
    if (path !== '-') closeSync(descriptor)
  }
}

type Read = (into: Uint8Array, at: number) => number

/** The first octets of a file, which are still to be read. */
function magicOf(descriptor: number): number {
  const head = Buffer.alloc(4)
  return readSync(descriptor, head, 0, 4, 0) < 4 ? 0 : head.readUInt32BE(0)
}

/** @param settling is told what decodes all that was read */
function readPackets(
  read: Read,
  decoder: NetflowDecoder,
  tally: FileTally,
  settling: (flush: () => void) => void
): void {
  const packets = new PacketDecoder((packet) => takePacket(packet, decoder, tally))
  settling(() => packets.flush())
  const summary = readCapture(read, (frame) => packets.decode(frame))
  packets.flush()
  const { damage, undescribed } = summary
  tally.damage = damage ?? (undescribed > 0 ? `${undescribed} packets of no interface` : damage)
}

const nobody = { w0: 0, w1: 0, w2: 0xffff, w3: 0, port: 0, transport: 'udp' } as const

function takeMessage(
  view: DataView,
  from: number,
  to: number,
  decoder: NetflowDecoder,
  tally: FileTally
): void {
  const head = readHead(view, from, to)
  if (typeof head === 'string') {
    tally.damage ??= head
    tally.other += to - from
    return
  }
  decoder.take(view, from, to, { ...nobody, atUs: head.exportUs })
  tally.messages++
}

/** Messages one behind the other; nothing behind one that is none can be read. */
function readMessages(read: Read, decoder: NetflowDecoder, tally: FileTally): void {
  const messages = new MessageCutter((view, from, to) =>
    takeMessage(view, from, to, decoder, tally)
  )
  for (;;) {
    const chunk = Buffer.allocUnsafe(chunkBytes)
    const octets = read(chunk, 0)
    if (octets === 0) {
      if (messages.waiting === 0) return
      tally.damage ??= 'cut-off'
    } else if (messages.take(chunk.subarray(0, octets))) continue
    tally.damage ??= 'message-length'
    tally.other += messages.waiting
    return
  }
}

/** One datagram: what a file holds behind the longest that there can be is none of it. */
function readPayload(read: Read, decoder: NetflowDecoder, tally: FileTally): void {
  const bytes = Buffer.alloc(maxDatagramBytes)
  let length = 0
  for (let octets = read(bytes, 0); octets > 0; octets = read(bytes, length)) {
    length += octets
    if (length === bytes.length) break
  }
  if (length === 0) return
  takeMessage(new DataView(bytes.buffer, bytes.byteOffset), 0, length, decoder, tally)
}

function takePacket(packet: Packet, decoder: NetflowDecoder, tally: FileTally): void {
  if (packet.protocol !== ipProtocol.udp) return
  const { buffer, start: from, length } = packet.payload
  const to = from + length
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
  if (!isNetflow(view, from, to)) {
    tally.other++
    return
  }
  tally.messages++
  decoder.take(view, from, to, {
    w0: packet.source0,
    w1: packet.source1,
    w2: packet.source2,
    w3: packet.source3,
    port: packet.sourcePort,
    atUs: packet.timeUs,
    transport: 'udp',
  })
}

/** A capture holds other traffic too, some of which begins with the same two octets. */
function isNetflow(view: DataView, from: number, to: number): boolean {
  const head = readHead(view, from, to)
  if (typeof head === 'string') return false
  if (head.version === 10) return head.end === to
  if (head.version === 5) return head.bodyAt + 48 * head.count <= to && head.count > 0
  if (head.bodyAt + 4 > to) return head.bodyAt === to
  const id = view.getUint16(head.bodyAt)
  const length = view.getUint16(head.bodyAt + 2)
  return (id < 2 || id >= 256) && length >= 4 && head.bodyAt + length <= to
}

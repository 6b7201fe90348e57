import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { ipProtocol } from '../../model/packet.ts'
import type { Packet } from '../../model/packet.ts'
import { PacketDecoder } from '../capture/decoder.ts'
import { readCaptureFile } from '../capture/pcap-file.ts'
import type { NetflowDecoder } from './decoder.ts'
import { readHead } from './message.ts'

/** What a file held. */
export interface FileTally {
  readonly file: string
  readonly isCapture: boolean
  messages: number
  /** UDP datagrams of a capture that are no NetFlow, and octets of a payload file that are none. */
  other: number
  damage: string | undefined
}

const captureMagics: ReadonlySet<number> = new Set([
  0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0x0a0d0d0a,
])

/**
 * Reads captures (pcap, pcapng), files of one datagram's payload, and IPFIX files, whose names end
 * in `.ipfix` and which hold messages one behind the other (RFC 5655). All go through the decoder
 * in their order.
 *
 * @param begin called with what the file is, before its first record
 * @throws what reading the file raises
 */
export function readNetflowFile(
  path: string,
  decoder: NetflowDecoder,
  begin: (isCapture: boolean) => void = () => {}
): FileTally {
  if (path !== '-' && !captureMagics.has(magicOf(path))) {
    begin(false)
    return readPayloads(path, readFileSync(path), decoder)
  }
  begin(true)
  const tally: FileTally = { file: path, isCapture: true, messages: 0, other: 0, damage: undefined }
  const packets = new PacketDecoder((packet) => takePacket(packet, decoder, tally))
  const summary = readCaptureFile(path, (frame) => packets.decode(frame))
  packets.flush()
  tally.damage = summary.damage
  return tally
}

function magicOf(path: string): number {
  const head = Buffer.alloc(4)
  const descriptor = openSync(path, 'r')
  try {
    return readSync(descriptor, head, 0, 4, 0) < 4 ? 0 : head.readUInt32BE(0)
  } finally {
    closeSync(descriptor)
  }
}

function readPayloads(path: string, bytes: Buffer, decoder: NetflowDecoder): FileTally {
  const tally: FileTally = {
    file: path,
    isCapture: false,
    messages: 0,
    other: 0,
    damage: undefined,
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  while (at < bytes.length) {
    const head = readHead(view, at, bytes.length)
    if (typeof head === 'string') {
      tally.damage = head
      tally.other = bytes.length - at
      break
    }
    const nobody = { w0: 0, w1: 0, w2: 0xffff, w3: 0, port: 0, transport: 'udp' } as const
    decoder.take(view, at, bytes.length, { ...nobody, atUs: head.exportUs })
    tally.messages++
    // Of a datagram only the first message counts.
    at = path.endsWith('.ipfix') ? head.end : bytes.length
  }
  return tally
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

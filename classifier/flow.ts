import { Bytes } from '../model/bytes.ts'
import type { Classification } from '../model/classification.ts'
import { ipProtocol, tcpFlag } from '../model/packet.ts'
import type { Packet } from '../model/packet.ts'
import { maxDatagramBytes } from './limits.ts'
import type { Datagram, FlowView, Match } from './protocols/protocol.ts'
import { FlowSide } from './side.ts'

/** What a protocol said of a flow when it matched, and after which packet. */
export interface Found {
  /** Number of the protocol in the list that was searched. */
  readonly index: number
  readonly packet: number
  readonly match: Match
}

/** Shared by all flows that have none, since most never do. */
const noDatagrams: readonly Datagram[] = []

/** A connection: its ends, its counters, and what is known of it. */
export class Flow implements FlowView {
  readonly transport: 'tcp' | 'udp'
  /** IP protocol number. */
  readonly protocol: number
  readonly vlans: number
  readonly client = new FlowSide()
  readonly server = new FlowSide()
  readonly sides: readonly [FlowSide, FlowSide] = [this.client, this.server]
  /** True where the first packet seen came from the server. */
  isReversed = false
  isOpenerKnown = false
  isLast = false
  firstUs: number
  lastUs: number
  /** Packets with payload, and all packets, of both sides. */
  packets = 0
  allPackets = 0
  datagrams: readonly Datagram[] = noDatagrams
  /** Numbers of protocols that may still match; undefined before the first payload. */
  candidates: Uint16Array | undefined
  found: Found[] | undefined
  classification: Classification | undefined
  private memory: Map<string, unknown> | undefined

  constructor(packet: Packet) {
    this.protocol = packet.protocol
    this.transport = packet.protocol === ipProtocol.tcp ? 'tcp' : 'udp'
    this.vlans = packet.vlans
    this.firstUs = packet.timeUs
    this.lastUs = packet.timeUs
    this.isReversed = isFromServer(packet)
    const [sender, receiver] = this.isReversed
      ? [this.server, this.client]
      : [this.client, this.server]
    sender.w0 = packet.source0
    sender.w1 = packet.source1
    sender.w2 = packet.source2
    sender.w3 = packet.source3
    sender.port = packet.sourcePort
    receiver.w0 = packet.destination0
    receiver.w1 = packet.destination1
    receiver.w2 = packet.destination2
    receiver.w3 = packet.destination3
    receiver.port = packet.destinationPort
  }

  get timeUs(): number {
    return this.lastUs
  }

  hasPort(port: number): boolean {
    return this.client.port === port || this.server.port === port
  }

  recall<T>(protocol: string, make: () => T): T {
    this.memory ??= new Map()
    const known = this.memory.get(protocol)
    if (known !== undefined) return known as T
    const made = make()
    this.memory.set(protocol, made)
    return made
  }

  /** True where the packet, which is one of this flow, was sent by the client. */
  isFromClient(packet: Packet): boolean {
    const { client } = this
    return (
      packet.sourcePort === client.port &&
      packet.source3 === client.w3 &&
      packet.source2 === client.w2 &&
      packet.source1 === client.w1 &&
      packet.source0 === client.w0
    )
  }

  /** Counts a packet; done for all of them, also when nothing is looked for any more. */
  count(packet: Packet, side: FlowSide): void {
    this.allPackets++
    this.lastUs = packet.timeUs
    side.allPackets++
    side.octets += packet.ipLength
  }

  /** Takes the payload of a packet; true where there is something new to look at. */
  admit(packet: Packet, side: FlowSide, fromClient: boolean): boolean {
    if (this.protocol === ipProtocol.tcp) {
      const { tcpFlags } = packet
      if ((tcpFlags & tcpFlag.syn) !== 0) {
        this.isOpenerKnown = true
        side.begin(packet.sequence)
      }
      if (packet.payload.length === 0) return false
      this.packets++
      return side.takeSegment(packet)
    }
    const { payload } = packet
    if (payload.length === 0) return false
    this.packets++
    side.takeDatagram(payload)
    const datagram: Datagram = { fromClient, bytes: payload }
    if (this.datagrams === noDatagrams) this.datagrams = [datagram]
    else (this.datagrams as Datagram[]).push(datagram)
    return true
  }

  /** Copies what still lies in the capture's buffer. */
  keep(): void {
    this.client.keep()
    this.server.keep()
    const last = this.datagrams.at(-1)
    if (last === undefined) return
    const side = last.fromClient ? this.client : this.server
    // The first datagram of a side has been copied already.
    const bytes = side.packets === 1 ? side.bytes : copyOf(last.bytes)
    const kept = this.datagrams as Datagram[]
    kept[kept.length - 1] = { fromClient: last.fromClient, bytes }
  }

  /** Lets go of all that was kept for looking at. */
  release(): void {
    this.client.release()
    this.server.release()
    this.datagrams = noDatagrams
    this.candidates = undefined
    this.memory = undefined
  }
}

function copyOf({ buffer, start, length, wireLength }: Bytes): Bytes {
  const kept = buffer.slice(start, start + Math.min(length, maxDatagramBytes))
  return new Bytes(kept, 0, kept.length, wireLength)
}

/**
 * Whether the first packet seen is the server's: an answer to a SYN, or, where the beginning was
 * missed, one from a port that only servers have.
 */
function isFromServer(packet: Packet): boolean {
  if (packet.protocol === ipProtocol.tcp && (packet.tcpFlags & tcpFlag.syn) !== 0) {
    return (packet.tcpFlags & tcpFlag.ack) !== 0
  }
  return packet.sourcePort < 1024 && packet.sourcePort !== 0 && packet.destinationPort >= 1024
}

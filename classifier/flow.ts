import type { AddressWords } from '../model/address.ts'
import type { Classification } from '../model/classification.ts'
import { formatEndpoint, ipProtocol, tcpFlag } from '../model/packet.ts'
import type { Packet } from '../model/packet.ts'
import { Conversation } from './conversation.ts'
import { FlowSide } from './side.ts'

/** Sequence number of a direction that showed no SYN. */
export const noSequence = -1

/**
 * A connection: its ends, its counters, and what it was found to be. It is kept as long as the
 * connection lasts, and there may be a million of them: what was said is in its conversation, which
 * is there only from the first payload to the verdict.
 */
export class Flow {
  /** IP protocol number. */
  readonly protocol: number
  readonly vlans: number
  /** True where the first packet seen came from the server. */
  readonly isReversed: boolean
  isOpenerKnown = false
  readonly firstUs: number
  lastUs: number
  /** Packets and IP octets of each direction. */
  clientPackets = 0
  clientOctets = 0
  serverPackets = 0
  serverOctets = 0
  conversation: Conversation | undefined
  classification: Classification | undefined
  readonly clientPort: number
  readonly serverPort: number
  /** Bits: 1 the client has finished, 2 the server has. */
  private finished = 0
  // Words of addresses as signed numbers, which take no memory of their own.
  private readonly client0: number
  private readonly client1: number
  private readonly client2: number
  private readonly client3: number
  private readonly server0: number
  private readonly server1: number
  private readonly server2: number
  private readonly server3: number
  private clientNext = noSequence
  private serverNext = noSequence

  constructor(packet: Packet) {
    const isReversed = isFromServer(packet)
    this.protocol = packet.protocol
    this.vlans = packet.vlans
    this.isReversed = isReversed
    this.firstUs = packet.timeUs
    this.lastUs = packet.timeUs
    this.client0 = (isReversed ? packet.destination0 : packet.source0) | 0
    this.client1 = (isReversed ? packet.destination1 : packet.source1) | 0
    this.client2 = (isReversed ? packet.destination2 : packet.source2) | 0
    this.client3 = (isReversed ? packet.destination3 : packet.source3) | 0
    this.server0 = (isReversed ? packet.source0 : packet.destination0) | 0
    this.server1 = (isReversed ? packet.source1 : packet.destination1) | 0
    this.server2 = (isReversed ? packet.source2 : packet.destination2) | 0
    this.server3 = (isReversed ? packet.source3 : packet.destination3) | 0
    this.clientPort = isReversed ? packet.destinationPort : packet.sourcePort
    this.serverPort = isReversed ? packet.sourcePort : packet.destinationPort
  }

  /** All packets of both directions. */
  get packets(): number {
    return this.clientPackets + this.serverPackets
  }

  get transport(): 'tcp' | 'udp' {
    return this.protocol === ipProtocol.tcp ? 'tcp' : 'udp'
  }

  get clientAddress(): AddressWords {
    const { client0, client1, client2, client3 } = this
    return [client0 >>> 0, client1 >>> 0, client2 >>> 0, client3 >>> 0]
  }

  get serverAddress(): AddressWords {
    const { server0, server1, server2, server3 } = this
    return [server0 >>> 0, server1 >>> 0, server2 >>> 0, server3 >>> 0]
  }

  /** `ip:port` of who opened it. */
  get clientText(): string {
    const { client0, client1, client2, client3, clientPort } = this
    return formatEndpoint(client0 >>> 0, client1 >>> 0, client2 >>> 0, client3 >>> 0, clientPort)
  }

  get serverText(): string {
    const { server0, server1, server2, server3, serverPort } = this
    return formatEndpoint(server0 >>> 0, server1 >>> 0, server2 >>> 0, server3 >>> 0, serverPort)
  }

  /** True where the packet, which is one of this flow, was sent by the client. */
  isFromClient(packet: Packet): boolean {
    return (
      packet.sourcePort === this.clientPort &&
      (packet.source3 | 0) === this.client3 &&
      (packet.source2 | 0) === this.client2 &&
      (packet.source1 | 0) === this.client1 &&
      (packet.source0 | 0) === this.client0
    )
  }

  /** Counts a packet; done for all of them, also when nothing is looked for any more. */
  count(packet: Packet, fromClient: boolean): void {
    this.lastUs = packet.timeUs
    if (fromClient) {
      this.clientPackets++
      this.clientOctets += packet.ipLength
    } else {
      this.serverPackets++
      this.serverOctets += packet.ipLength
    }
  }

  /** Notes a SYN: what it numbers is where that direction begins. */
  opened(packet: Packet, fromClient: boolean): void {
    this.isOpenerKnown = true
    const next = (packet.sequence + 1) >>> 0
    if (fromClient) this.clientNext = next
    else this.serverNext = next
  }

  /** Notes a FIN; true once both directions have finished. */
  finish(fromClient: boolean): boolean {
    this.finished |= fromClient ? 1 : 2
    return this.finished === 3
  }

  /** True once both directions have finished. */
  get isFinished(): boolean {
    return this.finished === 3
  }

  /** What is said in it, begun where nothing has been said yet. */
  talk(): Conversation {
    this.conversation ??= new Conversation(
      this,
      new FlowSide(
        this.client0 >>> 0,
        this.client1 >>> 0,
        this.client2 >>> 0,
        this.client3 >>> 0,
        this.clientPort,
        this.clientNext
      ),
      new FlowSide(
        this.server0 >>> 0,
        this.server1 >>> 0,
        this.server2 >>> 0,
        this.server3 >>> 0,
        this.serverPort,
        this.serverNext
      )
    )
    return this.conversation
  }
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

import { Bytes } from '../model/bytes.ts'
import type { Packet } from '../model/packet.ts'
import { keepOctets } from './kept-octets.ts'
import { maxDatagramBytes } from './limits.ts'
import type { Datagram, FlowView, Match } from './protocols/protocol.ts'
import type { FlowSide } from './side.ts'

/** What a protocol said of a flow when it matched, and after which packet. */
export interface Found {
  /** Number of the protocol in the list that was searched. */
  readonly index: number
  readonly packet: number
  readonly match: Match
  /** That of the match: there are as many forms of matches as protocols, slow to look into. */
  readonly more: boolean
}

/** What a conversation asks of the flow that it is of. */
interface Owner {
  readonly transport: 'tcp' | 'udp'
  readonly isOpenerKnown: boolean
  readonly lastUs: number
  /** All packets, those without payload included. */
  readonly packets: number
}

/** Shared by all that have none, since a TCP connection never does. */
const noDatagrams: readonly Datagram[] = []

/** What both ends have said so far, and how far the search for its protocol has come. */
export class Conversation implements FlowView {
  readonly transport: 'tcp' | 'udp'
  readonly client: FlowSide
  readonly server: FlowSide
  readonly sides: readonly [FlowSide, FlowSide]
  isLast = false
  packets = 0
  datagrams: readonly Datagram[] = noDatagrams
  /** Numbers of protocols that may still match; undefined before the first payload. */
  candidates: Uint16Array | undefined
  found: Found[] | undefined
  private readonly owner: Owner
  /** Octets kept of it that are accounted for; -1 where nothing is. */
  counted = -1
  private datagramBytes = 0
  private memory: Map<string, unknown> | undefined

  constructor(owner: Owner, client: FlowSide, server: FlowSide) {
    this.owner = owner
    this.transport = owner.transport
    this.client = client
    this.server = server
    this.sides = [client, server]
  }

  get timeUs(): number {
    return this.owner.lastUs
  }

  get isOpenerKnown(): boolean {
    return this.owner.isOpenerKnown
  }

  /** Packets of the flow so far, with and without payload. */
  get allPackets(): number {
    return this.owner.packets
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

  /** Takes the payload of a packet; true where there is something new to look at. */
  admit(packet: Packet, fromClient: boolean): boolean {
    const side = fromClient ? this.client : this.server
    this.packets++
    if (this.transport === 'tcp') return side.takeSegment(packet)
    const { payload } = packet
    side.takeDatagram(payload)
    const datagram: Datagram = { fromClient, bytes: payload }
    if (this.datagrams === noDatagrams) this.datagrams = [datagram]
    else (this.datagrams as Datagram[]).push(datagram)
    return true
  }

  /** Octets of memory that are kept of it. */
  get keptBytes(): number {
    return this.client.keptBytes + this.server.keptBytes + this.datagramBytes
  }

  /** Copies what still lies in the capture's buffer. */
  keep(): void {
    this.client.keep()
    this.server.keep()
    const last = this.datagrams.at(-1)
    if (last === undefined) return
    const side = last.fromClient ? this.client : this.server
    // The first datagram of a side has been copied already.
    const isFirst = side.packets === 1
    const bytes = isFirst ? side.bytes : copyOf(last.bytes)
    if (!isFirst) this.datagramBytes += bytes.length
    const kept = this.datagrams as Datagram[]
    kept[kept.length - 1] = { fromClient: last.fromClient, bytes }
  }

  /** Looks at what waits behind a hole; true where that shows something. */
  passHoles(): boolean {
    const client = this.client.passHole()
    return this.server.passHole() || client
  }
}

function copyOf(bytes: Bytes): Bytes {
  const kept = new Bytes(bytes.buffer, 0, 0, bytes.wireLength)
  const length = Math.min(bytes.length, maxDatagramBytes)
  keepOctets(bytes, length, kept, length)
  return kept
}

import type { Flow } from '../../classifier/flow.ts'
import type { DecodeCounters } from '../../collector/capture/decode-counters.ts'
import type { Frame } from '../../collector/capture/frame.ts'
import type { SourceLosses } from '../../collector/capture/packet-source.ts'
import { ipProtocol } from '../../model/packet.ts'
import type { Packet } from '../../model/packet.ts'
import { normaliseMac } from '../../model/mac.ts'
import type { FlowEnd } from '../../model/classified-flow.ts'
import { noCounts } from '../../model/streamed-links.ts'
import type { InterfaceCounts, StreamedLinks } from '../../model/streamed-links.ts'
import { formatWords } from '../../model/address.ts'
import { FlowSight } from './flow-sight.ts'
import { interfaceOf, InterfaceNames } from './interface-names.ts'

const ethernetLink = 1
/** IP protocol number of IGMP. */
const igmp = 2

/** Ethernet addresses, and addresses of each, that are remembered; those after them are not. */
const maxMacs = 10_000
const maxAddresses = 64

/** What a frame is known by while it is read. */
export interface FrameWatch {
  /** A frame is about to be opened. */
  frame(frame: Frame): void
  /** A packet was found in it; all of them, also those that another interface shows too. */
  packet(packet: Packet): void
  /** It is done with. */
  done(counters: DecodeCounters): void
}

/**
 * Counts what interfaces show, and keeps of each flow what the link and its segments told. It costs
 * each packet something, so it is there only where a stream tells of it.
 */
export class LinkWatch implements FrameWatch {
  private readonly counts = new Map<number, InterfaceCounts>()
  private readonly endpoints = new Map<string, Set<string>>()
  private readonly flows = new Map<Flow, FlowSight>()
  private readonly named: readonly string[] | undefined
  private readonly names = new InterfaceNames()
  private readonly noFrame = noCounts()
  private row = this.noFrame
  private at: Frame | undefined
  private readonly before = { packets: 0, fragments: 0, mpls: 0, pppoe: 0 }
  /** What the kernel dropped; set once it is read from. */
  losses: (() => SourceLosses) | undefined

  /** @param interfaces in the order of their numbers; left out: numbers are the kernel's */
  constructor(interfaces?: LinkWatch['named']) {
    this.named = interfaces
  }

  frame(frame: Frame): void {
    this.at = frame
    let row = this.counts.get(frame.interfaceIndex)
    if (row === undefined) this.counts.set(frame.interfaceIndex, (row = noCounts()))
    this.row = row
    row.raw++
    row.wireOctets += frame.wireLength
    if (frame.wireLength > row.largestOctets) row.largestOctets = frame.wireLength
    if (frame.linkType === ethernetLink) row.ethernet++
  }

  packet({ protocol, ipLength, vlans, tcpFlags }: Packet): void {
    const { row } = this
    row.ip++
    row.ipOctets += ipLength
    if (vlans !== 0) row.vlan++
    if (protocol === ipProtocol.tcp) {
      row.tcp++
      if ((tcpFlags & 4) !== 0) row.tcpResets++
    } else if (protocol === ipProtocol.udp) row.udp++
    else if (protocol === ipProtocol.icmp || protocol === ipProtocol.icmp6) row.icmp++
    else if (protocol === igmp) row.igmp++
  }

  done({ packets, fragments, mpls, pppoe }: DecodeCounters): void {
    const { row, before, at } = this
    row.mpls += mpls - before.mpls
    row.pppoe += pppoe - before.pppoe
    row.fragments += fragments - before.fragments
    if (packets === before.packets && fragments === before.fragments) {
      row.discarded++
      row.discardedOctets += at?.wireLength ?? 0
    }
    before.packets = packets
    before.fragments = fragments
    before.mpls = mpls
    before.pppoe = pppoe
    // What is put together later came by no frame of its own.
    this.at = undefined
    this.row = this.noFrame
  }

  /** Takes what a packet of the flow shows. */
  counted(flow: Flow, packet: Packet, fromClient: boolean): void {
    let sight = this.flows.get(flow)
    if (sight === undefined) this.flows.set(flow, (sight = new FlowSight()))
    if (packet.protocol === ipProtocol.tcp && sight.segment(packet, fromClient)) {
      this.row.tcpSequenceErrors++
    }
    const { at } = this
    if (at === undefined) return
    if (fromClient && sight.clientInterface < 0) {
      sight.clientInterface = at.interfaceIndex
      sight.clientMac = senderOf(at, packet)
    } else if (!fromClient && sight.serverInterface < 0) {
      sight.serverInterface = at.interfaceIndex
      sight.serverMac = senderOf(at, packet)
    }
    if (packet.gtp === undefined) return
    if (fromClient) sight.clientGtp ??= packet.gtp
    else sight.serverGtp ??= packet.gtp
  }

  /** What was seen of a flow. */
  of(flow: Flow): FlowSight | undefined {
    return this.flows.get(flow)
  }

  /** A flow is over; what was seen of it is told already. */
  forget(flow: Flow): void {
    this.flows.delete(flow)
  }

  /** An inside end was seen behind an Ethernet address. */
  endpoint({ mac, address }: FlowEnd): void {
    if (mac === undefined) return
    let addresses = this.endpoints.get(mac)
    if (addresses === undefined) {
      if (this.endpoints.size >= maxMacs) return
      this.endpoints.set(mac, (addresses = new Set()))
    }
    if (addresses.size < maxAddresses) addresses.add(formatWords(address))
  }

  /** The name of an interface, where it has one. */
  nameOf(index: number): string | undefined {
    if (this.named !== undefined) return this.named[index]
    return index > 0 ? this.names.of(index) : undefined
  }

  links(): StreamedLinks {
    const { lost, byInterface } = this.losses?.() ?? { lost: undefined, byInterface: undefined }
    const counts = new Map<string, InterfaceCounts>()
    for (const [index, row] of this.counts) {
      const name = this.nameOf(index)
      if (name !== undefined) counts.set(name, { ...row, dropped: byInterface?.[index] })
    }
    const names = [...(this.named ?? counts.keys())]
    const interfaces = new Map(names.map((name) => [name, interfaceOf(name)]))
    return { interfaces, counts, endpoints: this.endpoints, lost }
  }
}

const hex = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'))

/** The Ethernet address that the packet came from; within a tunnel it is not that of its sender. */
function senderOf(frame: Frame, packet: Packet): string | undefined {
  if (packet.depth > 0) return undefined
  const { buffer, at, end, linkType } = frame
  const isInFrame = linkType === ethernetLink && end - at >= 14
  const from = frame.senderAt >= 0 ? frame.senderAt : isInFrame ? at + 6 : -1
  if (from < 0) return undefined
  const octets = buffer.subarray(from, from + 6)
  return normaliseMac([...octets].map((octet) => hex[octet] ?? '').join(':'))
}

import { ipProtocol, Packet } from '../../model/packet.ts'
import { makeDecodeCounters } from './decode-counters.ts'
import type { DecodeCounters, FrameDrop } from './decode-counters.ts'
import { ethernet, etherType } from './ethernet.ts'
import { Fragments } from './fragments.ts'
import type { Gathered } from './fragments.ts'
import type { Frame } from './frame.ts'
import { IpReader } from './ip.ts'
import type { IpHeader } from './ip.ts'
import { linkReaders } from './link-types.ts'
import { u16 } from './octets.ts'
import { readTransport, setAddresses } from './transport.ts'
import { gtpTunnelOf } from './gtp-tunnel.ts'
import { gre, gtpU, mpls, pppoeSession, udpTunnels } from './tunnels.ts'
import type { TunnelReader } from './tunnels.ts'

/** Tunnels within tunnels, link headers included, that are followed. */
const maxDepth = 6
const maxTags = 8

/** The tunnel that ports announce: most go to its port, CAPWAP and GTP-U also come from there. */
function udpTunnelOf(from: number, to: number): TunnelReader | undefined {
  if (to === 2152 || to >= 4789) {
    const read = udpTunnels.get(to)
    if (read !== undefined) return read
  }
  return from === 5247 || from === 2152 ? udpTunnels.get(from) : undefined
}

/**
 * Makes packets of frames: through link headers, tags and tunnels to the innermost IP packet, whose
 * fragments are put together. A tunnel whose content is no packet is itself the packet.
 */
export class PacketDecoder {
  readonly counters: DecodeCounters = makeDecodeCounters()
  private readonly packet = new Packet()
  /** A reader for each depth, so that a tunnel's own header is still there behind its content's. */
  private readonly readers = Array.from({ length: maxDepth + 1 }, () => new IpReader())
  private readonly fragments = new Fragments(this.counters)
  private readonly take: (packet: Packet) => void
  private readonly end = { at: 0, type: 0 }
  /** Why the packet at hand was refused; the innermost reason is the one that counts. */
  private reason: FrameDrop = 'not-ip'

  /** @param take called with each packet, which it may look at until it returns */
  constructor(take: (packet: Packet) => void) {
    this.take = take
  }

  /** Takes a frame: hands over the packet in it, if there is one, or counts why not. */
  decode(frame: Frame): void {
    const read = linkReaders[frame.linkType]
    if (read === undefined) {
      this.counters.drops['link-type-unknown']++
      return
    }
    const { end, packet } = this
    packet.timeUs = frame.timeUs
    packet.vlans = 0
    packet.gtp = undefined
    this.reason = 'not-ip'
    read(frame.buffer, frame.at, frame.end, end)
    if (end.type === -2) this.reason = 'link-header-short'
    if (!this.typed(frame.buffer, end.at, frame.end, end.type, 0)) this.drop(this.reason)
  }

  /** Hands over what there is of packets whose fragments did not all come. */
  flush(): void {
    this.packet.gtp = undefined
    this.fragments.flush((key, gathered) => this.whole(key, gathered))
  }

  private drop(reason: FrameDrop): void {
    this.counters.drops[reason]++
  }

  /** What an EtherType announces; false where no packet was found in it. */
  private typed(
    buffer: Uint8Array,
    from: number,
    to: number,
    etherTypeFound: number,
    depth: number
  ): boolean {
    let at = from
    let type = etherTypeFound
    for (let tags = 0; tags < maxTags; tags++) {
      const isTag = type === etherType.vlan || type === etherType.qinq || type === etherType.qinqOld
      if (!isTag) break
      if (at + 4 > to) return false
      const { packet } = this
      packet.vlans = ((packet.vlans & 0xfff) << 12) | (u16(buffer, at) & 0xfff)
      type = u16(buffer, at + 2)
      at += 4
    }
    if (type === etherType.ip4 || type === etherType.ip6)
      return this.ipPacket(buffer, at, to, depth)
    if (depth >= maxDepth) {
      this.reason = 'tunnel-too-deep'
      return false
    }
    if (type === etherType.mpls || type === etherType.mplsMulticast) {
      this.counters.mpls++
      return this.tunnel(mpls, buffer, at, to, depth)
    }
    if (type === etherType.pppoeSession) this.counters.pppoe++
    if (type === etherType.pppoeSession) return this.tunnel(pppoeSession, buffer, at, to, depth)
    if (type !== etherType.transparentEthernet) return false
    ethernet(buffer, at, to, this.end)
    return this.typed(buffer, this.end.at, to, this.end.type, depth + 1)
  }

  private tunnel(
    read: TunnelReader,
    buffer: Uint8Array,
    at: number,
    to: number,
    depth: number
  ): boolean {
    const { end } = this
    if (!read(buffer, at, to, end)) return false
    return this.typed(buffer, end.at, to, end.type, depth + 1)
  }

  private ipPacket(buffer: Uint8Array, at: number, to: number, depth: number): boolean {
    const header = this.readers[depth]
    const reason = header === undefined ? 'tunnel-too-deep' : header.read(buffer, at, to)
    if (header === undefined || reason !== undefined) {
      this.reason = reason ?? 'tunnel-too-deep'
      return false
    }
    return header.isFragment ? this.part(buffer, header) : this.carried(buffer, header, depth)
  }

  /** A fragment, which is held; apart from whole packets, which shall make nothing on their way. */
  private part(buffer: Uint8Array, header: IpReader): boolean {
    // A cut-off fragment would leave a hole that nothing can fill.
    if (header.end < header.wireEnd && header.fragmentOffset > 0) {
      this.reason = 'ip-cut-off'
      return false
    }
    const { timeUs } = this.packet
    const { payloadAt, end, fragmentOffset: offset, protocol } = header
    const isLast = !header.moreFragments
    const key = header.fragmentKey()
    const fragment = { key, protocol, buffer, at: payloadAt, end, offset, isLast, timeUs }
    this.fragments.add(fragment, (whole, gathered) => this.whole(whole, gathered))
    return true
  }

  private whole(key: string, gathered: Gathered): void {
    const header = new IpReader()
    const reason = header.readWhole(key, gathered.buffer, gathered)
    if (reason !== undefined) this.drop(reason)
    else if (!this.carried(gathered.buffer, header, 0)) this.drop(this.reason)
  }

  /** What the IP packet carries: another packet, where it is a tunnel, or the end of the way. */
  private carried(buffer: Uint8Array, header: IpHeader, depth: number): boolean {
    if (depth < maxDepth && this.isTunnel(buffer, header, depth)) return true
    const { packet } = this
    if (!readTransport(buffer, header, packet)) {
      this.reason = 'transport-header-bad'
      return false
    }
    setAddresses(header, packet)
    packet.depth = depth
    this.counters.packets++
    this.take(packet)
    return true
  }

  /** A packet within GTP-U keeps which tunnel it was in. */
  private gtpTunnel(buffer: Uint8Array, header: IpHeader, depth: number): boolean {
    const { packet } = this
    const outer = packet.gtp
    packet.gtp = gtpTunnelOf(buffer, header)
    if (this.tunnel(gtpU, buffer, header.payloadAt + 8, header.end, depth)) return true
    packet.gtp = outer
    return false
  }

  private isTunnel(buffer: Uint8Array, header: IpHeader, depth: number): boolean {
    const { payloadAt: at, end, protocol } = header
    switch (protocol) {
      case ipProtocol.tcp:
      case ipProtocol.icmp:
        return false
      case ipProtocol.udp: {
        if (at + 16 > end) return false
        const read = udpTunnelOf(u16(buffer, at), u16(buffer, at + 2))
        if (read === undefined) return false
        if (read === gtpU) return this.gtpTunnel(buffer, header, depth)
        return this.tunnel(read, buffer, at + 8, end, depth)
      }
      case 4:
        return this.typed(buffer, at, end, etherType.ip4, depth + 1)
      case 41:
        return this.typed(buffer, at, end, etherType.ip6, depth + 1)
      case 47:
        return this.tunnel(gre, buffer, at, end, depth)
      // EtherIP (RFC 3378): | version 3, reserved | then an Ethernet frame.
      case 97:
        return this.typed(buffer, at + 2, end, etherType.transparentEthernet, depth + 1)
      // MPLS in IP (RFC 4023).
      case 137:
        return this.typed(buffer, at, end, etherType.mpls, depth + 1)
      default:
        return false
    }
  }
}

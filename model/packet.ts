import { formatAddress, isV4 } from './address.ts'
import type { AddressWords } from './address.ts'
import { Bytes } from './bytes.ts'

/** Bits of a TCP header's flags (RFC 9293 §3.1). */
export const tcpFlag = { fin: 1, syn: 2, rst: 4, push: 8, ack: 16 } as const

/** Numbers of IP protocols that carry ports. */
export const ipProtocol = { icmp: 1, tcp: 6, udp: 17, dccp: 33, icmp6: 58, sctp: 132 } as const

/** A packet's way through GTP-U (3GPP TS 29.281): the ends of the tunnel, and its number. */
export interface GtpTunnel {
  readonly version: number
  /** Under which the receiving end knows the tunnel. */
  readonly teid: number
  readonly isV6: boolean
  /** Of the outer IP header, 6 bits. */
  readonly dscp: number
  readonly source: AddressWords
  readonly sourcePort: number
  readonly destination: AddressWords
  readonly destinationPort: number
}

/**
 * A packet as it was found inside of all its frames and tunnels, in the buffer of who read it. The
 * same object is filled again for the next packet.
 *
 * Addresses are four words each, network order, IPv4 v4-mapped (model/address.ts).
 */
export class Packet {
  /** When it was seen, us since 1970; NaN where that is not known. */
  timeUs = Number.NaN
  source0 = 0
  source1 = 0
  source2 = 0
  source3 = 0
  destination0 = 0
  destination1 = 0
  destination2 = 0
  destination3 = 0
  /** Number of the protocol over IP. */
  protocol = 0
  /** Ports of TCP, UDP, UDP-Lite, DCCP and SCTP; 0 of others. */
  sourcePort = 0
  destinationPort = 0
  /** The outermost VLAN tag and the one within it, 12 bits each; 0: none. */
  vlans = 0
  /** Octets of the IP packet, headers included, as its header tells. */
  ipLength = 0
  /** Tunnels that it was in. */
  depth = 0
  /** The innermost GTP-U tunnel that it was in. */
  gtp: GtpTunnel | undefined = undefined
  /** TCP only. */
  tcpFlags = 0
  sequence = 0
  /** What the transport carries; of a protocol without ports all behind the IP header. */
  readonly payload = new Bytes(new Uint8Array(0))

  /** `ip:port` of the sender; IPv6 in brackets. */
  get sourceText(): string {
    const { source0, source1, source2, source3 } = this
    return formatEndpoint(source0, source1, source2, source3, this.sourcePort)
  }

  /** `ip:port` of the receiver. */
  get destinationText(): string {
    const { destination0, destination1, destination2, destination3 } = this
    return formatEndpoint(
      destination0,
      destination1,
      destination2,
      destination3,
      this.destinationPort
    )
  }
}

/** `ip:port`, IPv6 in brackets. */
export function formatEndpoint(
  w0: number,
  w1: number,
  w2: number,
  w3: number,
  port: number
): string {
  const address = formatAddress(w0, w1, w2, w3)
  return isV4(w0, w1, w2) ? `${address}:${port}` : `[${address}]:${port}`
}

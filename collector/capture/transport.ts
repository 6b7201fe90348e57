import { v4MappedWord } from '../../model/address.ts'
import { ipProtocol } from '../../model/packet.ts'
import type { Packet } from '../../model/packet.ts'
import type { IpHeader } from './ip.ts'
import { u16, u32 } from './octets.ts'

/** Copies the addresses of an IP header into a packet. */
export function setAddresses(header: IpHeader, packet: Packet): void {
  const { addressesIn: buffer, addressesAt: at, isV6 } = header
  if (!isV6) {
    packet.source0 = 0
    packet.source1 = 0
    packet.source2 = v4MappedWord
    packet.source3 = u32(buffer, at)
    packet.destination0 = 0
    packet.destination1 = 0
    packet.destination2 = v4MappedWord
    packet.destination3 = u32(buffer, at + 4)
    return
  }
  packet.source0 = u32(buffer, at)
  packet.source1 = u32(buffer, at + 4)
  packet.source2 = u32(buffer, at + 8)
  packet.source3 = u32(buffer, at + 12)
  packet.destination0 = u32(buffer, at + 16)
  packet.destination1 = u32(buffer, at + 20)
  packet.destination2 = u32(buffer, at + 24)
  packet.destination3 = u32(buffer, at + 28)
}

const udpLite = 136

/**
 * Reads the transport header into a packet.
 *
 * TCP (RFC 9293): | from | to | sequence (4) | acknowledged (4) | offset (4 bits) | flags | ... |
 * UDP (RFC 768):  | from | to | length | checksum |
 * SCTP (RFC 9260) and DCCP (RFC 4340) begin with the ports too.
 *
 * @returns false where it is not whole
 */
export function readTransport(buffer: Uint8Array, header: IpHeader, packet: Packet): boolean {
  const { protocol, payloadAt: at, end, wireEnd } = header
  packet.protocol = protocol
  packet.ipLength = header.ipLength
  packet.sourcePort = 0
  packet.destinationPort = 0
  packet.tcpFlags = 0
  let carriedAt = at
  let carriedTo = wireEnd
  switch (protocol) {
    case ipProtocol.tcp: {
      if (at + 20 > end) return false
      const headerBytes = ((buffer[at + 12] ?? 0) >> 4) * 4
      if (headerBytes < 20 || at + headerBytes > wireEnd) return false
      packet.sequence = u32(buffer, at + 4)
      packet.tcpFlags = buffer[at + 13] ?? 0
      carriedAt += headerBytes
      break
    }
    case ipProtocol.udp:
    case udpLite: {
      if (at + 8 > end) return false
      const length = u16(buffer, at + 4)
      // UDP-Lite has there how far its checksum goes (RFC 3828).
      const told = protocol === udpLite || length === 0 ? wireEnd - at : length
      if (told < 8) return false
      carriedAt += 8
      carriedTo = Math.min(wireEnd, at + told)
      break
    }
    case ipProtocol.sctp:
    case ipProtocol.dccp:
      if (at + 12 > end) return false
      carriedAt += 12
      break
    default:
      packet.payload.set(buffer, at, Math.max(0, end - at), wireEnd - at)
      return true
  }
  packet.sourcePort = u16(buffer, at)
  packet.destinationPort = u16(buffer, at + 2)
  const length = Math.max(0, Math.min(end, carriedTo) - carriedAt)
  packet.payload.set(buffer, carriedAt, length, Math.max(0, carriedTo - carriedAt))
  return true
}

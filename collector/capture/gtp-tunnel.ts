import { v4MappedWord } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import type { GtpTunnel } from '../../model/packet.ts'
import type { IpHeader } from './ip.ts'
import { u16, u32 } from './octets.ts'

function addressAt(buffer: Uint8Array, at: number, isV6: boolean): AddressWords {
  if (!isV6) return [0, 0, v4MappedWord, u32(buffer, at)]
  return [u32(buffer, at), u32(buffer, at + 4), u32(buffer, at + 8), u32(buffer, at + 12)]
}

/**
 * The tunnel of the GTP-U packet that an IP header carries over UDP: | version, flags | type |
 * length | TEID (4) | (3GPP TS 29.281 §5.1). DSCP stands in the second octet of IPv4 (RFC 791), and
 * behind the first four bits of IPv6 (RFC 8200); of what was put together of fragments it is 0.
 */
export function gtpTunnelOf(buffer: Uint8Array, header: IpHeader): GtpTunnel {
  const { addressesIn, addressesAt, isV6, payloadAt: at } = header
  const headerAt = addressesAt - (isV6 ? 8 : 12)
  const isWhole = headerAt >= 0
  const traffic = isV6 ? u16(addressesIn, headerAt) >> 4 : u16(addressesIn, headerAt)
  return {
    version: (buffer[at + 8] ?? 0) >> 5,
    teid: u32(buffer, at + 12),
    isV6,
    dscp: isWhole ? (traffic & 0xff) >> 2 : 0,
    source: addressAt(addressesIn, addressesAt, isV6),
    sourcePort: u16(buffer, at),
    destination: addressAt(addressesIn, addressesAt + (isV6 ? 16 : 4), isV6),
    destinationPort: u16(buffer, at + 2),
  }
}

import type { FrameDrop } from './decode-counters.ts'
import { u16 } from './octets.ts'

/** An IP header, as far as the way to its content needs it. */
export interface IpHeader {
  /** Where its addresses lie: source, then destination. */
  readonly addressesIn: Uint8Array
  readonly addressesAt: number
  readonly isV6: boolean
  /** What follows the last header of IP's own. */
  readonly protocol: number
  readonly payloadAt: number
  /** Behind the last captured octet, and where the packet ended on the wire. */
  readonly end: number
  readonly wireEnd: number
  /** Octets of the whole, header included. */
  readonly ipLength: number
}

/** What fragments came to: what they carry, and how much of it is there and was on the wire. */
interface GatheredPart {
  readonly protocol: number
  readonly length: number
  readonly wireLength: number
}

/** Extension headers (RFC 8200 §4) that are passed over: | next | length in 8 octets - 1 |. */
const passedOver: ReadonlySet<number> = new Set([0, 43, 60, 135, 139, 140])
const authentication = 51
const fragment = 44
const maxExtensions = 16

/**
 * Reads IPv4 and IPv6 headers, extension headers included, into its own fields.
 *
 * IPv4 (RFC 791):
 *   | 4, IHL | TOS | total length | id | flags, offset (13) | TTL | protocol | sum | from | to |
 * IPv6 (RFC 8200):
 *   | 6, class, flow label | payload length | next | hops | from (16) | to (16) |
 */
export class IpReader implements IpHeader {
  addressesIn: Uint8Array = new Uint8Array(0)
  addressesAt = 0
  isV6 = false
  protocol = 0
  payloadAt = 0
  end = 0
  wireEnd = 0
  ipLength = 0
  isFragment = false
  moreFragments = false
  /** Octets. */
  fragmentOffset = 0
  private fragmentIdAt = 0

  /** Reads the header at `at`; returns why it cannot be read, or undefined. */
  read(buffer: Uint8Array, at: number, to: number): FrameDrop | undefined {
    const version = at < to ? (buffer[at] ?? 0) >> 4 : 0
    this.addressesIn = buffer
    this.isFragment = false
    if (version === 4) return this.readV4(buffer, at, to)
    return version === 6 ? this.readV6(buffer, at, to) : 'ip-header-bad'
  }

  /**
   * Fills in what a packet of fragments carries, behind extension headers that they had in common.
   *
   * @param key of the fragments: it begins with the addresses, as they were on the wire
   */
  readWhole(key: string, buffer: Uint8Array, gathered: GatheredPart): FrameDrop | undefined {
    const addresses = Buffer.from(key, 'latin1')
    this.isV6 = addresses.length > 32
    this.addressesIn = addresses
    this.addressesAt = 0
    this.isFragment = false
    const { protocol, length, wireLength } = gathered
    this.payloadAt = 0
    this.protocol = protocol
    this.end = length
    this.wireEnd = wireLength
    this.ipLength = wireLength + (this.isV6 ? 40 : 20)
    if (!this.isV6) return undefined
    const reason = this.passExtensions(buffer, protocol, 0)
    return this.isFragment ? 'extension-header-bad' : reason
  }

  private readV4(buffer: Uint8Array, at: number, to: number): FrameDrop | undefined {
    if (at + 20 > to) return 'ip-cut-off'
    const headerBytes = ((buffer[at] ?? 0) & 15) * 4
    // A total length of 0 stands in packets that the card was to cut (segmentation offload).
    const total = u16(buffer, at + 2) || to - at
    if (headerBytes < 20 || total < headerBytes) return 'ip-header-bad'
    if (at + headerBytes > to) return 'ip-cut-off'
    this.isV6 = false
    this.addressesAt = at + 12
    this.protocol = buffer[at + 9] ?? 0
    this.payloadAt = at + headerBytes
    this.setEnd(at, total, to)
    const part = u16(buffer, at + 6)
    if ((part & 0x3fff) !== 0) this.setFragment((part & 0x1fff) * 8, (part & 0x2000) !== 0, at + 4)
    return undefined
  }

  private readV6(buffer: Uint8Array, at: number, to: number): FrameDrop | undefined {
    if (at + 40 > to) return 'ip-cut-off'
    this.isV6 = true
    this.addressesAt = at + 8
    // 0: a jumbogram (RFC 2675), or segmentation offload again.
    const payloadBytes = u16(buffer, at + 4) || to - at - 40
    this.setEnd(at, 40 + payloadBytes, to)
    return this.passExtensions(buffer, buffer[at + 6] ?? 0, at + 40)
  }

  private passExtensions(buffer: Uint8Array, first: number, from: number): FrameDrop | undefined {
    let protocol = first
    let at = from
    for (let i = 0; i < maxExtensions; i++) {
      const isFragment = protocol === fragment
      if (!isFragment && protocol !== authentication && !passedOver.has(protocol)) break
      if (at + 8 > this.end) return 'extension-header-bad'
      const next = buffer[at] ?? 0
      const length = buffer[at + 1] ?? 0
      if (isFragment) {
        const part = u16(buffer, at + 2)
        at += 8
        protocol = next
        // Offset 0 without more to come is a whole packet (an atomic fragment, RFC 6946). What
        // lies behind any other is a part: its headers are read once the whole is there.
        if ((part & 0xfff9) === 0) continue
        this.setFragment(part & 0xfff8, (part & 1) === 1, at - 4)
        break
      } else {
        at += protocol === authentication ? (length + 2) * 4 : (length + 1) * 8
        protocol = next
      }
    }
    if (at > this.end) return 'extension-header-bad'
    this.protocol = protocol
    this.payloadAt = at
    return undefined
  }

  private setEnd(at: number, total: number, to: number): void {
    this.ipLength = total
    this.wireEnd = at + total
    this.end = Math.min(to, at + total)
  }

  private setFragment(offset: number, more: boolean, idAt: number): void {
    this.isFragment = true
    this.fragmentOffset = offset
    this.moreFragments = more
    this.fragmentIdAt = idAt
  }

  /** What all fragments of a packet share; it begins with the addresses. */
  fragmentKey(): string {
    const addresses = this.isV6 ? 32 : 8
    const { buffer, byteOffset, length } = this.addressesIn
    const octets = Buffer.from(buffer, byteOffset, length)
    const idBytes = this.isV6 ? 4 : 2
    return (
      octets.toString('latin1', this.addressesAt, this.addressesAt + addresses) +
      octets.toString('latin1', this.fragmentIdAt, this.fragmentIdAt + idBytes) +
      // A later IPv6 fragment tells its protocol too, IPv4 in the header.
      String.fromCharCode(this.protocol)
    )
  }
}

import { capwap } from './capwap.ts'
import { etherType } from './ethernet.ts'
import { u16, u32 } from './octets.ts'

/** Where a packet within a tunnel begins, and its EtherType; `type` -1 where there is none. */
export interface TunnelEnd {
  at: number
  type: number
}

/** Reads a tunnel's header at `at`; false where this is none of its kind, or leads to no packet. */
export type TunnelReader = (buffer: Uint8Array, at: number, end: number, out: TunnelEnd) => boolean

function inside(out: TunnelEnd, at: number, end: number, type: number): boolean {
  out.at = at
  out.type = type
  return at < end
}

const knownTypes: ReadonlySet<number> = new Set(Object.values(etherType))

const isKnownType = (type: number): boolean => knownTypes.has(type)

/** EtherType of a packet by the version in its first four bits. */
function typeByVersion(buffer: Uint8Array, at: number): number {
  const version = (buffer[at] ?? 0) >> 4
  return version === 4 ? etherType.ip4 : version === 6 ? etherType.ip6 : -1
}

/**
 * GRE (RFC 2784, RFC 2890, PPTP's version 1 of RFC 2637):
 *
 *   |C|R|K|S|s|recursion|A|flags|version| protocol type | checksum (C) | key (K) | sequence (S) |
 *
 * and ERSPAN within it: type II has 8 octets of its own, type III 12, and 8 more with its O bit.
 */
export const gre: TunnelReader = (buffer, at, end, out) => {
  if (at + 4 > end) return false
  const flags = u16(buffer, at)
  const protocol = u16(buffer, at + 2)
  const hasSequence = (flags & 0x1000) !== 0
  let next = at + 4
  if ((flags & 0xc000) !== 0) next += 4
  if ((flags & 0x2000) !== 0) next += 4
  if (hasSequence) next += 4
  if ((flags & 7) === 1) return pptp(buffer, (flags & 0x80) === 0 ? next : next + 4, end, out)
  if (protocol === 0x88be) {
    return inside(out, hasSequence ? next + 8 : next, end, etherType.transparentEthernet)
  }
  if (protocol === 0x22eb) {
    const hasMore = next + 12 <= end && ((buffer[next + 11] ?? 0) & 1) === 1
    return inside(out, next + (hasMore ? 20 : 12), end, etherType.transparentEthernet)
  }
  return isKnownType(protocol) && inside(out, next, end, protocol)
}

/** PPP within GRE version 1; most of it is compressed or encrypted, and then is no packet. */
function pptp(buffer: Uint8Array, at: number, end: number, out: TunnelEnd): boolean {
  if (at + 4 > end) return false
  const next = u16(buffer, at) === 0xff03 ? at + 2 : at
  const isShort = ((buffer[next] ?? 0) & 1) === 1
  const protocol = isShort ? (buffer[next] ?? 0) : u16(buffer, next)
  if (protocol !== 0x21 && protocol !== 0x57) return false
  return inside(
    out,
    next + (isShort ? 1 : 2),
    end,
    protocol === 0x21 ? etherType.ip4 : etherType.ip6
  )
}

/**
 * VXLAN (RFC 7348): | flags | reserved (3) | VNI (3) | reserved |, then an Ethernet frame. Of the
 * flags 08 must be there; what is reserved is ignored, as a policy of a group stands in it.
 */
const vxlan: TunnelReader = (buffer, at, end, out) => {
  if (at + 8 > end || ((buffer[at] ?? 0) & 0x0c) !== 8) return false
  return inside(out, at + 8, end, etherType.transparentEthernet)
}

/** VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe): flags 0c and, in octet 3, what it carries. */
const vxlanGpe: TunnelReader = (buffer, at, end, out) => {
  if (at + 8 > end || ((buffer[at] ?? 0) & 0x0c) !== 0x0c) return false
  const type = gpeTypes[buffer[at + 3] ?? 0]
  return type !== undefined && inside(out, at + 8, end, type)
}
const gpeTypes = [
  undefined,
  etherType.ip4,
  etherType.ip6,
  etherType.transparentEthernet,
  undefined,
  etherType.mpls,
]

/** Geneve (RFC 8926): |version (2)|option length (6)|O|C|reserved| protocol | VNI (3) | 0 |. */
const geneve: TunnelReader = (buffer, at, end, out) => {
  if (at + 8 > end || (buffer[at] ?? 0) >> 6 !== 0) return false
  const type = u16(buffer, at + 2)
  if (type !== etherType.transparentEthernet && type !== etherType.ip4 && type !== etherType.ip6) {
    return false
  }
  return inside(out, at + 8 + ((buffer[at] ?? 0) & 0x3f) * 4, end, type)
}

/**
 * GTP-U (3GPP TS 29.281 §5.1):
 *
 *   | version 1, PT, E, S, PN | type ff | length | TEID (4) | E, S, PN: sequence, N-PDU, next |
 *
 * then extension headers while `next` is not 0: | length in words | ... | next |.
 */
export const gtpU: TunnelReader = (buffer, at, end, out) => {
  if (at + 8 > end) return false
  const flags = buffer[at] ?? 0
  if ((flags & 0xf0) !== 0x30 || buffer[at + 1] !== 0xff) return false
  let next = at + 8
  if ((flags & 7) !== 0) {
    next += 4
    let extension = (flags & 4) === 0 || next > end ? 0 : buffer[next - 1]
    for (let i = 0; extension !== 0 && i < 8; i++) {
      const words = buffer[next] ?? 0
      next += words * 4
      if (words === 0 || next > end) return false
      extension = buffer[next - 1]
    }
  }
  const type = typeByVersion(buffer, next)
  return type >= 0 && inside(out, next, end, type)
}

/** TZSP: | version 1 | type 0 | encapsulated protocol 1: Ethernet | tags ... 01 |. */
const tzsp: TunnelReader = (buffer, at, end, out) => {
  if (at + 5 > end || u32(buffer, at) !== 0x0100_0001) return false
  let next = at + 4
  for (let i = 0; i < 64 && next < end; i++) {
    const tag = buffer[next]
    if (tag === 1) return inside(out, next + 1, end, etherType.transparentEthernet)
    next += tag === 0 ? 1 : 2 + (buffer[next + 1] ?? 0)
  }
  return false
}

/** Tunnels over UDP by the port that IANA gives them; Linux's old one for VXLAN beside it. */
export const udpTunnels: ReadonlyMap<number, TunnelReader> = new Map([
  [2152, gtpU],
  [4789, vxlan],
  [4790, vxlanGpe],
  [6081, geneve],
  [8472, vxlan],
  [5247, capwap],
  [37_008, tzsp],
])

/** MPLS (RFC 3032): | label (20) | TC (3) | bottom (1) | TTL |, label upon label. */
export const mpls: TunnelReader = (buffer, at, end, out) => {
  let next = at
  for (let i = 0; i < 16; i++) {
    if (next + 5 > end) return false
    const isBottom = ((buffer[next + 2] ?? 0) & 1) === 1
    next += 4
    if (!isBottom) continue
    const type = typeByVersion(buffer, next)
    if (type >= 0) return inside(out, next, end, type)
    // A pseudowire: Ethernet, maybe behind a word whose first four bits are 0 (RFC 4448 §4.6).
    const hasWord = (buffer[next] ?? 0) >> 4 === 0 && !isKnownType(u16(buffer, next + 12))
    return inside(out, hasWord ? next + 4 : next, end, etherType.transparentEthernet)
  }
  return false
}

/** PPPoE session (RFC 2516): | version 1, type 1 | code 0 | session | length | PPP protocol |. */
export const pppoeSession: TunnelReader = (buffer, at, end, out) => {
  if (at + 8 > end || buffer[at] !== 0x11 || buffer[at + 1] !== 0) return false
  const protocol = u16(buffer, at + 6)
  if (protocol === 0x21) return inside(out, at + 8, end, etherType.ip4)
  if (protocol === 0x57) return inside(out, at + 8, end, etherType.ip6)
  return protocol === 0x281 && inside(out, at + 8, end, etherType.mpls)
}

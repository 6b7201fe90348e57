import { u16, u32 } from './octets.ts'

/** EtherTypes (IEEE 802, RFC 9542) that lead to IP. */
export const etherType = {
  ip4: 0x0800,
  ip6: 0x86dd,
  vlan: 0x8100,
  qinq: 0x88a8,
  qinqOld: 0x9100,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  pppoeSession: 0x8864,
  /** Of GRE: a whole Ethernet frame. */
  transparentEthernet: 0x6558,
} as const

/** Where a link header ends, and the EtherType behind it; `type` -1: not IP, -2: too short. */
export interface LinkEnd {
  at: number
  type: number
}

/** Reads the link header of a frame that lies at `at` .. `end`. */
export type LinkReader = (buffer: Uint8Array, at: number, end: number, out: LinkEnd) => void

function found(out: LinkEnd, at: number, end: number, type: number): void {
  out.at = at
  out.type = at <= end ? type : -2
}

/** | destination (6) | source (6) | type or length (2) |; a length leads to LLC, maybe SNAP. */
export const ethernet: LinkReader = (buffer, at, end, out) => {
  if (at + 14 > end) return found(out, at, end, -2)
  const type = u16(buffer, at + 12)
  if (type >= 0x600) return found(out, at + 14, end, type)
  return llc(buffer, at + 14, end, out)
}

/** LLC with SNAP: | aa aa 03 | 00 00 00 | EtherType |; LLC with SAP 06: IP follows at once. */
export const llc: LinkReader = (buffer, at, end, out) => {
  if (at + 8 > end) return found(out, at, end, -1)
  const isSnap = u16(buffer, at) === 0xaaaa && buffer[at + 2] === 3
  if (isSnap) return found(out, at + 8, end, u16(buffer, at + 6))
  const isIp = u16(buffer, at) === 0x0606 && buffer[at + 2] === 3
  return found(out, at + 3, end, isIp ? etherType.ip4 : -1)
}

/** Linux cooked: | packet type | ARPHRD | length | address (8) | protocol |. */
const cooked: LinkReader = (buffer, at, end, out) => {
  if (at + 16 > end) return found(out, at, end, -2)
  const type = u16(buffer, at + 14)
  // 4: LLC follows (ETH_P_802_2).
  if (type === 4) return llc(buffer, at + 16, end, out)
  return found(out, at + 16, end, type)
}

/** Linux cooked, second edition: | protocol | reserved | interface (4) | ARPHRD | ... 20 octets. */
const cooked2: LinkReader = (buffer, at, end, out) =>
  found(out, at + 20, end, at + 20 > end ? -2 : u16(buffer, at))

/** IP without a link header; its first four bits tell the version. */
const raw: LinkReader = (buffer, at, end, out) => {
  const version = at < end ? (buffer[at] ?? 0) >> 4 : 0
  found(out, at, end, version === 4 ? etherType.ip4 : version === 6 ? etherType.ip6 : -1)
}

/** BSD loopback: an address family in the byte order of the capturing machine, which it shows. */
const loopback: LinkReader = (buffer, at, end, out) => {
  if (at + 4 > end) return found(out, at, end, -2)
  const family = u32(buffer, at)
  const number = family > 0xffff ? (family >>> 24) | ((family >>> 8) & 0xff00) : family
  // AF_INET, and AF_INET6 of the BSDs, Darwin, Linux and Windows.
  const isV6 = number === 24 || number === 28 || number === 30 || number === 10 || number === 23
  found(out, at + 4, end, number === 2 ? etherType.ip4 : isV6 ? etherType.ip6 : -1)
}

/** PPP protocol numbers (RFC 1661, IANA): IPv4, IPv6, MPLS. */
export function typeOfPpp(protocol: number): number {
  if (protocol === 0x21) return etherType.ip4
  if (protocol === 0x57) return etherType.ip6
  return protocol === 0x281 ? etherType.mpls : -1
}

/** PPP, with or without HDLC's | ff 03 |; its protocol may be one octet (RFC 1661 §2). */
const ppp: LinkReader = (buffer, at, end, out) => {
  if (at + 4 > end) return found(out, at, end, -2)
  const first = buffer[at] ?? 0
  // Cisco HDLC stands under the same link type: | 0f or 8f | 00 | EtherType |.
  if (first === 0x0f || first === 0x8f) return cisco(buffer, at, end, out)
  const next = first === 0xff && buffer[at + 1] === 3 ? at + 2 : at
  const isShort = ((buffer[next] ?? 0) & 1) === 1
  const protocol = isShort ? (buffer[next] ?? 0) : u16(buffer, next)
  found(out, next + (isShort ? 1 : 2), end, typeOfPpp(protocol))
}

/** Cisco HDLC: | address | control | EtherType |. */
const cisco: LinkReader = (buffer, at, end, out) =>
  found(out, at + 4, end, at + 4 > end ? -2 : u16(buffer, at + 2))

/** PPPoE as a link: | version, type | code | session | length | PPP protocol |. */
const pppoe: LinkReader = (_buffer, at, end, out) =>
  found(out, at, end, at + 8 > end ? -2 : etherType.pppoeSession)

/**
 * NFLOG: | family | version | group | then | length | type | value, padded to four | each. The
 * packet is the value of type 9; numbers of the TLVs are in the byte order of the host.
 */
const nflog: LinkReader = (buffer, at, end, out) => {
  if (at + 4 > end) return found(out, at, end, -2)
  let next = at + 4
  while (next + 4 <= end) {
    const length = (buffer[next] ?? 0) | ((buffer[next + 1] ?? 0) << 8)
    const type = (buffer[next + 2] ?? 0) | ((buffer[next + 3] ?? 0) << 8)
    if (length < 4) break
    if (type === 9) return raw(buffer, next + 4, end, out)
    next += (length + 3) & ~3
  }
  return found(out, at, end, -2)
}

/** IP of one version without a link header. */
const ip4: LinkReader = (_buffer, at, end, out) => found(out, at, end, etherType.ip4)
const ip6: LinkReader = (_buffer, at, end, out) => found(out, at, end, etherType.ip6)

/** Reader of the link header by LINKTYPE_ value: a new link is a function and a line here. */
export const linkReaders: Readonly<Record<number, LinkReader>> = {
  0: loopback,
  1: ethernet,
  9: ppp,
  12: raw,
  14: raw,
  50: ppp,
  51: pppoe,
  101: raw,
  104: cisco,
  108: loopback,
  113: cooked,
  228: ip4,
  229: ip6,
  239: nflog,
  276: cooked2,
}

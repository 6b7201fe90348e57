import { dot11, ppi, radiotap } from './dot11.ts'
import { ethernet, etherType, found, llc } from './ethernet.ts'
import type { LinkReader } from './ethernet.ts'
import { u16, u32 } from './octets.ts'

/** Linux cooked: | packet type | ARPHRD | length | address (8) | protocol |. */
const cooked: LinkReader = (buffer, at, end, out) => {
  if (at + 16 > end) return found(out, at, end, -2)
  const type = u16(buffer, at + 14)
  // 4: LLC follows (ETH_P_802_2).
  if (type === 4) return llc(buffer, at + 16, end, out)
  return found(out, at + 16, end, type)
}

/** Linux cooked, second edition: | protocol | reserved | interface (4) | ARPHRD | ... 20 octets. */
const cooked2: LinkReader = (buffer, at, end, out) => {
  if (at + 20 > end) return found(out, at, end, -2)
  const type = u16(buffer, at)
  return type === 4 ? llc(buffer, at + 20, end, out) : found(out, at + 20, end, type)
}

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

/** PPP behind an octet that tells the direction (LINKTYPE_PPP_WITH_DIR). */
const directedPpp: LinkReader = (buffer, at, end, out) => ppp(buffer, at + 1, end, out)

/** Cisco HDLC: | address | control | EtherType |. */
const cisco: LinkReader = (buffer, at, end, out) =>
  found(out, at + 4, end, at + 4 > end ? -2 : u16(buffer, at + 2))

/** PPPoE as a link: | version, type | code | session | length | PPP protocol |. */
const pppoe: LinkReader = (_buffer, at, end, out) =>
  found(out, at, end, at + 8 > end ? -2 : etherType.pppoeSession)

/**
 * NFLOG: | family | version | group | then | length | type | value, padded to four | each. The
 * packet is the value of type 9. Numbers of the TLVs are in the byte order of the host that wrote
 * them: types are small, so the first one shows which that is.
 */
const nflog: LinkReader = (buffer, at, end, out) => {
  if (at + 4 > end) return found(out, at, end, -2)
  let next = at + 4
  const isBig = next + 4 <= end && buffer[next + 2] === 0 && buffer[next + 3] !== 0
  const half = (place: number): number =>
    isBig ? u16(buffer, place) : (buffer[place] ?? 0) | ((buffer[place + 1] ?? 0) << 8)
  while (next + 4 <= end) {
    const length = half(next)
    const type = half(next + 2)
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
  105: dot11,
  108: loopback,
  113: cooked,
  127: radiotap,
  192: ppi,
  204: directedPpp,
  228: ip4,
  229: ip6,
  239: nflog,
  276: cooked2,
}

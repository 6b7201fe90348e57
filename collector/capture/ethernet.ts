import { u16 } from './octets.ts'

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

export function found(out: LinkEnd, at: number, end: number, type: number): void {
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

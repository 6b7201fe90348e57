import { tlsHello } from '../classifier/protocols/tls-hello.ts'
import { ethernet, ip4, ip6, u16, u32, udp } from '../collector/capture/build.ts'

/** Ways to a packet: link types, tags, tunnels, fragments, each with a hello of its own inside. */

type Part = number | Uint8Array | readonly number[]

const bytes = (...parts: readonly Part[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? part : Array.from(part))))

/** The packet inside, of one number: TCP from port 40000 + number to 443 with a ClientHello. */
export class Inside {
  readonly number: number
  readonly tcp: Uint8Array

  constructor(number: number) {
    this.number = number
    const ports = [...u16(this.port), ...u16(443)]
    const head = [...ports, ...u32(1000), ...u32(2000), 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]
    this.tcp = bytes(head, tlsHello(this.host))
  }

  get port(): number {
    return 40_000 + this.number
  }

  get host(): string {
    return `walk-${this.number}.example`
  }

  /** From 10.0.0.1 to 10.0.0.2. */
  get v4(): Uint8Array {
    const head = [0x45, 0, ...u16(20 + this.tcp.length), ...u16(this.number), 0, 0, 64, 6, 0, 0]
    return bytes(head, [10, 0, 0, 1, 10, 0, 0, 2], this.tcp)
  }

  /** From fd00::1 to fd00::2, behind extension headers where some are given. */
  v6(first = 6, extensions: readonly number[] = [], tcp = this.tcp): Uint8Array {
    const end = (last: number): number[] => [0xfd, ...Array.from({ length: 14 }, () => 0), last]
    const length = u16(extensions.length + tcp.length)
    return bytes([0x60, 0, 0, 0], length, first, 64, end(1), end(2), extensions, tcp)
  }
}

type Frames = (inside: Inside) => Uint8Array | readonly Uint8Array[]
type Way = readonly [name: string, linkType: number, frames: Frames]

const eth4 = (payload: Uint8Array): Uint8Array => ethernet(0x0800, payload)
const eth6 = (payload: Uint8Array): Uint8Array => ethernet(0x86dd, payload)
const tagged = (type: number): number[] => [...u16(type), ...u16(5)]
const sll = (type: number, payload: Uint8Array): Uint8Array =>
  bytes(u16(0), u16(1), u16(6), [2, 0, 0, 0, 0, 1, 0, 0], u16(type), payload)
const sll2 = (type: number, payload: Uint8Array): Uint8Array =>
  bytes(u16(type), u16(0), u32(2), u16(1), 0, 6, [2, 0, 0, 0, 0, 1, 0, 0], payload)
const snap = (type: number): number[] => [0xaa, 0xaa, 3, 0, 0, 0, ...u16(type)]

/** NFLOG with an attribute of another kind before the packet, as a machine of that order writes. */
function nflog(family: number, payload: Uint8Array, little: boolean): Uint8Array {
  const half = (value: number): number[] => (little ? u16(value).toReversed() : u16(value))
  const mark = [...half(8), ...half(3), ...u32(7)]
  return bytes([family, 0, ...u16(5)], mark, half(4 + payload.length), half(9), payload)
}

const links: readonly Way[] = [
  ['Ethernet', 1, ({ v4 }) => eth4(v4)],
  ['Ethernet with IPv6', 1, (inside) => eth6(inside.v6())],
  ['Ethernet with a trailer', 1, ({ v4 }) => bytes(eth4(v4), [1, 2, 3, 4, 5, 6])],
  ['802.3 with SNAP', 1, ({ v4 }) => ethernet(8 + v4.length, bytes(snap(0x0800), v4))],
  ['cooked', 113, ({ v4 }) => sll(0x0800, v4)],
  ['cooked with a tag', 113, (inside) => sll(0x8100, bytes(u16(5), u16(0x86dd), inside.v6()))],
  ['cooked 2', 276, (inside) => sll2(0x86dd, inside.v6())],
  ['cooked 2 with a tag', 276, ({ v4 }) => sll2(0x8100, bytes(u16(5), u16(0x0800), v4))],
  ['raw', 101, ({ v4 }) => v4],
  ['raw with IPv6', 101, (inside) => inside.v6()],
  ['IPv4 alone', 228, ({ v4 }) => v4],
  ['IPv6 alone', 229, (inside) => inside.v6()],
  ['null, little endian', 0, ({ v4 }) => bytes([2, 0, 0, 0], v4)],
  ['null, big endian', 0, ({ v4 }) => bytes([0, 0, 0, 2], v4)],
  ['null of FreeBSD', 0, (inside) => bytes([28, 0, 0, 0], inside.v6())],
  ['null of macOS', 0, (inside) => bytes([30, 0, 0, 0], inside.v6())],
  ['loop', 108, (inside) => bytes([0, 0, 0, 24], inside.v6())],
  ['PPP', 9, ({ v4 }) => bytes([0xff, 3, 0, 0x21], v4)],
  ['PPP without framing', 9, (inside) => bytes([0, 0x57], inside.v6())],
  ['PPP with a short protocol', 9, ({ v4 }) => bytes([0x21], v4)],
  ['PPP in HDLC', 50, (inside) => bytes([0xff, 3, 0, 0x57], inside.v6())],
  ['PPP with a direction', 204, ({ v4 }) => bytes([0, 0xff, 3, 0, 0x21], v4)],
  ['PPPoE alone', 51, ({ v4 }) => bytes(pppoe(v4, 0x21))],
  ['Cisco HDLC', 104, ({ v4 }) => bytes([0x0f, 0], u16(0x0800), v4)],
  ['NFLOG', 239, ({ v4 }) => nflog(2, v4, true)],
  ['NFLOG with IPv6', 239, (inside) => nflog(10, inside.v6(), true)],
  ['802.11 behind radiotap', 127, ({ v4 }) => bytes([0, 0, 8, 0], u32(0), dot11(v4))],
  ['802.11', 105, ({ v4 }) => dot11(v4)],
  ['802.11 behind PPI', 192, ({ v4 }) => bytes([0, 0, 8, 0, 105, 0, 0, 0], dot11(v4))],
]

/** A data frame to an access point, with QoS. */
function dot11(packet: Uint8Array): Uint8Array {
  return bytes([0x88, 1, 0, 0], new Uint8Array(18), u16(0), u16(0), snap(0x0800), packet)
}

function pppoe(packet: Uint8Array, protocol: number): Uint8Array {
  return bytes([0x11, 0], u16(9), u16(2 + packet.length), u16(protocol), packet)
}

const tags: readonly Way[] = [
  ['VLAN', 1, ({ v4 }) => ethernet(0x0800, v4, tagged(0x8100))],
  ['QinQ', 1, (inside) => ethernet(0x86dd, inside.v6(), [...tagged(0x88a8), ...tagged(0x8100)])],
  ['QinQ of old', 1, ({ v4 }) => ethernet(0x0800, v4, [...tagged(0x9100), ...tagged(0x8100)])],
  ['two tags of one kind', 1, ({ v4 }) => ethernet(0x0800, v4, [0x81, 0, 0, 5, 0x81, 0, 0, 6])],
  ['MPLS', 1, ({ v4 }) => ethernet(0x8847, bytes(u32(0x12140), v4))],
  ['MPLS, three labels', 1, (inside) => mplsOf(inside.v6(), 0x10040, 0x11040, 0x12140)],
  ['MPLS behind a tag', 1, ({ v4 }) => ethernet(0x8847, bytes(u32(0x140), v4), tagged(0x8100))],
  ['MPLS with Ethernet', 1, ({ v4 }) => mplsOf(bytes(u32(0), eth4(v4)), 0x12140)],
  ['MPLS with Ethernet alone', 1, ({ v4 }) => mplsOf(eth4(v4), 0x12140)],
  ['PPPoE', 1, ({ v4 }) => ethernet(0x8864, pppoe(v4, 0x21))],
  ['PPPoE with IPv6', 1, (inside) => ethernet(0x8864, pppoe(inside.v6(), 0x57), tagged(0x8100))],
]

function mplsOf(payload: Uint8Array, ...labels: readonly number[]): Uint8Array {
  return ethernet(0x8847, bytes(...labels.map(u32), payload))
}

const option = [1, 4, 0, 0, 0, 0]
const hopByHop = (next: number): number[] => [next, 0, ...option]
const routing = (next: number): number[] => [next, 2, 4, 0, 0, 0, 0, 0, ...new Uint8Array(16)]
const authentication = (next: number): number[] => [next, 4, 0, 0, ...new Uint8Array(20)]
const fragment = (next: number, offset = 0, more = false): number[] => [
  next,
  0,
  ...u16(offset | (more ? 1 : 0)),
  ...u32(77),
]

const extensions: readonly Way[] = [
  ['hop by hop', 1, (inside) => eth6(inside.v6(0, hopByHop(6)))],
  ['routing', 1, (inside) => eth6(inside.v6(43, routing(6)))],
  ['destination', 1, (inside) => eth6(inside.v6(60, hopByHop(6)))],
  ['authentication', 1, (inside) => eth6(inside.v6(51, authentication(6)))],
  [
    'all of them',
    1,
    (inside) => {
      const all = [hopByHop(60), hopByHop(43), routing(44), fragment(51), authentication(60)]
      return eth6(inside.v6(0, [...all.flat(), ...hopByHop(6)]))
    },
  ],
  ['an atomic fragment', 1, (inside) => eth6(inside.v6(44, fragment(6)))],
]

/** An IPv4 packet from 10.0.0.1 to 10.0.0.2 in parts of `size` octets. */
function parts4(inside: Inside, size: number): Uint8Array[] {
  const { tcp, number } = inside
  return Array.from({ length: Math.ceil(tcp.length / size) }, (_, i) => {
    const payload = tcp.subarray(i * size, (i + 1) * size)
    const more = (i + 1) * size < tcp.length
    const packet = ip4(payload, { protocol: 6, id: 5000 + number, offset: i * size, more })
    packet.set([10, 0, 0, 1, 10, 0, 0, 2], 12)
    return eth4(packet)
  })
}

/** What is behind an IPv6 fragment header, in parts. */
function parts6(inside: Inside, next: number, whole: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(whole.length / size) }, (_, i) => {
    const more = (i + 1) * size < whole.length
    const head = fragment(next, i * size, more)
    head.splice(4, 4, ...u32(6000 + inside.number))
    return eth6(inside.v6(44, head, whole.subarray(i * size, (i + 1) * size)))
  })
}

const fragments: readonly Way[] = [
  ['fragments', 1, (inside) => parts4(inside, 40)],
  ['fragments turned round', 1, (inside) => parts4(inside, 48).toReversed()],
  ['a fragment twice', 1, (inside) => parts4(inside, 64).flatMap((part) => [part, part])],
  ['fragments of IPv6', 1, (inside) => parts6(inside, 6, inside.tcp, 56).toReversed()],
  [
    'fragments with a header for the destination',
    1,
    (inside) => parts6(inside, 60, bytes(hopByHop(6), inside.tcp), 48),
  ],
  [
    'fragments of a tunnel',
    1,
    ({ v4, number }) => {
      const [first, rest] = [v4.subarray(0, 64), v4.subarray(64)]
      const [id, protocol] = [7000 + number, 4]
      return [
        eth4(ip4(first, { protocol, id, more: true })),
        eth4(ip4(rest, { protocol, id, offset: 64 })),
      ]
    },
  ],
]

const gre = (flags: number, type: number, ...more: readonly Part[]): Uint8Array =>
  eth4(ip4(bytes(u16(flags), u16(type), ...more), { protocol: 47 }))
const overUdp = (port: number, ...parts: readonly Part[]): Uint8Array =>
  eth4(ip4(udp(bytes(...parts), port)))
const session = (...extensionsOf: readonly number[]): number[] => [0, 1, 0, ...extensionsOf]

const tunnels: readonly Way[] = [
  ['GRE', 1, ({ v4 }) => gre(0, 0x0800, v4)],
  ['GRE over IPv6', 1, (inside) => eth6(ip6(bytes(u16(0), u16(0x86dd), inside.v6()), 47))],
  ['GRE with a key', 1, (inside) => gre(0x2000, 0x86dd, u32(9), inside.v6())],
  ['GRE with a sequence', 1, ({ v4 }) => gre(0x1000, 0x0800, u32(9), v4)],
  ['GRE with a checksum', 1, ({ v4 }) => gre(0x8000, 0x0800, u32(0), v4)],
  ['GRE with all', 1, ({ v4 }) => gre(0xb000, 0x0800, u32(0), u32(1), u32(2), v4)],
  ['GRE with MPLS', 1, ({ v4 }) => gre(0, 0x8847, u32(0x12140), v4)],
  ['NVGRE', 1, ({ v4 }) => gre(0x2000, 0x6558, u32(0x1100), eth4(v4))],
  ['ERSPAN I', 1, ({ v4 }) => gre(0, 0x88be, eth4(v4))],
  ['ERSPAN II', 1, ({ v4 }) => gre(0x1000, 0x88be, u32(1), u32(0x10050000), u32(0), eth4(v4))],
  [
    'ERSPAN III',
    1,
    ({ v4 }) => gre(0x1000, 0x22eb, u32(1), u32(0x20050000), u32(0), u32(0), eth4(v4)),
  ],
  ['PPTP', 1, ({ v4 }) => gre(0x3081, 0x880b, u32(9), u32(1), u32(2), [0xff, 3, 0, 0x21], v4)],
  ['VXLAN', 1, ({ v4 }) => overUdp(4789, [8, 0, 0, 0], u32(0x900), eth4(v4))],
  ['VXLAN with a policy', 1, ({ v4 }) => overUdp(4789, [0x88, 0, 0, 5], u32(0x900), eth4(v4))],
  ['VXLAN with a tag', 1, ({ v4 }) => overUdp(4789, [8, 0, 0, 0], u32(0x900), tagIn(v4))],
  ['VXLAN-GPE', 1, ({ v4 }) => overUdp(4790, [0x0c, 0, 0, 1], u32(0x900), v4)],
  ['Geneve', 1, (inside) => overUdp(6081, [0, 0], u16(0x6558), u32(9), eth6(inside.v6()))],
  [
    'Geneve with options',
    1,
    ({ v4 }) => overUdp(6081, [3, 0], u16(0x6558), u32(9), [1, 3, 1, 2], u32(1), u32(2), eth4(v4)),
  ],
  ['IP in IP', 1, ({ v4 }) => eth4(ip4(v4, { protocol: 4 }))],
  ['6in4', 1, (inside) => eth4(ip4(inside.v6(), { protocol: 41 }))],
  ['4in6', 1, ({ v4 }) => eth6(ip6(v4, 4))],
  ['6in6', 1, (inside) => eth6(ip6(inside.v6(), 41))],
  ['GTP-U', 1, ({ v4 }) => overUdp(2152, [0x30, 0xff], u16(v4.length), u32(9), v4)],
  [
    'GTP-U with a sequence',
    1,
    ({ v4 }) => overUdp(2152, [0x32, 0xff], u16(4 + v4.length), u32(9), u32(0x10000), v4),
  ],
  [
    'GTP-U with extensions',
    1,
    (inside) => {
      const [packet, more] = [inside.v6(), session(0x85, 1, 0x10, 9, 0xc0, 1, 0, 5, 0)]
      return overUdp(2152, [0x34, 0xff], u16(more.length + packet.length), u32(9), more, packet)
    },
  ],
  ['MPLS in IP', 1, ({ v4 }) => eth4(ip4(bytes(u32(0x12140), v4), { protocol: 137 }))],
  [
    'a tunnel in a tunnel',
    1,
    ({ v4 }) => gre(0, 0x0800, ip4(ip4(v4, { protocol: 4 }), { protocol: 4 })),
  ],
]

const tagIn = (v4: Uint8Array): Uint8Array => ethernet(0x0800, v4, tagged(0x8100))

export const ways: readonly Way[] = [...links, ...tags, ...extensions, ...fragments, ...tunnels]

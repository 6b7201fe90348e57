import { describe, expect, test } from 'vitest'
import { numbers, randomOctets } from '../../classifier/noise.ts'
import { decode, ethernet, ip4, ip6, u16, u32, udp } from './build.ts'

const hello = Uint8Array.from(Buffer.from('hello'))
const v4 = ip4(udp(hello))
const v6 = ip6(udp(hello))
const ends4 = { source: '192.0.2.1:1111', destination: '198.51.100.2:2222', payload: 'hello' }
const ends6 = { source: '[2001:db8::1]:1111', destination: '[2001:db8::2]:2222', payload: 'hello' }
const bytes = (...parts: readonly (number | Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? part : Array.from(part))))

/** Link headers before an IPv4 or IPv6 packet, by LINKTYPE_ value. */
const links: readonly (readonly [name: string, linkType: number, Uint8Array, object])[] = [
  ['Ethernet', 1, ethernet(0x0800, v4), ends4],
  ['Ethernet with IPv6', 1, ethernet(0x86dd, v6), ends6],
  ['a padded frame', 1, bytes(ethernet(0x0800, v4), [0, 0, 0, 0, 0, 0]), ends4],
  ['802.3 with SNAP', 1, ethernet(8 + v4.length, bytes([0xaa, 0xaa, 3, 0, 0, 0, 8, 0], v4)), ends4],
  ['cooked', 113, bytes(u16(0), u16(1), u16(6), [1, 2, 3, 4, 5, 6, 0, 0], u16(0x0800), v4), ends4],
  ['cooked 2', 276, bytes(u16(0x86dd), u16(0), u32(2), u16(1), 0, 6, new Uint8Array(8), v6), ends6],
  ['raw', 101, v6, ends6],
  ['raw, as BSD numbers it', 12, v4, ends4],
  ['loopback, little endian', 0, bytes([2, 0, 0, 0], v4), ends4],
  ['loopback, big endian', 0, bytes([0, 0, 0, 30], v6), ends6],
  ['PPP with HDLC framing', 9, bytes([0xff, 3, 0, 0x21], v4), ends4],
  ['PPP with a short protocol', 9, bytes([0x57], v6), ends6],
  ['Cisco HDLC', 104, bytes([0x0f, 0, 8, 0], v4), ends4],
  ['NFLOG', 239, bytes([2, 0, 0, 5, 8, 0, 1, 0, 8, 0, 1, 0], [4 + v4.length, 0, 9, 0], v4), ends4],
  ['IPv6 alone', 229, v6, ends6],
]

test.each(links)('%s leads to the packet', (_name, linkType, frame, ends) => {
  expect(decode([frame], linkType).seen).toEqual([expect.objectContaining(ends)])
})

const inner = ethernet(0x0800, v4)
const vxlan = bytes([8, 0, 0, 0, 0, 0, 9, 0], inner)
const geneve = bytes([1, 0, 0x65, 0x58, 0, 0, 9, 0, 1, 2, 3, 4], inner)
const gtp = bytes([0x34, 0xff, ...u16(0), ...u32(9), 0, 1, 0, 0x85, 1, 2, 3, 0], v4)
const dot11 = [0x88, 1, ...new Uint8Array(22), 0, 0, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0]
const capwap = bytes([0, 0x10, 3, 0, 0, 0, 0, 0], dot11, v4)
const wrapped: readonly (readonly [name: string, Uint8Array, object])[] = [
  ['a VLAN tag', ethernet(0x0800, v4, [0x81, 0, 0, 5]), { ...ends4, vlans: 5 }],
  ['QinQ', ethernet(0x86dd, v6, [0x88, 0xa8, 0, 5, 0x81, 0, 0, 6]), { ...ends6, vlans: 0x5006 }],
  ['MPLS, two labels', ethernet(0x8847, bytes(u32(0x1000), u32(0x2100), v6)), ends6],
  ['an MPLS pseudowire', ethernet(0x8847, bytes(u32(0x2100), u32(0), inner)), ends4],
  [
    'PPPoE with IPv6',
    ethernet(0x8864, bytes(0x11, 0, u16(1), u16(2 + v6.length), u16(0x57), v6)),
    ends6,
  ],
  ['IP in IP', ethernet(0x0800, ip4(v4, { protocol: 4 })), ends4],
  ['6in4', ethernet(0x0800, ip4(v6, { protocol: 41 })), ends6],
  ['4in6', ethernet(0x86dd, ip6(v4, 4)), ends4],
  ['GRE', ethernet(0x0800, ip4(bytes(u16(0), u16(0x86dd), v6), { protocol: 47 })), ends6],
  [
    'GRE with key and sequence',
    ethernet(0x0800, ip4(bytes(u16(0x3000), u16(0x0800), u32(1), u32(2), v4), { protocol: 47 })),
    ends4,
  ],
  [
    'ERSPAN',
    ethernet(
      0x0800,
      ip4(bytes(u16(0x1000), u16(0x88be), u32(2), u32(0), u32(0), inner), { protocol: 47 })
    ),
    ends4,
  ],
  ['VXLAN', ethernet(0x0800, ip4(udp(vxlan, 4789))), ends4],
  ['Geneve with options', ethernet(0x0800, ip4(udp(geneve, 6081))), ends4],
  ['CAPWAP data', ethernet(0x0800, ip4(udp(capwap, 5247))), ends4],
  ['GTP-U with an extension', ethernet(0x0800, ip4(udp(gtp, 2152))), ends4],
  [
    'hop-by-hop and routing headers',
    ethernet(
      0x86dd,
      ip6(bytes([43, 0, 0, 0, 0, 0, 0, 0], [17, 0, 0, 0, 0, 0, 0, 0], udp(hello)), 0)
    ),
    ends6,
  ],
]

test.each(wrapped)('%s is opened', (_name, frame, ends) => {
  expect(decode([frame]).seen).toEqual([expect.objectContaining(ends)])
})

test('a tunnel whose content is no packet is itself the packet', () => {
  const frame = ethernet(0x0800, ip4(udp(bytes([8, 0, 0, 0, 0, 0, 9, 0], [1, 2, 3]), 4789)))
  expect(decode([frame]).seen).toEqual([
    expect.objectContaining({ source: '192.0.2.1:1111', destination: '198.51.100.2:4789' }),
  ])
})

test('tunnels in tunnels end somewhere', () => {
  let packet = v4
  for (let depth = 0; depth < 50; depth++) packet = ip4(packet, { protocol: 4 })
  const { seen } = decode([ethernet(0x0800, packet)])
  expect(seen).toEqual([expect.objectContaining({ protocol: 4 })])
})

describe('fragments', () => {
  const whole = udp(Uint8Array.from({ length: 3000 }, (_, i) => 97 + (i % 26)))
  const parts = [0, 1000, 2000, 3000].map((offset) => {
    const payload = whole.subarray(offset, offset + 1000)
    return ethernet(0x0800, ip4(payload, { offset, more: offset < 3000 }))
  })

  test('are put together in any order, a repeated one once', () => {
    const [a, b, c, d] = parts as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    for (const order of [
      [a, b, c, d],
      [d, c, b, a],
      [c, a, a, d, b],
    ]) {
      const { seen, counters } = decode(order)
      expect(seen).toEqual([expect.objectContaining({ source: ends4.source, wireLength: 3000 })])
      expect(seen[0]?.payload.slice(2990)).toBe(Buffer.from(whole.subarray(2998)).toString())
      expect(counters).toMatchObject({ reassembled: 1, fragments: order.length })
    }
  })

  test('that overlap are refused', () => {
    const other = ethernet(0x0800, ip4(whole.subarray(992, 1992), { offset: 992, more: true }))
    const { seen, counters } = decode([parts[0] ?? v4, other])
    expect(seen).toEqual([])
    expect(counters.drops['fragment-bad']).toBe(1)
  })

  test('that stay alone are handed over as far as they go', () => {
    const { seen, counters } = decode(parts.slice(0, 2))
    expect(seen).toEqual([expect.objectContaining({ source: ends4.source, wireLength: 3000 })])
    expect(seen[0]?.payload).toHaveLength(1992)
    expect(counters.drops['fragment-expired']).toBe(1)
  })

  test('are held in bounds', () => {
    const first = whole.subarray(0, 1000)
    const many = Array.from({ length: 400 }, (_, id) =>
      ethernet(0x0800, ip4(first, { id, more: true }))
    )
    const { counters } = decode(many)
    expect(counters.drops['fragment-overflow']).toBeGreaterThan(100)
  })
})

test('no frame makes the decoder throw', () => {
  const next = numbers(3)
  const samples = [...links.map(([, , frame]) => frame), ...wrapped.map(([, frame]) => frame)]
  for (const linkType of [0, 1, 9, 12, 51, 101, 104, 113, 228, 229, 239, 276, 9999]) {
    for (let i = 0; i < 100; i++) {
      const sample = samples[next() % samples.length] ?? v4
      const frame = i % 3 === 0 ? randomOctets(next, next() % 100) : sample.slice(0, next() % 120)
      frame[next() % Math.max(1, frame.length)] = next() & 255
      expect(decode([frame], linkType).seen.length).toBeLessThanOrEqual(1)
    }
  }
})

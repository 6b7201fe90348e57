import { describe, expect, test } from 'vitest'
import { FlowFeed } from '../../../appliance/capture/flow-feed.ts'
import { LinkWatch } from '../../../appliance/capture/link-watch.ts'
import { catalogue, loadRules } from '../../../classifier/applications/load.ts'
import { Classifier } from '../../../classifier/classifier.ts'
import { LocalNetworks } from '../../../classifier/local-networks.ts'
import { protocols } from '../../../classifier/protocols.ts'
import { PacketDecoder } from '../../../collector/capture/decoder.ts'
import { emptyFrame } from '../../../collector/capture/frame.ts'
import { flowMessage } from '../../../exporter/stream/messages.ts'
import { linkMessage, linkMessages } from '../../../exporter/stream/link-messages.ts'
import type { LinkMessageType } from '../../../exporter/stream/link-messages.ts'
import { formatWords } from '../../../model/address.ts'
import { ethernet, u16, u32 } from '../../collector/capture/build.ts'
import { source } from '../../exporter/stream/source.ts'

type End = readonly [address: readonly number[], port: number]
const inside: End = [[10, 0, 0, 1], 40_000]
const outside: End = [[203, 0, 113, 9], 4567]
const ran: End = [[172, 20, 0, 1], 2152]
const core: End = [[172, 20, 0, 2], 2152]

function ip(protocol: number, from: End, to: End, payload: readonly number[], tos = 0): number[] {
  const head = [0x45, tos, ...u16(20 + payload.length), 0, 7, 0, 0, 64, protocol, 0, 0]
  return [...head, ...from[0], ...to[0], ...payload]
}

const udp = (from: End, to: End, data: readonly number[], tos = 0): number[] =>
  ip(17, from, to, [...u16(from[1]), ...u16(to[1]), ...u16(8 + data.length), 0, 0, ...data], tos)

function tcp(from: End, to: End, sequence: number, flags: number, octets = 0): Uint8Array {
  const head = [...u16(from[1]), ...u16(to[1]), ...u32(sequence), ...u32(1)]
  const data = Array.from({ length: octets }, (_, i) => 0x80 + ((i * 37) % 120))
  const segment = [...head, 0x50, flags, 0x20, 0, 0, 0, 0, 0, ...data]
  return ethernet(0x0800, Uint8Array.from(ip(6, from, to, segment)))
}

/** 3GPP TS 29.281 §5.1: | version 1, PT | type ff | length | TEID |. */
function gtpU(from: End, to: End, teid: number, packet: readonly number[]): Uint8Array {
  const message = [0x30, 0xff, ...u16(packet.length), ...u32(teid), ...packet]
  return ethernet(0x0800, Uint8Array.from(udp(from, to, message, 46 << 2)))
}

/** What the stream tells of frames, before the flows are over. */
function told(frames: readonly Uint8Array[], interfaces = ['eth0']) {
  const links = new LinkWatch(interfaces)
  const rules = loadRules([catalogue])
  const feed = new FlowFeed(
    () => rules,
    new LocalNetworks(),
    (found) => found,
    links
  )
  feed.onlooker = { seen: () => undefined }
  const { decided, ended } = feed
  const events = { decided, ended, counted: links.counted.bind(links) }
  const classifier = new Classifier(protocols, events, { packets: 3 })
  const decoder = new PacketDecoder((packet) => {
    links.packet(packet)
    classifier.take(packet)
  })
  const frame = { ...emptyFrame(new Uint8Array(0)), linkType: 1 }
  for (const [i, octets] of frames.entries()) {
    frame.buffer = octets
    frame.end = octets.length
    frame.wireLength = octets.length
    frame.timeUs = i * 1000
    frame.interfaceIndex = i % interfaces.length
    links.frame(frame)
    decoder.decode(frame)
    links.done(decoder.counters)
  }
  const { names } = source()
  const flows = [...feed.established()].map(
    (view) => JSON.parse(flowMessage('flow', view, names)) as { flow: object; interface: string }
  )
  classifier.finish()
  const seen = links.links()
  const message = (type: LinkMessageType): unknown =>
    (JSON.parse(linkMessage(type, seen)) as Record<string, unknown>)[type]
  return { flows, message, seen, left: feed.size }
}

describe('segments', () => {
  const count = (frames: readonly Uint8Array[]) => told(frames).flows[0]?.flow
  const [syn, ack, reset] = [0x02, 0x10, 0x04]
  const opening = [
    tcp(inside, outside, 0xffff_fff0, syn),
    tcp(outside, inside, 500, syn | ack),
    tcp(inside, outside, 0xffff_fff1, ack),
    tcp(inside, outside, 0xffff_fff1, ack, 20),
  ]

  test('in order, acknowledged and kept alive are as they should be', () => {
    const alive = tcp(inside, outside, 4, ack, 1)
    const more = [tcp(inside, outside, 5, ack, 10), tcp(outside, inside, 501, ack, 10)]
    expect(count([...opening, alive, ...more])).toMatchObject({
      tcp: { resets: 0, retrans: 0, seq_errors: 0 },
    })
  })

  test('repeated, missing and reset are counted', () => {
    const again = opening[3] as Uint8Array
    const later = tcp(inside, outside, 100, ack, 10)
    const partly = tcp(inside, outside, 105, ack, 10)
    const next = tcp(inside, outside, 115, ack, 10)
    const end = tcp(outside, inside, 501, reset)
    expect(count([...opening, again, later, partly, next, end])).toMatchObject({
      tcp: { resets: 1, retrans: 2, seq_errors: 1 },
    })
  })

  test('what is no TCP has none', () => {
    const flow = count([ethernet(0x0800, Uint8Array.from(udp(inside, outside, [1, 2, 3])))])
    expect(flow === undefined || 'tcp' in flow).toBe(false)
  })
})

test('a flow within GTP-U tells its tunnel, both numbers once both were seen', () => {
  const out = gtpU(ran, core, 9, udp(inside, outside, [0xf7, 1, 2]))
  const back = gtpU(core, ran, 5, udp(outside, inside, [0xf7, 3, 4]))
  const tunnel = {
    version: 1,
    ip_version: 4,
    ip_dscp: 46,
    local_ip: '172.20.0.1',
    local_port: 2152,
    other_ip: '172.20.0.2',
    other_port: 2152,
    other_teid: 9,
    other_type: 'local',
  }
  const [first] = told([out, out, out]).flows
  expect(first?.flow).toMatchObject({ local_ip: '10.0.0.1', gtp: tunnel, local_mac: '' })
  expect(first?.flow).not.toHaveProperty('gtp.local_teid')
  const [both] = told([out, back, out]).flows
  expect(both?.flow).toMatchObject({ gtp: { ...tunnel, local_teid: 5 } })
})

test('a tunnel whose content is no packet is a flow of its own, without one', () => {
  const odd = ethernet(
    0x0800,
    Uint8Array.from(udp(ran, core, [0x30, 0xff, 0, 1, 0, 0, 0, 9, 0x41]))
  )
  const { flows } = told([odd, odd, odd])
  expect(flows[0]?.flow).toMatchObject({ local_ip: '172.20.0.1', detected_protocol_name: 'GTP' })
  expect(flows[0]?.flow).not.toHaveProperty('gtp')
})

test('interfaces, endpoints, and what passed, by name and together', () => {
  const labelled = Uint8Array.of(...u32(0x2100), ...udp(inside, outside, [1]))
  const frames = [
    tcp(inside, outside, 1, 0x02),
    tcp(outside, inside, 1, 0x12),
    tcp(inside, outside, 2, 0x14),
    ethernet(0x0806, new Uint8Array(28)),
    ethernet(0x8847, labelled, [0x81, 0, 0, 5]),
  ]
  const { flows, message, left } = told(frames, ['inner', 'outer'])
  expect(flows[0]).toMatchObject({
    interface: 'inner',
    flow: { local_mac: '07:08:09:0a:0b:0c', other_mac: '07:08:09:0a:0b:0c', vlan_id: 0 },
  })
  const octets = (...of: readonly number[]): number =>
    of.reduce((sum, i) => sum + (frames[i]?.length ?? 0), 0)
  const inner = { raw: 3, ethernet: 3, ip: 3, tcp: 2, udp: 1, mpls: 1, vlan: 1, tcp_resets: 1 }
  const outer = { raw: 2, ethernet: 2, ip: 1, tcp: 1, discarded: 1, discarded_bytes: octets(3) }
  expect(message('interface_stats')).toMatchObject({
    inner: { ...inner, wire_bytes: octets(0, 2, 4), discarded: 0 },
    outer: { ...outer, wire_bytes: octets(1, 3) },
  })
  expect(message('global_stats')).toMatchObject({
    raw: 5,
    ip: 4,
    tcp: 3,
    discarded: 1,
    wire_bytes: octets(0, 1, 2, 3, 4),
    largest_bytes: Math.max(...frames.map(({ length }) => length)),
  })
  // What the kernel dropped is not known of a file.
  expect(message('global_stats')).not.toHaveProperty('capture_dropped')
  expect(message('endpoints')).toEqual({ '07:08:09:0a:0b:0c': ['10.0.0.1'] })
  expect(message('interfaces')).toEqual({ inner: { addr: [] }, outer: { addr: [] } })
  expect(linkMessages.map(message)).not.toContain(undefined)
  expect(left).toBe(0)
})

test('an Ethernet address has as many addresses as are believed, and no more', () => {
  const links = new LinkWatch(['eth0'])
  for (let i = 0; i < 100; i++) {
    links.endpoint({ address: [0, 0, 0xffff, i], port: 0, mac: '02:00:00:00:00:01' })
  }
  const { endpoints } = links.links()
  expect(endpoints.get('02:00:00:00:00:01')?.size).toBe(64)
  expect(endpoints.get('02:00:00:00:00:01')).toContain(formatWords([0, 0, 0xffff, 5]))
})

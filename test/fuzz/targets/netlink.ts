import { readDatagram } from '../../../collector/conntrack/datagram.ts'
import type { MessageSink } from '../../../collector/conntrack/datagram.ts'
import { zeroCounters } from '../../../collector/conntrack/tracker-counters.ts'
import { makeFlowBatch } from '../../../model/flow-batch.ts'
import { readEntry } from '../../../netlink/conntrack-requests.ts'
import { ConntrackDecoder } from '../../../netlink/ctnetlink.ts'
import { decodeNeighbour } from '../../../netlink/neighbour.ts'
import { NflogReader } from '../../../netlink/nflog.ts'
import { attribute, message, natted } from '../../netlink/message-builder.ts'
import { octetsLike } from '../engine/arbitrary.ts'
import { holds, octetsTarget } from '../engine/target.ts'

const viewOf = (octets: Uint8Array): DataView =>
  new DataView(octets.buffer, octets.byteOffset, octets.length)

const full = natted(40_000, 2000, {
  id: 7,
  mark: 9,
  zone: 3,
  status: 14,
  tcpState: 3,
  counters: [1n, 100n, 2n, 2000n],
  startNs: 1_790_000_000_000_000_000n,
  stopNs: 1_790_000_001_000_000_000n,
  eventNs: 1_790_000_001_000_000_000n,
})
const ping = {
  original: {
    source: '2001:db8::1',
    destination: '2001:db8::2',
    protocol: 58,
    icmp: { id: 7, type: 128, code: 0 },
  },
  reply: {
    source: '2001:db8::2',
    destination: '2001:db8::1',
    protocol: 58,
    icmp: { id: 7, type: 129, code: 0 },
  },
}
const messages = [
  message('new', full),
  message('destroy', full),
  message('dump', natted(1, 2)),
  message('new', ping),
  Buffer.concat([message('new', full), message('destroy', natted(5, 6))]),
]
const sound = message('destroy', full)

/** Reads every entry twice: with a decoder that has seen others, and with a new one. */
class Entries implements MessageSink {
  readonly counters = zeroCounters()
  interruptions = 0
  entries = 0
  private readonly used = new ConntrackDecoder()
  private readonly batches = [makeFlowBatch(1), makeFlowBatch(1)] as const

  began = (view: DataView, from: number, to: number): void => this.read(view, from, to)
  ended = (view: DataView, from: number, to: number): void => this.read(view, from, to)
  dumped = (view: DataView, from: number, to: number): void => this.read(view, from, to)

  private read(view: DataView, from: number, to: number): void {
    const [one, other] = this.batches
    const fresh = new ConntrackDecoder()
    const is = fresh.decode(view, from, to, one.columns, 0)
    holds(this.used.decode(view, from, to, other.columns, 0) === is, 'no matter what came before')
    if (!is) return
    this.entries++
    const { sourceAddress: a, octetDeltaCount: b, conntrackId: c } = one.columns
    const { sourceAddress: d, octetDeltaCount: e, conntrackId: f } = other.columns
    const same = String(a) === String(d) && String(b) === String(e) && String(c) === String(f)
    holds(same, 'the same row whatever came before')
  }
}

const entries = new Entries()

const nlmsg = (type: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(16)
  head.writeUInt32LE(16 + body.length, 0)
  head.writeUInt16LE(type, 4)
  return Buffer.concat([head, body])
}
const ndmsg = Buffer.from([2, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 1])
const ndmsg6 = Buffer.from([10, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 1])
const mac = attribute(2, Buffer.from([2, 0, 0, 0, 170, 187]))
const neighbours = [
  nlmsg(
    28,
    ndmsg,
    attribute(1, Buffer.from([10, 0, 0, 7])),
    mac,
    attribute(3, Buffer.alloc(16, 3))
  ),
  nlmsg(28, ndmsg6, attribute(1, Buffer.alloc(16, 7)), mac),
  nlmsg(29, ndmsg6, attribute(1, Buffer.alloc(16, 7))),
]
const soundNeighbour = viewOf(neighbours[0] ?? Buffer.alloc(0))

const logged = nlmsg(
  0x400,
  Buffer.from([2, 0, 0, 5]),
  attribute(1, Buffer.from([8, 0, 1, 0])),
  attribute(12, Buffer.from([0, 0, 0, 9])),
  attribute(3, Buffer.alloc(16, 1)),
  attribute(9, Buffer.alloc(60, 0x45))
)

export const netlinkTargets = [
  octetsTarget({
    name: 'conntrack-netlink',
    decoders: [
      'netlink/ctnetlink.ts',
      'netlink/ctnetlink-layout.ts',
      'collector/conntrack/datagram.ts',
    ],
    inputs: octetsLike(messages),
    run(input) {
      readDatagram(entries, viewOf(input), 0, input.length, false)
      readDatagram(entries, viewOf(input), 0, input.length, true)
      const before = entries.entries
      readDatagram(entries, viewOf(sound), 0, sound.length, false)
      holds(entries.entries === before + 1, 'a sound message is read behind it')
    },
  }),
  octetsTarget({
    name: 'conntrack-entry',
    decoders: ['netlink/conntrack-requests.ts'],
    inputs: octetsLike(messages),
    run(input) {
      readEntry(viewOf(input), 0, input.length)
    },
  }),
  octetsTarget({
    name: 'neighbour-netlink',
    decoders: ['netlink/neighbour.ts'],
    inputs: octetsLike(neighbours),
    run(input) {
      const found = decodeNeighbour(viewOf(input), 0, input.length)
      if (typeof found === 'object') holds(found.address.length === 4, 'an address is four words')
      const good = decodeNeighbour(soundNeighbour, 0, soundNeighbour.byteLength)
      holds(typeof good === 'object', 'a sound entry is read behind it')
    },
  }),
  octetsTarget({
    name: 'nflog-netlink',
    decoders: ['netlink/nflog.ts'],
    inputs: octetsLike([logged, Buffer.concat([logged, logged])]),
    run(input) {
      const reader = new NflogReader()
      let octets = 0
      const take = (at: number, end: number): void => {
        holds(at >= 0 && at <= end && end <= input.length, 'a packet lies in its datagram')
        octets += end - at
      }
      reader.read(viewOf(input), 0, input.length, take)
      holds(octets <= input.length, 'no octet is in two packets')
      const before = reader.counters.packets
      reader.read(viewOf(logged), 0, logged.length, () => {})
      holds(reader.counters.packets === before + 1, 'a sound packet is read behind it')
    },
  }),
]

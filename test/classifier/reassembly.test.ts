import { expect, test } from 'vitest'
import { Classifier } from '../../classifier/classifier.ts'
import type { Flow } from '../../classifier/flow.ts'
import { protocols } from '../../classifier/protocols.ts'
import { Packet, tcpFlag } from '../../model/packet.ts'
import { tlsHello } from './protocols/tls-hello.ts'

/** A segment: place in the stream, octets, and whether it is a SYN, which stands before place 0. */
type Segment = readonly [place: number, octets: Uint8Array, flags?: number]

const none = new Uint8Array(0)
const { syn, ack, push } = tcpFlag

/** What the classifier makes of a client's segments. */
function hostOf(segments: readonly Segment[], first = 1000): string | undefined {
  let ended: Flow | undefined
  const classifier = new Classifier(protocols, { ended: (flow) => (ended = flow) })
  const packet = new Packet()
  packet.protocol = 6
  packet.source3 = 1
  packet.destination3 = 2
  packet.sourcePort = 40_000
  packet.destinationPort = 443
  packet.timeUs = 1e15
  const buffer = new Uint8Array(20_000)
  for (const [place, octets, flags = ack | push] of segments) {
    packet.tcpFlags = flags
    packet.sequence = (first + place) >>> 0
    buffer.fill(0xee)
    buffer.set(octets, 5)
    packet.payload.set(buffer, 5, octets.length, octets.length)
    packet.timeUs += 1000
    classifier.take(packet)
  }
  classifier.finish()
  const found = ended?.classification
  return found?.protocol === 'tls' ? found.metadata.hostname : found?.protocol
}

const host = 'in-order.example'
const hello = tlsHello(host)
const large = tlsHello(host, 11_000)
const start: Segment = [-1, none, syn]

function cut(octets: Uint8Array, size: number): Segment[] {
  return Array.from({ length: Math.ceil(octets.length / size) }, (_, i) => [
    i * size,
    octets.subarray(i * size, (i + 1) * size),
  ])
}

const threes = cut(hello, Math.ceil(hello.length / 3))
const [one, two, three] = threes as [Segment, Segment, Segment]
const twelve = cut(large, 1000)
const scrambled = twelve.toSorted(([a], [b]) => ((a * 7) % 12_000) - ((b * 7) % 12_000))
/** The same places with other octets in them, as who tries to deceive sends them. */
const forged = ([place, octets]: Segment): Segment => [place, octets.map((octet) => octet ^ 0x55)]
const overlapping = cut(hello, 20).map(([place]): Segment => [
  place,
  hello.subarray(place, place + 33),
])

const streams: readonly (readonly [string, readonly Segment[]])[] = [
  ['one segment', [start, [0, hello]]],
  ['three segments', [start, ...threes]],
  ['an octet a segment at first', [start, ...cut(hello.subarray(0, 8), 1), [8, hello.subarray(8)]]],
  ['the last segment first', [start, three, two, one]],
  ['the middle segment last', [start, one, three, two]],
  ['each segment twice', [start, one, one, two, two, three, three]],
  ['overlapping segments', [start, ...overlapping]],
  ['overlapping segments turned round', [start, ...overlapping.toReversed()]],
  ['one that holds all that came before', [start, one, [0, hello.subarray(0, 60)], [0, hello]]],
  ['other octets a second time', [start, one, forged(one), two, forged(two), three]],
  ['other octets for what waits', [start, three, forged(three), one, two]],
  ['a larger one with other octets at first', [start, one, [0, changed(hello, one[1].length)]]],
  ['11 kB in twelve segments', [start, ...twelve]],
  ['11 kB scrambled', [start, ...scrambled]],
  ['11 kB in segments of 536', [start, ...cut(large, 536)]],
  ['what a SYN carries', [[-1, hello, syn]]],
  ['what a SYN carries, and the rest', [[-1, one[1], syn], two, three]],
  ['what a SYN carried, again', [[-1, one[1], syn], one, two, three]],
  ['a SYN twice', [start, start, ...threes]],
  ['a stream whose SYN was missed', threes],
  ['a stream whose SYN was missed, out of order', [one, three, two]],
  ['a probe for life before the first octet', [start, [-1, Uint8Array.of(0), ack], ...threes]],
]

function changed(octets: Uint8Array, until: number): Uint8Array {
  return octets.map((octet, i) => (i < until ? octet ^ 0x55 : octet))
}

test.each(streams)('%s', (_name, segments) => {
  expect(hostOf(segments)).toBe(host)
})

test.each(streams)('%s, where numbers begin anew', (_name, segments) => {
  expect(hostOf(segments, 2 ** 32 - 50)).toBe(host)
})

test('what lies far ahead is held in bounds', () => {
  const far = Array.from({ length: 500 }, (_, i): Segment => [100_000 + i * 1000, hello])
  expect(hostOf([start, ...far])).toBe(host)
})

test('what nobody can put in order is no hello', () => {
  expect(hostOf([start, [0, hello.subarray(0, 30)], [40, hello.subarray(40)]])).toBeUndefined()
})

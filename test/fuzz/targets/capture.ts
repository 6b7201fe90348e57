import { linkReaders } from '../../../collector/capture/link-types.ts'
import { PacketDecoder } from '../../../collector/capture/decoder.ts'
import { readWindow } from '../../../collector/capture/pcap-file.ts'
import { Window } from '../../../collector/capture/window.ts'
import { Blocks } from '../../collector/capture/blocks.ts'
import { ethernet, ip4, ip6, pcap, pcapng, u16, u32, udp } from '../../collector/capture/build.ts'
import { octetsLike } from '../engine/arbitrary.ts'
import { holds, octetsTarget } from '../engine/target.ts'

const bytes = (...parts: readonly (number | Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? part : Array.from(part))))

const hello = Uint8Array.from(Buffer.from('hello'))
const v4 = ip4(udp(hello))
const v6 = ip6(udp(hello))
const inner = ethernet(0x0800, v4)
const vxlan = bytes([8, 0, 0, 0, 0, 0, 9, 0], inner)
const geneve = bytes([1, 0, 0x65, 0x58, 0, 0, 9, 0, 1, 2, 3, 4], inner)
const gtp = bytes([0x34, 0xff, ...u16(v4.length + 8), ...u32(9), 0, 1, 0, 0x85, 1, 2, 3, 0], v4)
const dot11 = [0x88, 1, ...new Uint8Array(22), 0, 0, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0]
const tcp = bytes(
  u16(1111),
  u16(2222),
  u32(7),
  u32(8),
  [0x60, 0x18, 1, 0, 0, 0, 0, 0, 2, 4, 5, 180]
)
const routed = bytes([17, 2, 4, 1, 0, 0, 0, 0], new Uint8Array(16), udp(hello))

const frames = [
  ethernet(0x0800, ip4(bytes(tcp, hello), { protocol: 6 })),
  ethernet(0x86dd, ip6(routed, 43)),
  ethernet(0x86dd, ip6(bytes([17, 0, 0, 1, 0, 0, 0, 9], udp(hello)), 44)),
  ethernet(0x0800, ip4(udp(hello).subarray(0, 8), { more: true })),
  ethernet(0x0800, ip4(udp(hello).subarray(8), { offset: 8 })),
  ethernet(0x0800, v4, [0x81, 0, 0, 5]),
  ethernet(8 + v4.length, bytes([0xaa, 0xaa, 3, 0, 0, 0, 8, 0], v4)),
  ethernet(0x8847, bytes(u32(0x1000), u32(0x2100), v6)),
  ethernet(0x8847, bytes(u32(0x2100), u32(0), inner)),
  ethernet(0x8864, bytes(0x11, 0, u16(1), u16(2 + v6.length), u16(0x57), v6)),
  ethernet(0x0800, ip4(v6, { protocol: 41 })),
  ethernet(0x0800, ip4(bytes(u16(0x3000), u16(0x0800), u32(1), u32(2), v4), { protocol: 47 })),
  ethernet(0x0800, ip4(udp(vxlan, 4789))),
  ethernet(0x0800, ip4(udp(geneve, 6081))),
  ethernet(0x0800, ip4(udp(gtp, 2152))),
  ethernet(0x0800, ip4(udp(bytes([0, 0x10, 3, 0, 0, 0, 0, 0], dot11, v4), 5247))),
  bytes(u16(0), u16(1), u16(6), [1, 2, 3, 4, 5, 6, 0, 0], u16(0x0800), v4),
  bytes(u16(0x86dd), u16(0), u32(2), u16(1), 0, 6, new Uint8Array(8), v6),
  bytes([0xff, 3, 0, 0x21], v4),
  bytes([2, 0, 0, 5, 8, 0, 1, 0, 8, 0, 1, 0], [4 + v4.length, 0, 9, 0], v4),
  v6,
]
const linkTypes = Object.keys(linkReaders).map(Number)
/** The first octet says which link layer the rest is. */
const tagged = frames.map((frame, i) => bytes(i < 16 ? linkTypes.indexOf(1) : i, frame))
const soundFrame = frames[0] ?? hello

let packets = 0
let given = 0
/** Each frame lies here in its turn: what stood around another one must not matter to it. */
const room = new Uint8Array(1 << 20).fill(0xee)
const before = 3
let frameEnd = before
const decoder = new PacketDecoder(({ payload }) => {
  packets++
  // What was put together of fragments lies in a buffer of its own.
  const { start, length, buffer } = payload
  const [first, last] = buffer === room ? [before, frameEnd] : [0, buffer.length]
  holds(length === 0 || (start >= first && start + length <= last), 'a payload lies in its frame')
})

function give(octets: Uint8Array, linkType: number): void {
  const all = octets.subarray(0, room.length - before - 1)
  room.set(all, before)
  frameEnd = before + all.length
  room[frameEnd] = 0xee
  decoder.decode({
    buffer: room,
    at: before,
    end: frameEnd,
    wireLength: octets.length,
    timeUs: given++ * 1000,
    linkType,
    interfaceIndex: 0,
    senderAt: -1,
  })
}

const blocks = new Blocks(true)
  .interface(1, [
    [9, Uint8Array.of(0x80 | 20)],
    [14, new Blocks(true).long(-5n)],
  ])
  .packet(v4, 0, 7n)
  .simple(v4)
  .oldPacket(v6, 0, 8n).octets
const shots = frames.map((octets, i) => ({ octets, timeUs: 1.79e15 + i * 1000 }))

export const captureTargets = [
  octetsTarget({
    name: 'link-layers',
    decoders: [
      'collector/capture/decoder.ts',
      'collector/capture/link-types.ts',
      'collector/capture/ip.ts',
      'collector/capture/fragments.ts',
      'collector/capture/transport.ts',
      'collector/capture/tunnels.ts',
      'collector/capture/capwap.ts',
    ],
    inputs: octetsLike(tagged),
    run(input) {
      give(input.subarray(1), linkTypes[(input[0] ?? 0) % linkTypes.length] ?? 1)
      if (given % 8 !== 0) return
      const read = packets
      give(soundFrame, 1)
      holds(packets > read, 'a sound frame is read behind it')
    },
  }),
  octetsTarget({
    name: 'pcap',
    decoders: ['collector/capture/pcap-file.ts', 'collector/capture/pcap.ts'],
    inputs: octetsLike([
      pcap(shots.slice(0, 3)),
      pcap(shots.slice(3, 5), { little: false, nano: true }),
      pcap(shots),
    ]),
    run: readFile,
  }),
  octetsTarget({
    name: 'pcapng',
    decoders: ['collector/capture/pcapng.ts', 'collector/capture/window.ts'],
    inputs: octetsLike([
      pcapng(shots.slice(0, 3)),
      pcapng(shots.slice(3, 5), { little: false, resolution: 9 }),
      pcapng(shots),
      blocks,
    ]),
    run: readFile,
  }),
]

/** What is read, and how far. */
let file = new Uint8Array(0)
let place = 0

/** One window for all inputs: a megabyte costs more to make than they cost to read. */
const window = new Window((into, at) => {
  const part = file.subarray(place, place + Math.min(4096, into.length - at))
  into.set(part, at)
  place += part.length
  return part.length
})

/** Frames lie in the file, and none is read twice. */
function readFile(input: Uint8Array): void {
  file = input as Uint8Array<ArrayBuffer>
  place = window.at = window.end = window.offset = 0
  let octets = 0
  const { frames: count } = readWindow(window, ({ at, end, buffer, timeUs }) => {
    holds(at >= 0 && at <= end && end <= buffer.length, 'a frame lies in the window')
    holds(timeUs >= 0 && timeUs < 2 ** 32 * 1.001e6, 'a frame has a time')
    octets += end - at
  })
  holds(octets <= input.length && count <= input.length, 'no octet is in two frames')
}

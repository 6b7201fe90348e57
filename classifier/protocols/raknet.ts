import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RakNet (github.com/facebookarchive/RakNet, RakPeer.cpp), packets before there is a connection;
 * used by Minecraft (Bedrock) and others:
 *
 *   | 01, 02 ping    | time (8) | magic (16) | id (8) |
 *   | 1c     pong    | time (8) | id (8) | magic (16) | length (2) | text: MCPE;... |
 *   | 05     open    | magic (16) | version | zeros up to the size that is tried |
 *   | 06     reply   | magic (16) | id (8) | secure | size (2) |
 *   | 07, 08, 19     | magic (16) | ...
 *
 * and of a connection, which must fill the datagram:
 *
 *   | 80 .. 8f | number (3, LE) | frames |
 *   frame: | reliability (3), split | bits (2) | [reliable (3)] | [sequenced (3)] |
 *          | [order (3), channel] | [split: count (4), id (2), index (4)] | data |
 *   | c0 received, a0 missing | n (2) | n ranges: | 1 | number (3) | or | 0 | from (3) | to (3) | |
 */
const magic = '\0\xff\xff\0\xfe\xfe\xfe\xfe\xfd\xfd\xfd\xfd\x12\x34\x56\x78'
const places: Readonly<Record<number, number>> = {
  0x01: 9,
  0x02: 9,
  0x1c: 17,
  0x05: 1,
  0x06: 1,
  0x07: 1,
  0x08: 1,
  0x12: 1,
  0x14: 1,
  0x17: 1,
  0x19: 2,
  0x1a: 1,
}

const isReliable = (kind: number): boolean => kind === 2 || kind === 3 || kind === 4 || kind > 5
const isSequenced = (kind: number): boolean => kind === 1 || kind === 4
const isOrdered = (kind: number): boolean => isSequenced(kind) || kind === 3 || kind === 7

function areFrames(bytes: Bytes): boolean {
  let at = 4
  while (at < bytes.length) {
    const kind = bytes.u8(at) >> 5
    const bits = bytes.u16(at + 1)
    const isSplit = (bytes.u8(at) & 0x10) !== 0
    if ((bytes.u8(at) & 0x0f) !== 0 || bits < 8) return false
    at += 3 + (isReliable(kind) ? 3 : 0) + (isSequenced(kind) ? 3 : 0) + (isOrdered(kind) ? 4 : 0)
    at += (isSplit ? 10 : 0) + ((bits + 7) >> 3)
  }
  return at === bytes.wireLength && at > 4
}

const maxRanges = 256

function areRanges(bytes: Bytes): boolean {
  const count = bytes.u16(1)
  if (count < 1 || count > maxRanges) return false
  let at = 3
  for (let i = 0; i < count; i++) {
    if (bytes.u8(at) > 1) return false
    at += bytes.u8(at) === 1 ? 4 : 7
  }
  return at === bytes.wireLength
}

/** A packet of a connection whose beginning was not seen. */
function isConnected(bytes: Bytes): boolean {
  const kind = bytes.u8(0)
  if (kind >= 0x80 && kind <= 0x8f) return areFrames(bytes)
  return (kind === 0xc0 || kind === 0xa0) && areRanges(bytes)
}

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  const place = places[bytes.u8(0)]
  if (place !== undefined && bytes.has(magic, place)) return 'yes'
  return flow.datagrams.length > 1 ? 'more' : 'no'
}

function classify(flow: FlowView): Answer {
  const first = flow.datagrams[0]?.bytes
  if (first !== undefined && isConnected(first)) {
    const found = { evidence: 'frames fill the datagrams', one: 60, both: 75 }
    return agree(flow, (bytes) => (isConnected(bytes) ? 'yes' : 'no'), found)
  }
  const answer = agree(flow, look, { evidence: 'magic of offline messages' })
  if (typeof answer === 'string') return answer
  const isMinecraft = flow.datagrams.some(({ bytes }) => /^MC[PE]E;/.test(bytes.text(35, 40)))
  return isMinecraft ? { ...answer, application: 'minecraft' } : answer
}

export const raknet: Protocol = {
  name: 'raknet',
  title: 'RakNet',
  category: 'games',
  transports: ['udp'],
  ports: { udp: [19132] },
  classify,
}

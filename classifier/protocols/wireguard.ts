import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Donenfeld, "WireGuard: Next Generation Kernel Network Tunnel" §5.4:
 *
 *    0           1              4            8
 *   | type 1    | reserved (3) | sender     | key (32), static, time stamp, MACs      |  148 octets
 *   | type 2    | reserved (3) | sender     | receiver (4), key (32), empty, MACs     |   92
 *   | type 3    | reserved (3) | receiver   | nonce (24), cookie (32)                 |   64
 *   | type 4    | reserved (3) | receiver   | counter (8, LE) | payload of 16 n, tag (16) |
 *
 * The reserved octets are zero; Cloudflare WARP has the client's number in them.
 */
const sizes = { 1: 148, 2: 92, 3: 64 } as const
const warpPorts = [2408, 500, 1701, 4500]

function isData(bytes: Bytes): boolean {
  const size = bytes.wireLength
  // Counters above 2^48 are not reached: keys are renewed after two minutes.
  return size >= 32 && size % 16 === 0 && bytes.u16le(14) === 0 && bytes.u32(4) !== 0
}

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  const type = bytes.u8(0)
  const isReserved = bytes.u24(1) === 0
  if (!isReserved && !warpPorts.some((port) => flow.hasPort(port))) return 'no'
  if (type === 4) return isData(bytes) ? 'more' : 'no'
  if (type !== 1 && type !== 2 && type !== 3) return 'no'
  if (bytes.wireLength !== sizes[type] || bytes.u32(4) === 0) return 'no'
  // Without a cookie the second MAC is zero: of the handshake's first message it always is.
  const isPlain = type !== 1 || (bytes.u32(132) === 0 && bytes.u32(144) === 0)
  return isReserved || (type === 1 && isPlain) ? 'yes' : 'more'
}

/** Data alone: each direction keeps its receiver, and counts. */
function isDataFlow(flow: FlowView): boolean {
  for (const fromClient of [true, false]) {
    const own = flow.datagrams.filter((d) => d.fromClient === fromClient).map((d) => d.bytes)
    const first = own[0]
    if (first === undefined) continue
    if (own.some((bytes) => bytes.u32(4) !== first.u32(4))) return false
    const counters = own.map((bytes) => bytes.u32le(8) + bytes.u32le(12) * 2 ** 32)
    if (new Set(counters).size < own.length) return false
    if (Math.max(...counters) - Math.min(...counters) > 65_536) return false
  }
  return true
}

function classify(flow: FlowView): Answer {
  const answer = agree(flow, look, { evidence: 'handshake of exact size' })
  if (answer === 'never') return answer
  const isWarp = flow.datagrams.some(({ bytes }) => bytes.u24(1) !== 0)
  if (answer === 'more' && isWarp) return answer
  if (answer !== 'more') return isWarp ? { ...answer, application: 'cloudflare-warp' } : answer
  if (flow.datagrams.length < 3 && !flow.isLast) return 'more'
  if (!isDataFlow(flow)) return 'never'
  const count = flow.datagrams.length
  const confidence = count > 2 ? 85 : flow.hasPort(51_820) || count > 1 ? 75 : 60
  return { confidence, evidence: `${count} data packets with one receiver, counting` }
}

export const wireguard: Protocol = {
  name: 'wireguard',
  title: 'WireGuard',
  category: 'vpn',
  transports: ['udp'],
  begins: [1, 2, 3, 4],
  ports: { udp: [51820] },
  classify,
}

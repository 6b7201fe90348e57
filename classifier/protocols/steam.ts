import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Steam finds others in the network by UDP 27036 (Valve, "In-Home Streaming"):
 *
 *    0                           8               12
 *   | ff ff ff ff 21 4c 5f a0  | length (4, LE) | protobuf | length (4, LE) | protobuf |
 *
 * Connections to its servers (SteamKit), over TCP and UDP:
 *
 *   | length (4, LE) | VT01 | ...        | VS01 | length (2, LE) | type | ...
 *
 * Relays of games (github.com/ValveSoftware/GameNetworkingSockets): | 1 | kind | sdping | ...
 */
const discovery = '\xff\xff\xff\xff\x21\x4c\x5f\xa0'
const maxTcpLength = 0x100000

function isDiscovery(bytes: Bytes): boolean {
  const second = 12 + bytes.u32le(8)
  return second + 4 + bytes.u32le(second) === bytes.wireLength
}

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (flow.transport === 'tcp') {
    if (bytes.length > 3 && bytes.u32le(0) > maxTcpLength) return 'no'
    return bytes.has('VT01', 4) ? 'yes' : bytes.mayHave('VT01', 4) ? 'more' : 'no'
  }
  if (bytes.has(discovery)) return isDiscovery(bytes) ? 'yes' : 'no'
  if (bytes.has('VS01')) return bytes.u8(6) >= 1 && bytes.u8(6) <= 7 ? 'yes' : 'no'
  if (bytes.u8(0) === 1 && bytes.has('sdping', 2)) return 'yes'
  return flow.datagrams.length > 1 ? 'more' : 'no'
}

function classify(flow: FlowView): Answer {
  const answer = agree(flow, look, { evidence: 'magic of Steam', application: 'steam' })
  if (typeof answer === 'string') return answer
  const isRelay = flow.datagrams.some(({ bytes }) => bytes.has('sdping', 2))
  return isRelay ? { ...answer, protocol: 'steam-datagram-relay' } : answer
}

export const steam: Protocol = {
  name: 'steam',
  title: 'Steam',
  category: 'games',
  transports: ['udp', 'tcp'],
  ports: { udp: [27036] },
  variants: { 'steam-datagram-relay': 'Steam Datagram Relay' },
  classify,
}

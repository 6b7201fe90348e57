import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * ZeroTier (github.com/zerotier/ZeroTierOne, node/Packet.hpp), of HELLO, which is not encrypted:
 *
 *    0       8              13          18                   19        27      28
 *   | IV    | receiver (5) | sender (5) | flags, cipher, hops | MAC (8) | verb 1 | version | ... |
 *
 *    32         40
 *   | time (8) | identity: address of the sender (5), 0, key (64), ...
 */
function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  const isHello = (bytes.u8(27) & 0x1f) === 1 && (bytes.u8(18) & 0x38) === 0
  const at = 41
  const isOwn = bytes.u32(13) === bytes.u32(at) && bytes.u8(17) === bytes.u8(at + 4)
  if (isHello && isOwn && bytes.u8(at + 5) === 0 && bytes.u32(13) > 0) return 'yes'
  return flow.hasPort(9993) && bytes.wireLength >= 28 ? 'more' : 'no'
}

const found: Agreement = {
  evidence: 'HELLO with the sender in its identity',
  application: 'zerotier',
}

export const zerotier: Protocol = {
  name: 'zerotier',
  title: 'ZeroTier',
  category: 'vpn',
  transports: ['udp'],
  ports: { udp: [9993] },
  classify: (flow) => agree(flow, look, found),
}

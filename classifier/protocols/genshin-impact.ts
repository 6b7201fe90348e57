import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * Games of HoYoverse begin their KCP connections so (github.com/Grasscutters, "handshake"),
 * exactly 20 octets:
 *
 *    0           4         8       12                     16
 *   | 000000ff  | conv    | token | 499602d2 (1234567890) | ffffffff |    connect
 *   | 00000145  | conv    | token | ...                   | 14514545 |    its answer
 *   | 00000194  | conv    | token | ...                   | 19419494 |    disconnect
 */
const endings = new Map([
  [0xff, 0xffffffff],
  [0x145, 0x14514545],
  [0x194, 0x19419494],
])

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  const isHandshake = bytes.wireLength === 20 && endings.get(bytes.u32(0)) === bytes.u32(16)
  return isHandshake ? 'yes' : flow.datagrams.length > 1 ? 'more' : 'no'
}

const found: Agreement = { evidence: 'handshake in front of KCP', application: 'genshin-impact' }

export const genshinImpact: Protocol = {
  name: 'genshin-impact',
  title: 'HoYoverse games',
  category: 'games',
  transports: ['udp'],
  begins: [0x00],
  ports: { udp: [22101, 22102] },
  classify: (flow) => agree(flow, look, found),
}

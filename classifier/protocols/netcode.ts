import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * github.com/mas-bandwidth/netcode, STANDARD.md, a connection that is asked for, 1078 octets:
 *
 *    0    1                     14             22           30          54
 *   | 0  | NETCODE 1.02 NUL    | protocol (8) | expiry (8) | nonce (24)| private part (1024) |
 */
function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (bytes.u8(0) === 0 && bytes.has('NETCODE 1.', 1)) return 'yes'
  return flow.datagrams.length > 1 ? 'more' : 'no'
}

const found: Agreement = { evidence: 'request with its version' }

export const netcode: Protocol = {
  name: 'netcode',
  title: 'netcode (yojimbo)',
  category: 'games',
  transports: ['udp'],
  begins: [0x00],
  classify: (flow) => agree(flow, look, found),
}

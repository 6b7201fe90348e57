import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * activemq.apache.org/openwire-version-2-specification, what both sides begin with:
 *
 *    0             4           5           13
 *   | length (4)  | type 1    | ActiveMQ  | version (4) | ...
 */
function look(bytes: Bytes): Look {
  if (bytes.length > 4 && (bytes.u8(4) !== 1 || bytes.u32(0) > 0xffff)) return 'no'
  if (bytes.length <= 4) return bytes.mayHave('\0\0') ? 'more' : 'no'
  return bytes.has('ActiveMQ', 5) ? 'yes' : bytes.mayHave('ActiveMQ', 5) ? 'more' : 'no'
}

const found: Agreement = { evidence: 'WIREFORMAT_INFO' }

export const openwire: Protocol = {
  name: 'openwire',
  title: 'OpenWire (ActiveMQ)',
  category: 'messaging',
  transports: ['tcp'],
  begins: [0],
  ports: { tcp: [61616] },
  classify: (flow) => agree(flow, look, found),
}

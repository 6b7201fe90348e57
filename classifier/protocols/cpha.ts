import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * Check Point's cluster control protocol, from and to port 8116 (Wireshark's dissector names it):
 *
 *    0      2          4          6           8
 *   | 1a90 | version  | cluster  | type (2)  | source, destination, ...
 */
/** Types that are known end well before. */
const largestType = 0x20

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  const isIt = bytes.u16(0) === 0x1a90 && bytes.u16(6) <= largestType && bytes.wireLength >= 20
  return isIt && flow.hasPort(8116) ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'magic 1a90 on its port' }

export const cpha: Protocol = {
  name: 'cpha',
  title: 'Check Point cluster (CPHA)',
  category: 'network',
  transports: ['udp'],
  begins: [0x1a],
  ports: { udp: [8116] },
  classify: (flow) => agree(flow, look, found),
}

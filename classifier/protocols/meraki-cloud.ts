import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * Meraki's devices speak with their cloud on UDP 7351 (documentation.meraki.com, "Firewall rules"):
 *
 *    0             4      6                    8
 *   | fe f7 28 91 | 2 of | length of all (2)  | ...
 */
function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (bytes.u32(0) === 0xfef72891) {
    return bytes.wireLength >= 32 && bytes.u16(6) === bytes.wireLength ? 'yes' : 'no'
  }
  return flow.datagrams.length > 1 ? 'more' : 'no'
}

const found: Agreement = { evidence: 'magic fef72891 and its length', application: 'cisco-meraki' }

export const merakiCloud: Protocol = {
  name: 'meraki-cloud',
  title: 'Cisco Meraki cloud',
  category: 'management',
  transports: ['udp'],
  begins: [0xfe],
  ports: { udp: [7351] },
  classify: (flow) => agree(flow, look, found),
}

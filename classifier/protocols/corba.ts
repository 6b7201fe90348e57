import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * OMG CORBA 3.3, part 2, §9.4; over UDP in MIOP:
 *
 *    0      4          6        7             8
 *   | GIOP | version  | flags  | type 0 .. 7 | length of the rest (4) | ...
 *   | MIOP | 10       | flags  | length (2)  | ...
 */
function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (flow.transport === 'udp' && bytes.has('MIOP') && bytes.u8(4) === 0x10) return 'yes'
  if (!bytes.mayHave('GIOP')) return 'no'
  if (bytes.length < 8) return flow.transport === 'tcp' ? 'more' : 'no'
  return bytes.u8(4) === 1 && bytes.u8(5) <= 3 && bytes.u8(7) <= 7 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'magic, version and type' }

export const corba: Protocol = {
  name: 'corba',
  title: 'CORBA (GIOP)',
  category: 'middleware',
  transports: ['tcp', 'udp'],
  begins: 'GM',
  classify: (flow) => agree(flow, look, found),
}

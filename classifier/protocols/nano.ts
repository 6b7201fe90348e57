import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * Nano (docs.nano.org/protocol-design/networking), message headers:
 *
 *    0   1          2           3          4            5       6
 *   | R | network  | highest   | in use   | lowest     | type  | more (2) | ...
 *         A test, B beta, C live, X other; three versions in their order
 */
const maxType = 20

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (bytes.u8(0) !== 0x52 || (bytes.length > 1 && !'ABCX'.includes(bytes.text(1, 2)))) return 'no'
  if (bytes.length < 8) return flow.transport === 'tcp' ? 'more' : 'no'
  const [highest, used, lowest, type] = [bytes.u8(2), bytes.u8(3), bytes.u8(4), bytes.u8(5)]
  const isOrdered = highest >= used && used >= lowest && lowest >= 7 && highest <= 40
  return isOrdered && type >= 2 && type <= maxType ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'header with versions in order', one: 85 }

export const nano: Protocol = {
  name: 'nano',
  title: 'Nano',
  category: 'crypto-currency',
  transports: ['tcp', 'udp'],
  begins: 'R',
  ports: { tcp: [7075], udp: [7075] },
  classify: (flow) => agree(flow, look, found),
}

import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * Foscam, "IP camera SDK protocol", numbers LE:
 *
 *    0                           4             6     7      15             19
 *   | MO_I control, MO_O, MO_V  | operation   | 0   | 0 (8) | length (4)  | 0 (4) | ...
 */
const magics = ['MO_I', 'MO_O', 'MO_V']

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (!magics.some((text) => bytes.mayHave(text))) return 'no'
  if (bytes.length < 6) return flow.transport === 'tcp' ? 'more' : 'no'
  return bytes.u16le(4) < 1000 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'magic and operation', application: 'foscam' }

export const foscam: Protocol = {
  name: 'foscam',
  title: 'Foscam',
  category: 'iot',
  transports: ['udp', 'tcp'],
  begins: 'M',
  ports: { udp: [10000] },
  classify: (flow) => agree(flow, look, found),
}

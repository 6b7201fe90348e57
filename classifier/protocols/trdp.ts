import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * IEC 61375-2-3, annex A:
 *
 *    0           4               6                          8           12 ... 20
 *   | number    | version 1, 0  | type: Pd Pp Pr Pe, M.    | id (4)    | topology | length | ...
 */
const types = new Set(['Pd', 'Pp', 'Pr', 'Pe', 'Mn', 'Mr', 'Mp', 'Mq', 'Mc', 'Me'])
const processHeader = 40
const messageHeader = 116

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (bytes.length > 4 && bytes.u8(4) !== 1) return 'no'
  if (bytes.length < 24) return flow.transport === 'tcp' ? 'more' : 'no'
  const type = bytes.text(6, 8)
  if (!types.has(type)) return 'no'
  const header = type.startsWith('P') ? processHeader : messageHeader
  const end = header + 4 * Math.ceil(bytes.u32(20) / 4)
  return flow.transport === 'tcp' || end === bytes.wireLength ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'type and exact length' }

export const trdp: Protocol = {
  name: 'trdp',
  title: 'TRDP',
  category: 'industrial',
  transports: ['udp', 'tcp'],
  ports: { udp: [17224, 17225], tcp: [17225] },
  classify: (flow) => agree(flow, look, found),
}

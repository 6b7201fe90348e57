import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/agree.ts'
import type { Agreement, Look } from '../wire/agree.ts'
import type { Protocol } from './protocol.ts'

/*
 * RFC 8175 §11:
 *
 *    0      4              6                 8
 *   | DLEP | signal 1, 2  | length of rest  | | item (2) | length (2) | value | ...
 */
function look(bytes: Bytes): Look {
  const signal = bytes.u16(4)
  if (!bytes.has('DLEP') || (signal !== 1 && signal !== 2)) return 'no'
  return bytes.u16(6) + 8 === bytes.wireLength ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'magic and exact length' }

export const dlep: Protocol = {
  name: 'dlep',
  title: 'DLEP',
  category: 'routing',
  transports: ['udp'],
  ports: { udp: [854] },
  classify: (flow) => agree(flow, look, found),
}

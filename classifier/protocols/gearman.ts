import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * gearman.org/protocol:
 *
 *    0                     4               8
 *   | NUL REQ or NUL RES  | type 1 .. 42  | length of the rest (4) | ...
 *
 * Administrators speak in lines of text.
 */
function look(bytes: Bytes, fromClient: boolean): Look {
  if (!bytes.mayHave(fromClient ? '\0REQ' : '\0RES')) return 'no'
  if (bytes.length < 12) return 'more'
  const type = bytes.u32(4)
  return type >= 1 && type <= 42 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'magic and type' }

export const gearman: Protocol = {
  name: 'gearman',
  title: 'Gearman',
  category: 'middleware',
  transports: ['tcp'],
  begins: [0],
  ports: { tcp: [4730] },
  classify: (flow) => agree(flow, look, found),
}

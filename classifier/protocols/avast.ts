import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * Avast's antivirus asks its servers about files:
 *
 *    0      4                     6
 *   | NOSA | length of all (2)   | fields, each with a name of four letters: LICN, ...
 */
function look(bytes: Bytes): Look {
  if (!bytes.mayHave('NOSA')) return 'no'
  return bytes.length < 6 ? 'more' : bytes.u16(4) >= 8 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'magic NOSA', application: 'avast' }

export const avast: Protocol = {
  name: 'avast',
  title: 'Avast cloud',
  category: 'other',
  transports: ['tcp'],
  begins: 'N',
  ports: { tcp: [80] },
  classify: (flow) => agree(flow, look, found),
}

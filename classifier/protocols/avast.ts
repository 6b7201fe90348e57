import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * Avast's antivirus asks its servers about files:
 *
 *    0      4                     6    7          8
 *   | NOSA | length of all (2)   | 1  | kind (1) | ... fields with names of four letters: LICN, ...
 *
 * Messages follow each other without a gap.
 */
const leastBytes = 16

function look(bytes: Bytes): Look {
  if (!bytes.mayHave('NOSA')) return 'no'
  if (bytes.length < 7) return 'more'
  const length = bytes.u16(4)
  if (length < leastBytes || bytes.u8(6) !== 1) return 'no'
  if (!bytes.mayHave('NOSA', length)) return 'no'
  const isWhole = bytes.length === length || bytes.length >= length + 4
  return isWhole ? 'yes' : 'more'
}

const found: Agreement = { evidence: 'magic NOSA and its length', application: 'avast' }

export const avast: Protocol = {
  name: 'avast',
  title: 'Avast cloud',
  category: 'other',
  transports: ['tcp'],
  begins: 'N',
  ports: { tcp: [80] },
  classify: (flow) => agree(flow, look, found),
}

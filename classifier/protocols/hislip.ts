import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * IVI-6.1 §2.4:
 *
 *    0    2      3         4               8
 *   | HS | type | control | parameter (4) | length of the rest (8) | ...
 */
const maxType = 30

function look(bytes: Bytes): Look {
  if (!bytes.mayHave('HS') || bytes.u8(2) > maxType) return 'no'
  if (bytes.length < 16) return 'more'
  return bytes.u32(8) === 0 && bytes.u32(12) < 0x1000000 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'prologue and length', one: 85 }

export const hislip: Protocol = {
  name: 'hislip',
  title: 'HiSLIP',
  category: 'industrial',
  transports: ['tcp'],
  begins: 'H',
  ports: { tcp: [4880] },
  classify: (flow) => agree(flow, look, found),
}

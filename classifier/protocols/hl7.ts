import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * HL7, "Minimal lower layer protocol", around messages of version 2:
 *
 *   | 0b | MSH|^~\&|application|facility|... CR ... | 1c 0d |
 */
function look(bytes: Bytes): Look {
  const text = '\x0bMSH|^~\\&|'
  return bytes.has(text) ? 'yes' : bytes.mayHave(text) ? 'more' : 'no'
}

const found: Agreement = { evidence: 'segment MSH in its frame' }

export const hl7: Protocol = {
  name: 'hl7',
  title: 'HL7 (MLLP)',
  category: 'middleware',
  transports: ['tcp'],
  begins: [0x0b],
  ports: { tcp: [2575] },
  classify: (flow) => agree(flow, look, found),
}

import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * Levin (github.com/monero-project/monero, docs/LEVIN_PROTOCOL.md), all numbers LE:
 *
 *    0                            8             16        17            21
 *   | 01 21 01 01 01 01 01 01    | length (8)  | answer  | command (4) | ...
 */
const signature = '\x01\x21\x01\x01\x01\x01\x01\x01'

function look(bytes: Bytes): Look {
  return bytes.has(signature) ? 'yes' : bytes.mayHave(signature) ? 'more' : 'no'
}

const found: Agreement = { evidence: 'signature of Levin' }

export const monero: Protocol = {
  name: 'monero',
  title: 'Monero',
  category: 'crypto-currency',
  transports: ['tcp'],
  begins: [1],
  ports: { tcp: [18080] },
  classify: (flow) => agree(flow, look, found),
}

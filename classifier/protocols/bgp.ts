import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * RFC 4271 §4.1:
 *
 *    0                 16            18
 *   | ff, 16 times    | length (2)  | type 1 .. 5 | ...        length of all, 19 .. 4096
 */
const marker = '\xff'.repeat(16)

function look(bytes: Bytes): Look {
  if (!bytes.mayHave(marker)) return 'no'
  if (bytes.length < 19) return 'more'
  const [length, type] = [bytes.u16(16), bytes.u8(18)]
  return length >= 19 && length <= 4096 && type >= 1 && type <= 5 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'marker, length and type' }

export const bgp: Protocol = {
  name: 'bgp',
  title: 'BGP',
  category: 'routing',
  transports: ['tcp'],
  begins: [0xff],
  ports: { tcp: [179] },
  classify: (flow) => agree(flow, look, found),
}

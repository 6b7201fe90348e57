import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * RFC 2637 §1.4 and §2:
 *
 *    0        2         4                     8       10         12
 *   | length | type 1  | cookie 1a 2b 3c 4d  | control type 1..15 | 0 | ...
 */
function look(bytes: Bytes): Look {
  const length = bytes.u16(0)
  if (length >= 0 && (length < 12 || length > 220)) return 'no'
  if (!bytes.mayHave('\0\x01\x1a\x2b\x3c\x4d', 2)) return 'no'
  if (bytes.length < 10) return 'more'
  return bytes.u16(8) >= 1 && bytes.u16(8) <= 15 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'magic cookie 1a2b3c4d' }

export const pptp: Protocol = {
  name: 'pptp',
  title: 'PPTP',
  category: 'vpn',
  transports: ['tcp'],
  begins: [0x00],
  ports: { tcp: [1723] },
  classify: (flow) => agree(flow, look, found),
}

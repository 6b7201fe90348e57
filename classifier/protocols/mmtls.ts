import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * WeChat's own TLS (Citizen Lab, "Should we chat, too? Security analysis of WeChat's mmtls"):
 *
 *    0                                       1               3
 *   | 15 alert, 16, 19 handshake, 17 data   | version f1 03 | length (2) | ...
 */
const types = new Set([0x15, 0x16, 0x17, 0x19])
const maxLength = 0x4200

function look(bytes: Bytes): Look {
  if (!types.has(bytes.u8(0)) || !bytes.mayHave('\xf1', 1)) return 'no'
  if (bytes.length < 5) return 'more'
  const length = bytes.u16(3)
  return bytes.u8(2) >= 3 && bytes.u8(2) <= 5 && length > 0 && length <= maxLength ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'record of version f1', application: 'wechat' }

export const mmtls: Protocol = {
  name: 'mmtls',
  title: 'WeChat (mmtls)',
  category: 'messaging',
  transports: ['tcp'],
  begins: [0x15, 0x16, 0x17, 0x19],
  ports: { tcp: [8080] },
  classify: (flow) => agree(flow, look, found),
}

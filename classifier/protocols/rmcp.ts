import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * ASF 2.0 §3.2.2, IPMI 2.0 §13.6:
 *
 *    0            1    2          3
 *   | version 6  | 0  | sequence | ack (1), class: 6 ASF, 7 IPMI, 8 OEM |
 *
 *   ASF:      | 000011be | type | tag | 0 | length of the rest |
 *   IPMI 1.5: | kind 0..5 | sequence (4) | session (4) | [code (16), kind not 0] | length | ...
 *   IPMI 2.0: | kind 6 | payload | session (4) | sequence (4) | length (2, LE) | ...
 */
function isIpmi(bytes: Bytes): boolean {
  const kind = bytes.u8(4)
  if (kind === 6) return 16 + bytes.u16le(14) <= bytes.wireLength
  const at = kind === 0 ? 13 : 29
  // Some add an octet, so that certain sizes are not reached.
  const end = at + 1 + bytes.u8(at)
  return kind <= 5 && (end === bytes.wireLength || end + 1 === bytes.wireLength)
}

function look(bytes: Bytes): Look {
  if (bytes.u8(0) !== 6 || bytes.u8(1) !== 0) return 'no'
  const kind = bytes.u8(3) & 0x1f
  // An acknowledgement has no more than the head.
  if ((bytes.u8(3) & 0x80) !== 0) return bytes.wireLength === 4 && kind === 6 ? 'yes' : 'no'
  if (kind === 6)
    return bytes.u32(4) === 0x11be && 12 + bytes.u8(11) === bytes.wireLength ? 'yes' : 'no'
  return kind === 7 && isIpmi(bytes) ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'RMCP header and exact length' }

export const rmcp: Protocol = {
  name: 'rmcp',
  title: 'IPMI and RMCP',
  category: 'management',
  transports: ['udp'],
  begins: [6],
  ports: { udp: [623, 664] },
  classify: (flow) => agree(flow, look, found),
}

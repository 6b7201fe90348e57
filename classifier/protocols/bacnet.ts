import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * ASHRAE 135, annex J.2 (BVLC), and 6.2 (NPDU):
 *
 *    0            1          2        4
 *   | 81, 82 IPv6 | function | length | ... | NPDU: 1 | control | ...
 */
const maxFunction = 0x0c

function look(bytes: Bytes): Look {
  const type = bytes.u8(0)
  const operation = bytes.u8(1)
  if ((type !== 0x81 && type !== 0x82) || operation > maxFunction) return 'no'
  if (bytes.u16(2) !== bytes.wireLength || bytes.wireLength < 4) return 'no'
  // Unicast and broadcast carry an NPDU, whose version is 1.
  const carries = type === 0x81 && (operation === 0x0a || operation === 0x0b)
  return !carries || bytes.u8(4) === 1 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'BVLC of exact length' }

export const bacnet: Protocol = {
  name: 'bacnet',
  title: 'BACnet/IP',
  category: 'industrial',
  transports: ['udp'],
  begins: [0x81, 0x82],
  ports: { udp: [47808] },
  classify: (flow) => agree(flow, look, found),
}

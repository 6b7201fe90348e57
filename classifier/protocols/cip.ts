import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * CIP volume 2 §2-6 (common packet format), of what is sent each cycle, all numbers LE:
 *
 *    0             2        4           6                12         14        16
 *   | 2 items     | 8002   | 8 octets  | connection (4) | number (4) | 00b1 | length | data |
 */
function look(bytes: Bytes): Look {
  const type = bytes.u16le(2)
  const address = bytes.u16le(4)
  if (bytes.u16le(0) !== 2 || (type !== 0x8002 && type !== 0x00a1)) return 'no'
  if (address !== (type === 0x8002 ? 8 : 4)) return 'no'
  const at = 6 + address
  const end = at + 4 + bytes.u16le(at + 2)
  return bytes.u16le(at) === 0x00b1 && end === bytes.wireLength ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'two items that fill the datagram' }

export const cip: Protocol = {
  name: 'cip',
  title: 'CIP I/O',
  category: 'industrial',
  transports: ['udp'],
  begins: [2],
  ports: { udp: [2222] },
  classify: (flow) => agree(flow, look, found),
}

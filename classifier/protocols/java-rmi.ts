import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * Java RMI specification §10.2:
 *
 *   | JRMI | version 1, 2 (2) | 4b stream, 4c single operation, 4d multiplexed | ...
 *
 * answered by | 4e | length (2) | host | port (4) |
 */
function look(bytes: Bytes, fromClient: boolean): Look {
  if (!fromClient) return bytes.u8(0) === 0x4e || bytes.u8(0) === 0x51 ? 'more' : 'no'
  if (!bytes.mayHave('JRMI\0')) return 'no'
  if (bytes.length < 7) return 'more'
  const kind = bytes.u8(6)
  return bytes.u8(5) <= 2 && kind >= 0x4b && kind <= 0x4d ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'magic and kind' }

export const javaRmi: Protocol = {
  name: 'java-rmi',
  title: 'Java RMI',
  category: 'middleware',
  transports: ['tcp'],
  begins: 'JNQ',
  ports: { tcp: [1099] },
  classify: (flow) => agree(flow, look, found),
}

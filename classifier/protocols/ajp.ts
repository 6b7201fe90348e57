import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * tomcat.apache.org, "AJPv13":
 *
 *   to the container: | 12 34 | length (2) | 2 forward | method 1 .. 27 | protocol, text ...
 *                     | 12 34 | 0 1 | 0a ping |
 *   from it:          | A B   | length (2) | 3 body, 4 headers, 5 end, 6 more, 9 pong | ...
 */
function look(bytes: Bytes, fromClient: boolean): Look {
  if (!bytes.mayHave(fromClient ? '\x12\x34' : 'AB')) return 'no'
  const [length, type] = [bytes.u16(2), bytes.u8(4)]
  if (type < 0) return 'more'
  if (!fromClient) return type >= 3 && type <= 9 && length > 0 ? 'yes' : 'no'
  if (type === 0x0a) return length === 1 ? 'yes' : 'no'
  if (type !== 2) return type === 7 || type === 8 ? 'yes' : 'no'
  if (bytes.length < 12) return 'more'
  return bytes.u8(5) <= 27 && bytes.has('HTTP/', 8) ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'magic and type' }

export const ajp: Protocol = {
  name: 'ajp',
  title: 'AJP 1.3',
  category: 'middleware',
  transports: ['tcp'],
  begins: [0x12, 0x41],
  ports: { tcp: [8009] },
  classify: (flow) => agree(flow, look, found),
}

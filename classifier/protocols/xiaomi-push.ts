import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/agree.ts'
import type { Agreement, Look } from '../wire/agree.ts'
import type { Protocol } from './protocol.ts'

/*
 * Mi Push:
 *
 *    0      2         4             8
 *   | c2fe | 0005    | length (4)  | protobuf, checksum ... |       length: without 12 octets
 */
function look(bytes: Bytes): Look {
  if (!bytes.mayHave('\xc2\xfe\0')) return 'no'
  if (bytes.length < 8) return 'more'
  return bytes.u16(2) < 16 && bytes.u32(4) < 0x10000 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'header c2fe', application: 'xiaomi' }

export const xiaomiPush: Protocol = {
  name: 'xiaomi-push',
  title: 'Xiaomi push',
  category: 'messaging',
  transports: ['tcp'],
  ports: { tcp: [5222] },
  classify: (flow) => agree(flow, look, found),
}

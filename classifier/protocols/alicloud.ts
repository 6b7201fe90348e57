import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * What servers at Alibaba Cloud keep open to the cloud's own network, all numbers LE:
 *
 *   | ce fa be ba | length (4) | ...
 */
const maxLength = 0x100000

function look(bytes: Bytes, fromClient: boolean): Look {
  if (!fromClient) return 'more'
  if (!bytes.mayHave('\xce\xfa\xbe\xba')) return 'no'
  return bytes.length < 8 ? 'more' : bytes.u32le(4) < maxLength ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'magic babeface', one: 85, application: 'alibaba-cloud' }

export const alicloud: Protocol = {
  name: 'alicloud',
  title: 'Alibaba Cloud assistant',
  category: 'management',
  transports: ['tcp'],
  ports: { tcp: [8999] },
  classify: (flow) => agree(flow, look, found),
}

import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * docs.ceph.com/dev/msgr-protocol: both sides begin with a banner:
 *
 *   ceph v027 (version 1), or ceph v2 LF (version 2), then lengths and features
 */
function look(bytes: Bytes): Look {
  if (/^ceph v(2\n|\d{3})/.test(bytes.text(0, 9))) return 'yes'
  return bytes.mayHave('ceph v') && bytes.length < 9 ? 'more' : 'no'
}

const found: Agreement = { evidence: 'banner' }

export const ceph: Protocol = {
  name: 'ceph',
  title: 'Ceph',
  category: 'file',
  transports: ['tcp'],
  begins: 'c',
  ports: { tcp: [6789, 3300] },
  classify: (flow) => agree(flow, look, found),
}

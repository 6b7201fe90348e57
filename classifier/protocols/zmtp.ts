import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * rfc.zeromq.org, 23/ZMTP 3.0, 15/ZMTP 2.0, what both sides begin with:
 *
 *    0    1             9    10       11       12                32
 *   | ff | padding (8) | 7f | version | minor | mechanism (20) | as-server | 0 (31) |
 */
const mechanisms = ['NULL\0', 'PLAIN\0', 'CURVE\0', 'GSSAPI\0']

function look(bytes: Bytes): Look {
  if (bytes.u8(0) !== 0xff || (bytes.length > 9 && bytes.u8(9) !== 0x7f)) return 'no'
  if (!bytes.mayHave('\0\0\0\0\0\0', 1) || bytes.u8(10) > 3) return 'no'
  if (bytes.length < 10) return 'more'
  if (bytes.length <= 12 || bytes.u8(10) < 3) return 'yes'
  return mechanisms.some((text) => bytes.mayHave(text, 12)) ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'signature of the greeting', one: 85 }

export const zmtp: Protocol = {
  name: 'zmtp',
  title: 'ZeroMQ (ZMTP)',
  category: 'messaging',
  transports: ['tcp'],
  begins: [0xff],
  classify: (flow) => agree(flow, look, found),
}

import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * FastCGI specification §8, records:
 *
 *    0            1        2         4         6          7
 *   | version 1  | type   | request | length  | padding  | 0 |
 *
 *   a web server begins with type 1: | role 1 .. 3 (2) | flags 0, 1 | 0 (5) |
 *   or, of the whole connection, with type 9
 */
function look(bytes: Bytes, fromClient: boolean): Look {
  if (!bytes.mayHave('\x01')) return 'no'
  const type = bytes.u8(1)
  if (!fromClient) {
    const isReply = type === 6 || type === 7 || type === 3 || type === 10 || type === 11
    if (bytes.length < 8) return isReply || type < 0 ? 'more' : 'no'
    return isReply && bytes.u8(7) === 0 ? 'yes' : 'no'
  }
  if (type >= 0 && type !== 1 && type !== 9) return 'no'
  if (bytes.length < 16)
    return type === 9 && bytes.length >= 8 && bytes.u16(2) === 0 ? 'yes' : 'more'
  if (type === 9) return bytes.u16(2) === 0 && bytes.u8(7) === 0 ? 'yes' : 'no'
  const role = bytes.u16(8)
  const isBegin =
    bytes.u16(4) === 8 && bytes.u16(6) === 0 && bytes.u8(10) <= 1 && bytes.u32(11) === 0
  return isBegin && role >= 1 && role <= 3 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'beginning of a request' }

export const fastcgi: Protocol = {
  name: 'fastcgi',
  title: 'FastCGI',
  category: 'middleware',
  transports: ['tcp'],
  begins: [1],
  ports: { tcp: [9000] },
  classify: (flow) => agree(flow, look, found),
}

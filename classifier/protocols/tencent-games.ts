import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * Games of Tencent, connections through its gateway:
 *
 *    0      2         4         6          8        12       16
 *   | 3366 | version | version | command  | ...    | ...    | length of the whole (4, LE) | ...
 */
const minBytes = 20
const maxVersion = 32

function look(bytes: Bytes): Look {
  if (!bytes.mayHave('\x33\x66\0')) return 'no'
  if (bytes.length < minBytes) return 'more'
  const [first, second] = [bytes.u16(2), bytes.u16(4)]
  const length = bytes.u32le(16)
  const isSane = first > 0 && first <= maxVersion && second > 0 && second <= maxVersion
  return isSane && length >= minBytes && length < 0x10000 ? 'yes' : 'no'
}

const found: Agreement = {
  evidence: 'header 3366 with a length',
  one: 85,
  application: 'tencent-games',
}

export const tencentGames: Protocol = {
  name: 'tencent-games',
  title: 'Tencent games',
  category: 'games',
  transports: ['tcp'],
  begins: '3',
  classify: (flow) => agree(flow, look, found),
}

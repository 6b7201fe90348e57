import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * github.com/apache/thrift, doc/specs: the binary protocol, with a length (4) before it or not, and
 * the compact protocol:
 *
 *   | 80 01 00 | type 1 .. 4 | length (4) | name | sequence (4) | ...
 *   | 82 | type (3), version 1 (5) | sequence, varint | length, varint | name | ...
 */
const maxName = 200

function isName(bytes: Bytes, from: number, length: number): boolean {
  if (length < 1 || length > maxName) return false
  return /^[A-Za-z_][\w.:]*$/.test(bytes.text(from, from + length))
}

function lookAtBinary(bytes: Bytes, at: number): Look {
  const type = bytes.u8(at + 3)
  if (!bytes.mayHave('\x80\x01\0', at) || type === 0 || type > 4) return 'no'
  const length = bytes.u32(at + 4)
  if (length > maxName) return 'no'
  if (length < 0 || bytes.length < at + 8 + length) return 'more'
  return isName(bytes, at + 8, length) ? 'yes' : 'no'
}

function lookAtCompact(bytes: Bytes): Look {
  const second = bytes.u8(1)
  if (bytes.length > 1 && ((second & 31) !== 1 || second >> 5 === 0 || second >> 5 > 4)) return 'no'
  let at = 2
  for (let i = 0; i < 5 && bytes.u8(at) >= 0x80; i++) at++
  const length = bytes.u8(at + 1)
  if (length < 0 || bytes.length < at + 2 + length) return length > maxName ? 'no' : 'more'
  return isName(bytes, at + 2, length) ? 'yes' : 'no'
}

function look(bytes: Bytes): Look {
  const first = bytes.u8(0)
  if (first === 0x82) return lookAtCompact(bytes)
  if (first === 0x80) return lookAtBinary(bytes, 0)
  return first === 0 && bytes.u8(1) <= 0xff && bytes.length > 4
    ? lookAtBinary(bytes, 4)
    : first === 0 && bytes.length <= 4
      ? 'more'
      : 'no'
}

function classify(flow: FlowView): Answer {
  const answer = agree(flow, look, { evidence: 'call with its name' })
  return answer === 'more' && flow.transport === 'udp' ? 'never' : answer
}

export const thrift: Protocol = {
  name: 'thrift',
  title: 'Apache Thrift',
  category: 'middleware',
  transports: ['tcp', 'udp'],
  begins: [0x00, 0x80, 0x82],
  classify,
}

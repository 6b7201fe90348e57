import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * RFC 5036 §3.1, §3.5:
 *
 *    0             2          4              8            10                14         16
 *   | version 1   | length   | router (4)   | space (2)  | U, type (15)    | length   | id |
 *
 * length: of the rest. Types: 0001, 0100 hello, 0200 .. 0202, 0300, 0301, 0400 .. 0404.
 */
const types = new Set([
  0x0001, 0x0100, 0x0200, 0x0201, 0x0202, 0x0300, 0x0301, 0x0400, 0x0401, 0x0402, 0x0403, 0x0404,
])

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (!bytes.mayHave('\0\x01')) return 'no'
  if (bytes.length < 18) return flow.transport === 'tcp' && flow.hasPort(646) ? 'more' : 'no'
  const [length, inner] = [bytes.u16(2), bytes.u16(12)]
  if (!types.has(bytes.u16(10) & 0x7fff) || inner < 4 || inner + 10 > length) return 'no'
  if (bytes.u32(4) === 0) return 'no'
  if (flow.transport === 'udp') return length + 4 === bytes.wireLength ? 'yes' : 'no'
  return flow.hasPort(646) && length <= 4096 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'PDU and message of fitting lengths' }

export const ldp: Protocol = {
  name: 'ldp',
  title: 'LDP',
  category: 'routing',
  transports: ['udp', 'tcp'],
  begins: [0],
  ports: { udp: [646], tcp: [646] },
  classify: (flow) => agree(flow, look, found),
}

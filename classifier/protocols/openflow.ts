import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * OpenFlow 1.5.1 §7.1:
 *
 *    0              1                2          4
 *   | version 1..6 | type, 0 hello  | length   | id (4) | of hello: | 1 | 8 | versions (4) |
 */
function look(bytes: Bytes): Look {
  const version = bytes.u8(0)
  if (version < 1 || version > 6 || bytes.u8(1) > 0) return 'no'
  if (bytes.length < 8) return 'more'
  const length = bytes.u16(2)
  if (length === 8) return 'yes'
  if (length < 16 || length > 64) return 'no'
  return bytes.length < 12
    ? 'more'
    : bytes.u16(8) === 1 && bytes.u16(10) + 8 <= length
      ? 'yes'
      : 'no'
}

function classify(flow: FlowView): Answer {
  const isOnPort = flow.hasPort(6653) || flow.hasPort(6633)
  const isLong = flow.sides.some(({ bytes }) => bytes.u16(2) >= 16)
  return agree(flow, look, { evidence: 'hello', one: isOnPort ? 90 : isLong ? 75 : 50, both: 90 })
}

export const openflow: Protocol = {
  name: 'openflow',
  title: 'OpenFlow',
  category: 'management',
  transports: ['tcp'],
  begins: [1, 2, 3, 4, 5, 6],
  ports: { tcp: [6653, 6633] },
  classify,
}

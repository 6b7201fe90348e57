import type { Bytes } from '../../model/bytes.ts'
import { elementAt, elementsIn } from '../wire/der.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * ISO 23950, appendix 1, in BER:
 *
 *   b4 length { [82 reference], 83 version bits, 84 options, 85, 86 sizes, 9f 6e id, ... }
 *
 * answered by b5 with the same, and 8c, the result.
 */
function look(bytes: Bytes, fromClient: boolean): Look {
  if (bytes.u8(0) !== (fromClient ? 0xb4 : 0xb5)) return 'no'
  if (bytes.length < 12) return 'more'
  const whole = elementAt(bytes, 0, bytes.length)
  if (whole === undefined) return bytes.u8(1) <= 0x82 && bytes.length < 512 ? 'more' : 'no'
  const tags = elementsIn(bytes, whole, 4).map(({ tag }) => tag)
  return tags.includes(0x83) && tags.includes(0x84) && tags.includes(0x85) ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'initial request in BER' }

export const z3950: Protocol = {
  name: 'z3950',
  title: 'Z39.50',
  category: 'other',
  transports: ['tcp'],
  begins: [0xb4, 0xb5],
  ports: { tcp: [210] },
  classify: (flow) => agree(flow, look, found),
}

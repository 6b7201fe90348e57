import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * tinc manual, "The meta-protocol": each side first says who it is, in text:
 *
 *   0 name 17 LF    or    0 name 17.7 LF       0 is ID, 17 the version of the protocol
 */
const maxLine = 128

function look(bytes: Bytes): Look {
  if (!bytes.mayHave('0 ')) return 'no'
  const end = bytes.indexOf(10, 2, maxLine)
  if (end < 0)
    return bytes.length < maxLine && (bytes.length < 3 || bytes.isPrintable()) ? 'more' : 'no'
  return /^0 [A-Za-z0-9_^+-]+ 1[0-9](\.\d{1,2})?$/.test(bytes.text(0, end)) ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'ID of the meta-protocol', one: 75 }

export const tinc: Protocol = {
  name: 'tinc',
  title: 'tinc',
  category: 'vpn',
  transports: ['tcp'],
  begins: '0',
  ports: { tcp: [655] },
  classify: (flow) => agree(flow, look, found),
}

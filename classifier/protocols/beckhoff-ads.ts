import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * infosys.beckhoff.com, "AMS/TCP packet", numbers LE:
 *
 *    0      2                  6                       14                      22        24
 *   | 0 0  | length of rest   | target: net id, port  | source: net id, port  | command | flags |
 *    26               30      34
 *   | length of data | error | id (4) | data
 */
const headerBytes = 32
const maxCommand = 9

function look(bytes: Bytes): Look {
  if (!bytes.mayHave('\0\0')) return 'no'
  const length = bytes.u32le(2)
  if (length >= 0 && (length < headerBytes || length > 0x100000)) return 'no'
  if (bytes.length < 38) return 'more'
  const isSame = bytes.u32le(26) + headerBytes === length
  return isSame && bytes.u16le(22) <= maxCommand && (bytes.u16le(24) & 4) === 4 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'two lengths that agree' }

export const beckhoffAds: Protocol = {
  name: 'beckhoff-ads',
  title: 'Beckhoff ADS',
  category: 'industrial',
  transports: ['tcp'],
  begins: [0],
  ports: { tcp: [48898] },
  classify: (flow) => agree(flow, look, found),
}

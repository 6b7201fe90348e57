import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * OMG DDSI-RTPS 2.5 §8.3.3:
 *
 *    0              4           6          8
 *   | RTPS, RTPX   | version 2 | vendor   | prefix (12) | submessages: | id | ...
 */
function look(bytes: Bytes): Look {
  if (!bytes.mayHave('RTPS') && !bytes.mayHave('RTPX')) return 'no'
  if (bytes.length < 6) return 'more'
  return bytes.u8(4) >= 1 && bytes.u8(4) <= 3 && bytes.u8(5) <= 9 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'magic and version' }

export const rtps: Protocol = {
  name: 'rtps',
  title: 'RTPS (DDS)',
  category: 'middleware',
  transports: ['udp', 'tcp'],
  begins: 'R',
  ports: { udp: [7400] },
  classify: (flow) => agree(flow, look, found),
}

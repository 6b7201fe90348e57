import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * Frames of a controller area network, sent on over UDP (PICAN and others; Wireshark knows it):
 *
 *    0          8            9                 10
 *   | ISO11898 | version 1  | number of frames | ...
 */
function look(bytes: Bytes): Look {
  return bytes.has('ISO11898') && bytes.u8(8) === 1 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'word ISO11898' }

export const canOverUdp: Protocol = {
  name: 'can-over-udp',
  title: 'CAN over UDP',
  category: 'industrial',
  transports: ['udp'],
  begins: 'I',
  classify: (flow) => agree(flow, look, found),
}

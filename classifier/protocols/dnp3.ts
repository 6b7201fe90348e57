import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * IEEE 1815 §9.2, data link frames:
 *
 *    0      2         3          4               6          8
 *   | 0564 | length  | control  | destination   | source   | CRC | blocks of 16, each with a CRC |
 *
 * The CRC has polynomial 3d65 (reversed a6bc), and is turned round at the end; numbers are LE.
 */
function crcOf(bytes: Bytes, length: number): number {
  let crc = 0
  for (let at = 0; at < length; at++) {
    crc ^= bytes.u8(at)
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ 0xa6bc
  }
  return crc ^ 0xffff
}

/** Over TCP and UDP frames are as on a serial line, sums included (IEEE 1815 §13). */
function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (!bytes.mayHave('\x05\x64') || (bytes.length > 2 && bytes.u8(2) < 5)) return 'no'
  if (bytes.length < 10) return flow.transport === 'tcp' ? 'more' : 'no'
  return crcOf(bytes, 8) === bytes.u16le(8) ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'start 0564 and CRC of the header' }

export const dnp3: Protocol = {
  name: 'dnp3',
  title: 'DNP3',
  category: 'industrial',
  transports: ['tcp', 'udp'],
  begins: [0x05],
  ports: { tcp: [20000], udp: [20000] },
  classify: (flow) => agree(flow, look, found),
}

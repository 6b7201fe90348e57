import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * SAIA S-Bus over UDP, as Wireshark's wiki describes it:
 *
 *    0                  4          5       6          8
 *   | length of all (4) | version | type  | number   | attribute 0, 1, 2 | telegram | CRC (2) |
 *
 * The CRC has polynomial 1021 and begins with 0.
 */
function crcOf(bytes: Bytes, length: number): number {
  let crc = 0
  for (let at = 0; at < length; at++) {
    crc ^= bytes.u8(at) << 8
    for (let bit = 0; bit < 8; bit++)
      crc = ((crc << 1) ^ ((crc & 0x8000) === 0 ? 0 : 0x1021)) & 0xffff
  }
  return crc
}

function look(bytes: Bytes): Look {
  const size = bytes.wireLength
  if (bytes.u32(0) !== size || size < 11 || size > 600 || bytes.u8(8) > 2) return 'no'
  return size > bytes.length || crcOf(bytes, size - 2) === bytes.u16(size - 2) ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'length and CRC' }

export const etherSBus: Protocol = {
  name: 'ether-s-bus',
  title: 'Ether-S-Bus',
  category: 'industrial',
  transports: ['udp'],
  begins: [0],
  ports: { udp: [5050] },
  classify: (flow) => agree(flow, look, found),
}

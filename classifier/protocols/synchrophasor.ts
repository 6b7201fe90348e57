import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * IEEE C37.118.2 §6.2:
 *
 *    0    1                         2                4      6          10
 *   | aa | type (3), version (4)   | length of all  | id   | seconds  | fraction | ... | CRC (2) |
 *
 *   types: 0 data, 1 header, 2, 3, 5 configuration, 4 command. The CRC has polynomial 1021.
 */
function crcOf(bytes: Bytes, length: number): number {
  let crc = 0xffff
  for (let at = 0; at < length; at++) {
    crc ^= bytes.u8(at) << 8
    for (let bit = 0; bit < 8; bit++)
      crc = ((crc << 1) ^ ((crc & 0x8000) === 0 ? 0 : 0x1021)) & 0xffff
  }
  return crc
}

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  const kind = bytes.u8(1)
  if (
    bytes.u8(0) !== 0xaa ||
    (kind >= 0 && ((kind & 15) > 3 || (kind & 15) === 0 || kind >> 4 > 5))
  )
    return 'no'
  const length = bytes.u16(2)
  const isTcp = flow.transport === 'tcp'
  if (length >= 0 && length < 16) return 'no'
  if (!isTcp && length !== bytes.wireLength) return 'no'
  if (length < 0 || bytes.length < length) return isTcp ? 'more' : 'yes'
  return crcOf(bytes, length - 2) === bytes.u16(length - 2) ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'frame with its CRC' }

export const synchrophasor: Protocol = {
  name: 'synchrophasor',
  title: 'Synchrophasor (C37.118)',
  category: 'industrial',
  transports: ['tcp', 'udp'],
  begins: [0xaa],
  ports: { tcp: [4712], udp: [4713] },
  classify: (flow) => agree(flow, look, found),
}

import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * IEC 62056-47 §5 (wrapper):
 *
 *    0          2          4               6          8
 *   | version 1 | source   | destination   | length   | APDU: 60 associate, 61, c0 .. c7 ...
 *
 * IEC 62056-46 §6.4 (HDLC):
 *
 *   | 7e | a, segmented, length (11) | addresses | control | HCS (2) | data | FCS (2) | 7e |
 *
 * FCS is the CRC of X.25, of all between the flags.
 */
const associate = 0x60

function crcOf(bytes: Bytes, from: number, to: number): number {
  let crc = 0xffff
  for (let at = from; at < to; at++) {
    crc ^= bytes.u8(at)
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ 0x8408
  }
  return crc ^ 0xffff
}

function lookAtHdlc(bytes: Bytes): Look {
  const length = bytes.u16(1) & 0x7ff
  if (bytes.length > 1 && bytes.u8(1) >> 4 !== 0x0a) return 'no'
  if (bytes.length < 3 || bytes.length < length + 2) return 'more'
  const isEnded = length >= 7 && bytes.u8(length + 1) === 0x7e
  return isEnded && crcOf(bytes, 1, length - 1) === bytes.u16le(length - 1) ? 'yes' : 'no'
}

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (bytes.u8(0) === 0x7e) return lookAtHdlc(bytes)
  if (!bytes.mayHave('\0\x01')) return 'no'
  if (bytes.length < 9) return flow.transport === 'tcp' && flow.hasPort(4059) ? 'more' : 'no'
  const kind = bytes.u8(8)
  const isKnown = kind === associate || kind === 0x61 || (kind >= 0xc0 && kind <= 0xdf)
  const length = bytes.u16(6)
  if (!isKnown || length + 8 < bytes.wireLength || length > 2048) return 'no'
  return flow.hasPort(4059) || kind === associate ? 'yes' : 'more'
}

const found: Agreement = { evidence: 'wrapper, or HDLC frame with its CRC' }

export const dlms: Protocol = {
  name: 'dlms',
  title: 'DLMS/COSEM',
  category: 'industrial',
  transports: ['tcp', 'udp'],
  begins: [0, 0x7e],
  ports: { tcp: [4059], udp: [4059] },
  classify: (flow) => agree(flow, look, found),
}

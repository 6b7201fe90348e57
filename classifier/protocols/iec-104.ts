import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * IEC 60870-5-104 §5:
 *
 *    0    1         2
 *   | 68 | length  | control (4)      | type | ... |       length: 4 .. 253
 *
 *   control, low bits of its first octet: 0 I, numbered; 01 S; 11 U, one of its six functions
 */
const functions = new Set([0x07, 0x0b, 0x13, 0x23, 0x43, 0x83])

function isControl(bytes: Bytes, at: number, length: number): boolean {
  const first = bytes.u8(at)
  if ((first & 1) === 0) return length > 10 && (bytes.u8(at + 2) & 1) === 0 && bytes.u8(at + 4) > 0
  if ((first & 3) === 1) {
    return length === 4 && first === 1 && bytes.u8(at + 1) === 0 && (bytes.u8(at + 2) & 1) === 0
  }
  return length === 4 && functions.has(first) && bytes.u24(at + 1) === 0
}

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  let at = 0
  let count = 0
  while (at < bytes.length && count < 4) {
    const length = bytes.u8(at + 1)
    if (bytes.u8(at) !== 0x68 || (length >= 0 && (length < 4 || length > 253))) return 'no'
    if (bytes.length < at + 7 && bytes.length !== at + 6) break
    if (!isControl(bytes, at + 2, length)) return 'no'
    at += 2 + length
    count++
  }
  return count > (flow.hasPort(2404) ? 0 : 1) ? 'yes' : 'more'
}

const found: Agreement = { evidence: 'frames 68 that follow each other' }

export const iec104: Protocol = {
  name: 'iec-104',
  title: 'IEC 60870-5-104',
  category: 'industrial',
  transports: ['tcp'],
  begins: 'h',
  ports: { tcp: [2404] },
  classify: (flow) => agree(flow, look, found),
}

import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * CEA-852 §8:
 *
 *    0                  2          3       4             5       6             8             12
 *   | length of all    | version 1 | type  | more header | flags | vendor (2)  | session ...
 */
const types = new Set([
  0x01, 0x03, 0x04, 0x06, 0x07, 0x08, 0x60, 0x63, 0x64, 0x66, 0x68, 0x70, 0x71, 0x72, 0x7f,
])
const headerBytes = 20

function look(bytes: Bytes): Look {
  if (bytes.u16(0) !== bytes.wireLength || bytes.wireLength < headerBytes) return 'no'
  const isKnown = types.has(bytes.u8(3)) && bytes.u8(4) <= 8
  return bytes.u8(2) === 1 && isKnown ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  const isOnPort = flow.hasPort(1628) || flow.hasPort(1629)
  return agree(flow, look, {
    evidence: 'header and exact length',
    one: isOnPort ? 90 : 55,
    both: 90,
  })
}

export const cnpIp: Protocol = {
  name: 'cnp-ip',
  title: 'CNP/IP (LonWorks)',
  category: 'industrial',
  transports: ['udp'],
  begins: [0],
  ports: { udp: [1628, 1629] },
  classify,
}

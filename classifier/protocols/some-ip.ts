import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * AUTOSAR, "SOME/IP protocol specification" §4.1:
 *
 *    0                 4                   8             12        13         14     15
 *   | service, method | length of the rest| client, number | version 1 | iface | type | result |
 *
 * length: from octet 8 on. Several messages may follow each other. Discovery is message ffff8100.
 */
const types = new Set([
  0x00, 0x01, 0x02, 0x40, 0x41, 0x42, 0x80, 0x81, 0xc0, 0xc1, 0x20, 0x21, 0x22, 0xa0, 0xa1,
])
const headerBytes = 16
const maxResult = 0x5e

function isMessage(bytes: Bytes, at: number): boolean {
  const isKnown = bytes.u8(at + 12) === 1 && types.has(bytes.u8(at + 14))
  return isKnown && bytes.u8(at + 15) <= maxResult && bytes.u32(at) > 0
}

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  let at = 0
  if (flow.transport === 'tcp' && bytes.length < headerBytes)
    return bytes.u16(4) <= 0 ? 'more' : 'no'
  while (at < bytes.length) {
    const length = bytes.u32(at + 4)
    if (length < 8 || !isMessage(bytes, at)) return 'no'
    at += 8 + length
    if (flow.transport === 'tcp') return length < 0x10000 ? 'yes' : 'no'
  }
  return at === bytes.wireLength ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'header and exact length', one: 85 }

export const someIp: Protocol = {
  name: 'some-ip',
  title: 'SOME/IP',
  category: 'industrial',
  transports: ['udp', 'tcp'],
  ports: { udp: [30490] },
  classify: (flow) => agree(flow, look, found),
}

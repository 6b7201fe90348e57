import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Protocol } from './protocol.ts'

/*
 * RFC 4380 §5.1.1, in this order, the first two left out or not:
 *
 *   | 0 1 | id length | authentication length | id | authentication | nonce (8) | confirmation |
 *   | 0 0 | port | address |                              origin, its bits turned round
 *   | IPv6 packet: 6 | ... | payload length (2) | next | hops | source | destination |
 */
const headerBytes = 40

function packetAt(bytes: Bytes): number {
  let at = 0
  if (bytes.u16(at) === 1) at += 13 + bytes.u8(at + 2) + bytes.u8(at + 3)
  if (bytes.u16(at) === 0) at += 8
  return at
}

function look(bytes: Bytes): Look {
  const at = packetAt(bytes)
  if (bytes.u8(at) >> 4 !== 6 || at + headerBytes + bytes.u16(at + 4) !== bytes.wireLength)
    return 'no'
  // Either end has an address of the service's prefix 2001::/32, or asks routers from fe80::/64.
  const prefixes = [bytes.u32(at + 8), bytes.u32(at + 24)]
  return prefixes.some((prefix) => prefix === 0x20010000 || prefix === 0xfe800000) ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'IPv6 of exact length within' }

export const teredo: Protocol = {
  name: 'teredo',
  title: 'Teredo',
  category: 'tunnel',
  transports: ['udp'],
  ports: { udp: [3544] },
  classify: (flow) => agree(flow, look, found),
}

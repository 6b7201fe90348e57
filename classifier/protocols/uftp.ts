import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * UFTP (uftp-multicast.sourceforge.net, "protocol"):
 *
 *    0              1      2          4         8         12         13     14     15
 *   | version 40,50 | type | number  | source  | group   | instance | rtt  | size | 0 |
 *
 * then the message, which repeats the type:  | type | length in words | ...
 */
const headerBytes = 16
const maxType = 20

function look(bytes: Bytes): Look {
  const version = bytes.u8(0)
  const type = bytes.u8(1)
  if ((version !== 0x40 && version !== 0x50) || type < 1 || type > maxType) return 'no'
  const words = bytes.u8(headerBytes + 1)
  const isWithin = words > 0 && headerBytes + 4 * words <= bytes.wireLength
  return bytes.u8(headerBytes) === type && isWithin && bytes.u32(4) > 0 ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  const isOnPort = flow.hasPort(1044)
  return agree(flow, look, { evidence: 'type that is repeated', one: isOnPort ? 90 : 70, both: 90 })
}

export const uftp: Protocol = {
  name: 'uftp',
  title: 'UFTP',
  category: 'file',
  transports: ['udp'],
  ports: { udp: [1044] },
  classify,
}

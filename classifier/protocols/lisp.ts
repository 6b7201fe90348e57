import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 9301 §5, control messages on UDP 4342:
 *
 *   | type (4), flags ... records | nonce (8) | ...
 *
 *   types: 1 map request, 2 reply, 3 register, 4 notify, 8 encapsulated (IP behind 4 octets)
 *
 * Registrations over TCP (draft-kouvelas-lisp-map-server-reliable-transport):
 *
 *   | type (2) | length of all (2) | id (4) | ... | 9f ac ad e9 |
 */
const endMarker = 0x9facade9
const types = new Set([1, 2, 3, 4, 8])

function lookAtDatagram(bytes: Bytes): Look {
  const type = bytes.u8(0) >> 4
  if (!types.has(type) || bytes.wireLength < 12) return 'no'
  if (type === 8) return bytes.u8(4) >> 4 === 4 || bytes.u8(4) >> 4 === 6 ? 'yes' : 'no'
  // Number of records, which are never many.
  return bytes.u8(3) <= 32 && bytes.wireLength >= 16 ? 'yes' : 'no'
}

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (flow.transport === 'udp') return lookAtDatagram(bytes)
  const length = bytes.u16(2)
  if (bytes.length > 1 && (bytes.u16(0) < 16 || bytes.u16(0) > 64)) return 'no'
  if (length < 0 || bytes.length < length) return length > 4096 ? 'no' : 'more'
  return length >= 12 && bytes.u32(length - 4) === endMarker ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  if (!flow.hasPort(4342)) return 'never'
  return agree(flow, look, { evidence: 'control message on its port', one: 80, both: 95 })
}

export const lisp: Protocol = {
  name: 'lisp',
  title: 'LISP',
  category: 'routing',
  transports: ['udp', 'tcp'],
  onPorts: { tcp: [4342], udp: [4342] },
  ports: { udp: [4342, 4341], tcp: [4342] },
  classify,
}

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
/** Address families: none, IPv4, IPv6, MAC, and LISP's own form (RFC 8060). */
const families = new Set([0, 1, 2, 6, 16_387, 16_389])
const types = new Set([1, 2, 3, 4, 8])

function lookAtDatagram(bytes: Bytes): Look {
  const type = bytes.u8(0) >> 4
  if (!types.has(type) || bytes.wireLength < 12) return 'no'
  if (type === 8) return isIp(bytes, 4) ? 'yes' : 'no'
  // Number of records, which are never many.
  if (bytes.u8(3) > 32 || bytes.wireLength < 16) return 'no'
  return isBody(bytes, type) ? 'yes' : 'no'
}

/** An IP packet that fills the datagram. */
function isIp(bytes: Bytes, at: number): boolean {
  const left = bytes.wireLength - at
  if (bytes.u8(at) >> 4 === 4) return bytes.u16(at + 2) === left
  return bytes.u8(at) >> 4 === 6 && bytes.u16(at + 4) + 40 === left
}

/** What stands behind the nonce: who asks, a record, or which key and how long its digest is. */
function isBody(bytes: Bytes, type: number): boolean {
  if (type === 1) return families.has(bytes.u16(12))
  if (type > 2) return (bytes.u16(12) & 0xff) <= 5 && bytes.u16(14) <= 64
  return bytes.u8(3) === 0 || (bytes.u8(17) <= 128 && families.has(bytes.u16(22)))
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

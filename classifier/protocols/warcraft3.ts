import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * W3GS (bnetdocs.org, "Warcraft III"), numbers LE:
 *
 *    0    1     2
 *   | f7 | id  | length of all | ...
 *
 *   ids: 1e join, 04 joined, 09 map, 42 .. ; over UDP 2f search, 30 game, 31 made, 33 gone
 */
const overUdp = new Set([0x2f, 0x30, 0x31, 0x32, 0x33])
const overTcp = new Set([0x01, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x1e, 0x21, 0x3d, 0x42, 0x46])

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  const isTcp = flow.transport === 'tcp'
  if (bytes.u8(0) !== 0xf7) return 'no'
  if (bytes.length > 1 && !(isTcp ? overTcp : overUdp).has(bytes.u8(1))) return 'no'
  const length = bytes.u16le(2)
  if (length < 0) return isTcp ? 'more' : 'no'
  if (!isTcp) return length === bytes.wireLength ? 'yes' : 'no'
  return length >= 4 && length <= 1460 ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'header f7 and length', one: 85 }

const ports = [6112, 6113, 6114, 6115, 6116, 6117, 6118, 6119]

function classify(flow: FlowView): Answer {
  const isOnPort = ports.some((port) => flow.hasPort(port))
  return isOnPort ? agree(flow, look, found) : 'never'
}

export const warcraft3: Protocol = {
  name: 'warcraft3',
  title: 'Warcraft III',
  category: 'games',
  transports: ['tcp', 'udp'],
  begins: [0xf7],
  onPorts: { tcp: ports, udp: ports },
  ports: { tcp: [6112], udp: [6112] },
  classify,
}

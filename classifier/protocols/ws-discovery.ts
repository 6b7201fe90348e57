import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Agreement, Look } from '../wire/look.ts'
import type { FlowView, Protocol } from './protocol.ts'

/*
 * OASIS WS-Discovery 1.1: SOAP in each datagram, with one of these namespaces:
 *
 *   http://schemas.xmlsoap.org/ws/2005/04/discovery
 *   http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01
 */
const namespaces = [
  'schemas.xmlsoap.org/ws/2005/04/discovery',
  'docs.oasis-open.org/ws-dd/ns/discovery',
]

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  const from = bytes.u24(0) === 0xefbbbf ? 3 : 0
  if (bytes.u8(from) !== 0x3c) return 'no'
  if (namespaces.some((text) => bytes.find(text, from) > 0)) return 'yes'
  const isSoap = bytes.find('Envelope', from, Math.min(200, bytes.length)) > 0
  return isSoap && flow.hasPort(3702) ? 'yes' : 'no'
}

const found: Agreement = { evidence: 'SOAP with the namespace of discovery' }

export const wsDiscovery: Protocol = {
  name: 'ws-discovery',
  title: 'WS-Discovery',
  category: 'discovery',
  transports: ['udp'],
  begins: [0x3c, 0xef],
  ports: { udp: [3702] },
  classify: (flow) => agree(flow, look, found),
}

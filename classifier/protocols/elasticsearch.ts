import type { Bytes } from '../../model/bytes.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Elasticsearch and OpenSearch between nodes (TcpTransport); what people ask goes over HTTP:
 *
 *    0     2            6             14       15            19
 *   | ES  | length (4) | request (8) | status | version (4) | ...
 *
 * Status bits: 1 answer, 2 error, 4 compressed, 8 handshake. A length of -1 is a ping.
 */
const largestStatus = 0x0f
const ping = 0xffffffff
const maxBytes = 1 << 30

function look(bytes: Bytes): Look {
  if (!bytes.mayHave('ES')) return 'no'
  if (bytes.length < 6) return 'more'
  const length = bytes.u32(2)
  if (length === ping) return 'yes'
  if (length < 13 || length > maxBytes) return 'no'
  if (bytes.length < 19) return 'more'
  return bytes.u8(14) <= largestStatus && bytes.u8(15) === 0 ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, look, look)
  if (typeof talk === 'string') return talk
  return { confidence: talk.confidence, evidence: 'frame of Elasticsearch' }
}

export const elasticsearch: Protocol = {
  name: 'elasticsearch',
  title: 'Elasticsearch',
  category: 'database',
  transports: ['tcp'],
  begins: 'E',
  ports: { tcp: [9300] },
  classify,
}

import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * OPC 10000-6 §7.1.2:
 *
 *    0                                   3                4
 *   | HEL ACK ERR RHE OPN MSG CLO      | F, C, A         | length of all (4, LE) | ...
 *
 *   HEL: | version | buffers: receive, send | most octets, chunks | length | opc.tcp://.. |
 */
const types = ['HEL', 'ACK', 'ERR', 'RHE', 'OPN', 'MSG', 'CLO']
const urlAt = 32
const maxLength = 0x1000000

function look(bytes: Bytes): Look {
  if (!types.some((type) => bytes.mayHave(type))) return 'no'
  if (bytes.length > 3 && !'FCA'.includes(bytes.text(3, 4))) return 'no'
  if (bytes.length < 8) return 'more'
  const length = bytes.u32le(4)
  return length >= 16 && length < maxLength ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  const answer = agree(flow, look, { evidence: 'message type and length' })
  const { bytes } = flow.client
  if (typeof answer === 'string' || !bytes.has('HEL')) return answer
  const url = bytes.text(urlAt, urlAt + Math.min(255, Math.max(0, bytes.u32le(28))))
  const host = /^opc\.tcp:\/\/([^/:]+)/.exec(url)?.[1]
  return host === undefined ? answer : { ...answer, metadata: { hostname: host.toLowerCase() } }
}

export const opcUa: Protocol = {
  name: 'opc-ua',
  title: 'OPC UA',
  category: 'industrial',
  transports: ['tcp'],
  begins: 'ACEHMOR',
  ports: { tcp: [4840] },
  classify,
}

import type { Bytes } from '../../model/bytes.ts'
import { elementAt, elementsIn } from '../wire/der.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * ANSI C12.22 §5.3, RFC 6142: an ACSE PDU in BER
 *
 *   60 length { a1 .. context, a2 called title, a4 called id, a6 calling title, be user }
 *
 * with titles as | 06, 0d | length | object identifier |.
 */
const parts = new Set([0xa1, 0xa2, 0xa4, 0xa6, 0xa7, 0xa8, 0x8a, 0x8b, 0xac, 0xbe, 0xce])

function look(bytes: Bytes, _fromClient: boolean, flow: FlowView): Look {
  if (bytes.u8(0) !== 0x60) return 'no'
  if (bytes.length < 2) return flow.transport === 'tcp' ? 'more' : 'no'
  const length = bytes.u8(1)
  const size = length < 0x80 ? 2 + length : 2 + (length & 0x7f)
  if (flow.transport === 'tcp' && bytes.length < size) return 'more'
  const whole = elementAt(bytes, 0, bytes.wireLength)
  if (whole === undefined || whole.end > bytes.length) return 'no'
  const elements = elementsIn(bytes, whole, 12)
  const isTitled = elements.some(({ tag }) => tag === 0xa2 || tag === 0xa6)
  const hasUser = elements.some(({ tag }) => tag === 0xbe)
  if (!isTitled || !hasUser || !elements.every(({ tag }) => parts.has(tag))) return 'no'
  return flow.transport === 'tcp' || whole.end === bytes.wireLength ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  const evidence = 'titles and user information in BER'
  return agree(flow, look, flow.hasPort(1153) ? { evidence } : { evidence, one: 60, both: 75 })
}

export const ansiC1222: Protocol = {
  name: 'ansi-c1222',
  title: 'ANSI C12.22',
  category: 'industrial',
  transports: ['udp', 'tcp'],
  begins: '`',
  ports: { udp: [1153], tcp: [1153] },
  classify,
}

import type { Bytes } from '../../model/bytes.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * DRDA volume 3 (The Open Group C114), DB2 and Derby; lengths hold themselves:
 *
 *    0            2    3        4                 6            8
 *   | length (2) | d0 | format | correlation (2) | length (2) | code point (2) | ...
 *
 * The client begins with code point 1041, exchange of server attributes; the server answers with
 * 1443.
 */
const magic = 0xd0
const maxFormat = 0x53

function look(bytes: Bytes): Look {
  const length = bytes.u16(0)
  if (length >= 0 && length < 10) return 'no'
  const mark = bytes.u8(2)
  if (mark !== magic) return mark < 0 ? 'more' : 'no'
  if (bytes.length < 10) return 'more'
  if (bytes.u8(3) > maxFormat || (bytes.u8(3) & 15) === 0 || (bytes.u8(3) & 15) > 5) return 'no'
  const inner = bytes.u16(6)
  // The two lengths differ by the head, but for objects that are larger than it can say.
  return inner === length - 6 && bytes.u16(8) >= 0x1000 ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, look, look)
  if (typeof talk === 'string') return talk
  const first = talk.client.length > 0 ? talk.client : talk.server
  return { confidence: talk.confidence, evidence: `code point ${first.hex(8, 10)}` }
}

export const drda: Protocol = {
  name: 'drda',
  title: 'DRDA (DB2)',
  category: 'database',
  transports: ['tcp'],
  ports: { tcp: [446, 50_000] },
  classify,
}

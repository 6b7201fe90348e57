import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Veeder-Root 576013-635, "Serial interface manual":
 *
 *   | 01 | [security code, 6] | I asks, S sets | function, 5 digits | data | CR LF or ETX |
 *
 * answered by | 01 | the same | time | data | ETX 03 |
 */
const command = /^(\w{6})?[IiSs]\d{5}/

function look(bytes: Bytes): Look {
  if (bytes.u8(0) !== 1) return 'no'
  if (command.test(bytes.text(1, 13))) return 'yes'
  const text = bytes.text(1, 13)
  return bytes.length < 8 && /^[\w]*$/.test(text) ? 'more' : 'no'
}

function classify(flow: FlowView): Answer {
  return agree(flow, look, { evidence: 'function code', one: flow.hasPort(10_001) ? 90 : 70 })
}

export const atg: Protocol = {
  name: 'atg',
  title: 'Tank gauge (Veeder-Root)',
  category: 'industrial',
  transports: ['tcp'],
  begins: [1],
  ports: { tcp: [10001] },
  classify,
}

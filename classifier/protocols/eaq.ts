import type { Bytes } from '../../model/bytes.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Brazil's probe of line quality (Entidade Aferidora da Qualidade), 16 octets each, counting in
 * decimal digits:
 *
 *    0 .. 3              4
 *   | four digits 0 .. 9 | ...
 */
const size = 16
const needed = 4

function numberOf(bytes: Bytes): number {
  let number = 0
  for (let at = 0; at < 4; at++) {
    const digit = bytes.u8(at)
    if (digit < 0 || digit > 9) return -1
    number = 10 * number + digit
  }
  return number
}

function classify(flow: FlowView): Answer {
  if (!flow.hasPort(6000)) return 'never'
  let last = -1
  for (const { bytes } of flow.datagrams) {
    const number = numberOf(bytes)
    if (bytes.wireLength !== size || number < 0) return 'never'
    if (last >= 0 && number !== last && number !== last + 1) return 'never'
    last = number
  }
  if (flow.datagrams.length < needed) return 'more'
  return { confidence: 75, evidence: 'digits that count on its port' }
}

export const eaq: Protocol = {
  name: 'eaq',
  title: 'EAQ (Brazil broadband probe)',
  category: 'monitoring',
  transports: ['udp'],
  begins: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  ports: { udp: [6000] },
  classify,
}

import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 5880 §4.1:
 *
 *    0                            1                       2             3
 *   | version 1 (3)| diagnosis   | state (2) | P F C A D M | multiplier | length of all |
 *
 *    4                8               12 .. 24
 *   | own (4)        | peer's (4)    | three intervals (4) | [authentication] |
 *
 * An echo packet (RFC 5881 §4) holds what its sender likes and is addressed to its sender.
 */
const echoPort = 3785
const ports = [3784, 3785, 4784, 6784, 7784]

function look(bytes: Bytes): Look {
  const size = bytes.wireLength
  if (bytes.u8(0) >> 5 !== 1 || (bytes.u8(0) & 31) > 9 || bytes.u8(3) !== size) return 'no'
  const hasKey = (bytes.u8(1) & 4) !== 0
  if (hasKey ? size < 26 : size !== 24) return 'no'
  return bytes.u8(2) > 0 && bytes.u32(4) > 0 && (bytes.u8(1) & 1) === 0 ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  if (!ports.some((port) => flow.hasPort(port))) return 'never'
  if (flow.hasPort(echoPort)) {
    const [a, b] = flow.sides
    const isOwn = a.w3 === b.w3 && a.w2 === b.w2 && a.w1 === b.w1 && a.w0 === b.w0
    return isOwn ? { confidence: 70, evidence: 'echo that is sent to its sender' } : 'never'
  }
  return agree(flow, look, { evidence: 'control packet of exact length' })
}

export const bfd: Protocol = {
  name: 'bfd',
  title: 'BFD',
  category: 'routing',
  transports: ['udp'],
  ports: { udp: [3784, 3785, 4784, 6784, 7784] },
  classify,
}

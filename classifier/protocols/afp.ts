import type { Bytes } from '../../model/bytes.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Apple Filing Protocol over DSI (Apple Filing Protocol Programming Guide), TCP:
 *
 *    0             1          2        4               8            12           16
 *   | 0 asks      | command  | id (2) | 0 or where    | length (4) | 0 (4)      | as long |
 *   | 1 answers   | command  | id (2) | error code    | length (4) | 0 (4)      |
 *
 * Commands: 1 close, 2 command, 3 status, 4 open, 5 tickle, 6 write, 8 attention.
 */
const commands = new Set([1, 2, 3, 4, 5, 6, 8])
const [status, open] = [3, 4]
const maxBytes = 1 << 24
const headBytes = 16

function lookAs(flag: 0 | 1): (bytes: Bytes) => Look {
  return (bytes) => {
    // Either side may send tickles and ask for attention first.
    if (bytes.u8(0) !== flag && !(bytes.u8(0) === 0 && bytes.u8(1) >= 5)) return 'no'
    if (bytes.length >= 2 && !commands.has(bytes.u8(1))) return 'no'
    if (bytes.length < headBytes) return 'more'
    const length = bytes.u32(8)
    if (bytes.u32(12) !== 0 || length > maxBytes) return 'no'
    if (flag === 1) return 'more'
    const begins = bytes.u8(1) === status || bytes.u8(1) === open
    return begins && bytes.u32(4) === 0 && length <= 64 ? 'yes' : 'more'
  }
}

const request = lookAs(0)
const reply = lookAs(1)

function classify(flow: FlowView): Answer {
  const isUsual = flow.hasPort(548)
  const talk = agreement(flow, request, reply, isUsual ? 90 : 70)
  if (typeof talk === 'string' && (talk === 'never' || !isUsual || !flow.isLast)) return talk
  const [client, server] = flow.sides
  const areBoth = client.bytes.length >= headBytes && server.bytes.length >= headBytes
  const isAnswered = areBoth && client.bytes.u16(2) === server.bytes.u16(2)
  if (areBoth && !isAnswered && !isUsual) return 'never'
  return { confidence: isAnswered ? 100 : isUsual ? 90 : 70, evidence: 'head of DSI' }
}

export const afp: Protocol = {
  name: 'afp',
  title: 'Apple Filing Protocol',
  category: 'file',
  transports: ['tcp'],
  begins: [0, 1],
  ports: { tcp: [548] },
  classify,
}

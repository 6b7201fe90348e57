import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * "Modbus messaging on TCP/IP implementation guide" §3.1.3:
 *
 *    0              2             4         6       7
 *   | transaction  | protocol 0  | length  | unit  | function, 80 added where it failed | ...
 *
 * length: what is behind octet 6.
 */
/** Schneider's programming of controllers, a function of its own. */
const umas = 0x5a
const functions = new Set([
  1,
  2,
  3,
  4,
  5,
  6,
  7,
  8,
  11,
  12,
  15,
  16,
  17,
  20,
  21,
  22,
  23,
  24,
  43,
  umas,
])
const maxLength = 254

function isMessage(bytes: Bytes, at: number): boolean {
  const length = bytes.u16(at + 4)
  if (bytes.u16(at + 2) !== 0 || length < 2 || length > maxLength) return false
  return functions.has(bytes.u8(at + 7) & 0x7f)
}

function look(bytes: Bytes, fromClient: boolean, flow: FlowView): Look {
  if (bytes.length < 8) {
    const isCut = flow.transport === 'tcp' && bytes.mayHave('\0\0', 2)
    return isCut && bytes.u8(4) <= 0 ? 'more' : 'no'
  }
  if (!isMessage(bytes, 0)) return 'no'
  const end = 6 + bytes.u16(4)
  if (flow.transport === 'udp') return end === bytes.wireLength ? 'yes' : 'no'
  const { firstSize } = fromClient ? flow.client : flow.server
  // What follows, requests that are not waited for, must be messages as well.
  if (bytes.length >= end + 8 && !isMessage(bytes, end)) return 'no'
  return firstSize < 8 || firstSize <= end || isMessage(bytes, end) ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  const evidence = 'MBAP header and length'
  const found = flow.hasPort(502) ? { evidence } : { evidence, one: 50, both: 85 }
  const answer = agree(flow, look, found)
  const isUmas = flow.sides.some(({ bytes }) => bytes.u8(7) === umas)
  return typeof answer === 'object' && isUmas ? { ...answer, protocol: 'umas' } : answer
}

export const modbus: Protocol = {
  name: 'modbus',
  title: 'Modbus/TCP',
  category: 'industrial',
  transports: ['tcp', 'udp'],
  ports: { tcp: [502], udp: [502] },
  variants: { umas: 'UMAS (Schneider)' },
  classify,
}

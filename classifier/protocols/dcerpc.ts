import type { Bytes } from '../../model/bytes.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * DCE 1.1 RPC (The Open Group C706) §12.6, over TCP; numbers in the order that the representation
 * says (10 little endian):
 *
 *    0   1           2      3       4                    8            10           12
 *   | 5 | 0 or 1    | type | flags | representation (4) | length (2) | auth (2)   | call (4) |
 *
 * §12.5, over UDP, the length being that of what follows the head of 80 octets:
 *
 *    0   1      2       3       4                    7        8 .. 73     74           76
 *   | 4 | type | flags | flags | representation (3) | serial | three ids | length (2) | ...
 */
const headBytes = 16
const udpHeadBytes = 80
const lastType = 19
const bind = 11

const isLittle = (octet: number): boolean => (octet & 0x10) !== 0
/** Characters are ASCII (0): nobody sends EBCDIC, and Cassandra's operation stands there. */
const isRepresentation = (bytes: Bytes, at: number): boolean =>
  (bytes.u8(at) & 0xef) === 0 && bytes.u8(at + 1) <= 3

function look(bytes: Bytes): Look {
  if (bytes.u8(0) !== 5 || bytes.u8(1) > 1) return 'no'
  if (bytes.length < headBytes) return bytes.u8(2) > lastType ? 'no' : 'more'
  if (bytes.u8(2) > lastType || !isRepresentation(bytes, 4) || bytes.u16(6) !== 0) return 'no'
  const isLow = isLittle(bytes.u8(4))
  const length = isLow ? bytes.u16le(8) : bytes.u16(8)
  const auth = isLow ? bytes.u16le(10) : bytes.u16(10)
  return length >= headBytes && auth < length ? 'yes' : 'no'
}

function classifyUdp(flow: FlowView): Answer {
  const [first] = flow.datagrams
  if (first === undefined) return 'never'
  const { bytes } = first
  if (bytes.u8(0) !== 4 || bytes.u8(1) > lastType || bytes.u8(3) > 3) return 'never'
  if (!isRepresentation(bytes, 4)) return 'never'
  const length = isLittle(bytes.u8(4)) ? bytes.u16le(74) : bytes.u16(74)
  if (length < 0 || length + udpHeadBytes !== bytes.wireLength) return 'never'
  return { confidence: 90, evidence: `datagram type ${bytes.u8(1)} with its exact length` }
}

function classify(flow: FlowView): Answer {
  if (flow.transport === 'udp') return classifyUdp(flow)
  const talk = agreement(flow, look, look, 90)
  if (typeof talk === 'string') return talk
  const first = talk.client.length > 0 ? talk.client : talk.server
  const type = first.u8(2)
  return { confidence: talk.confidence, evidence: type === bind ? 'bind' : `packet type ${type}` }
}

export const dcerpc: Protocol = {
  name: 'dcerpc',
  title: 'DCE RPC',
  category: 'middleware',
  transports: ['tcp', 'udp'],
  begins: [4, 5],
  ports: { tcp: [135] },
  classify,
}

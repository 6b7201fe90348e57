import type { Bytes } from '../../model/bytes.ts'
import { agree } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Match, Protocol } from './protocol.ts'

/*
 * RFC 7296 §3.1, and RFC 2408 §3.1 for version 1:
 *
 *    0            8            16             17        18         19      20           24
 *   | SPI of the  | SPI of the | next payload | version | exchange | flags | id | length (4) |
 *   | initiator   | responder  |              | 10, 20  |          |       |            |
 *
 * On port 4500 four zeros stand before it (RFC 3948 §2.2). ESP follows there, its SPI and sequence
 * first, and single octets ff keep the mapping. Over TCP (RFC 9329): | IKETCP | length | message |.
 */
const headerBytes = 28
const exchanges1 = new Set([1, 2, 3, 4, 5, 6, 32, 33])
const exchanges2 = new Set([34, 35, 36, 37, 38, 39, 40, 41, 43, 44])
const maxEspSequence = 0x100000

function isMessage(bytes: Bytes, at: number, end: number): boolean {
  const version = bytes.u8(at + 17)
  const exchange = bytes.u8(at + 18)
  if (bytes.u32(at) === 0 && bytes.u32(at + 4) === 0) return false
  if (version >> 4 === 1 ? !exchanges1.has(exchange) : !exchanges2.has(exchange)) return false
  if (version >> 4 !== 1 && version >> 4 !== 2) return false
  if ((version & 15) > 1) return false
  const length = bytes.u32(at + 24)
  return length >= headerBytes && at + length === end
}

function lookAtDatagram(bytes: Bytes, flow: FlowView): Look {
  if (isMessage(bytes, 0, bytes.wireLength)) return 'yes'
  if (bytes.u32(0) === 0) return isMessage(bytes, 4, bytes.wireLength) ? 'yes' : 'no'
  // ESP and keepalives, once IKE or the port has told what they are.
  return flow.hasPort(4500) || flow.datagrams.length > 1 ? 'more' : 'no'
}

function look(bytes: Bytes, fromClient: boolean, flow: FlowView): Look {
  if (flow.transport === 'udp') return lookAtDatagram(bytes, flow)
  if (!fromClient) return 'more'
  return bytes.has('IKETCP') ? 'yes' : bytes.mayHave('IKETCP') ? 'more' : 'no'
}

/** ESP on port 4500: each direction keeps its SPI, and counts from 1 on. */
function espIn(flow: FlowView): Match | undefined {
  if (!flow.hasPort(4500) || flow.transport !== 'udp') return undefined
  const esp = flow.datagrams.filter(({ bytes }) => bytes.wireLength > 1)
  const [first] = esp
  if (first === undefined || esp.length < 2) return undefined
  const spi = first.bytes.u32(0)
  const same = esp.filter(({ bytes, fromClient }) =>
    fromClient === first.fromClient ? bytes.u32(0) === spi : bytes.u32(0) > 255
  )
  if (spi < 256 || same.length < esp.length) return undefined
  const numbers = same.filter((d) => d.fromClient === first.fromClient).map((d) => d.bytes.u32(4))
  const isCounting = numbers.every((n, i) => i === 0 || n > (numbers[i - 1] ?? 0))
  if (!isCounting || numbers.length < 2) return undefined
  const isFromStart = (numbers[0] ?? 0) < maxEspSequence
  const evidence = 'SPI kept and sequence counting on port 4500'
  return { confidence: isFromStart ? 75 : 60, evidence, protocol: 'ipsec' }
}

function classify(flow: FlowView): Answer {
  const answer = agree(flow, look, { evidence: 'IKE header and exact length' })
  return answer === 'more' ? (espIn(flow) ?? 'more') : answer
}

export const ike: Protocol = {
  name: 'ike',
  title: 'IKE',
  category: 'vpn',
  transports: ['udp', 'tcp'],
  begins: { tcp: 'I' },
  ports: { udp: [500, 4500], tcp: [4500] },
  variants: { ipsec: 'IPsec ESP in UDP' },
  classify,
}

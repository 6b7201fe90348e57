import type { Bytes } from '../../model/bytes.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * TeamViewer has not published its protocol; its messages begin over TCP, both sides,
 *
 *    0       2         3                        5
 *   | 17 24 | command | length of the rest (2)  | ...
 *
 *    0       2         3   4                        8          24
 *   | 11 30 | command | 0 | length of the rest (4) | ... (16) | ...
 *
 * and over UDP, port 5938, carry the first behind a head of eleven octets that begins with a zero.
 * Lengths begin with their lowest octet. Over TCP messages follow each other without a gap.
 */
const port = 5938
const magics: ReadonlySet<number> = new Set([0x1724, 0x1130])
const largestCommand = 0x60
const shortHead = 5
const longHead = 24
const udpHead = 11
/** What says first who it is says it in few octets. */
const largestFirst = 0x1000

function look(bytes: Bytes): Look {
  const first = bytes.u8(0)
  if (first !== 0x17 && first !== 0x11) return 'no'
  if (bytes.length > 1 && !magics.has(bytes.u16(0))) return 'no'
  if (bytes.length > 2 && bytes.u8(2) > largestCommand) return 'no'
  if (bytes.length < (first === 0x17 ? shortHead : 8)) return 'more'
  if (first === 0x11 && bytes.u8(3) !== 0) return 'no'
  const whole = first === 0x17 ? bytes.u16le(3) + shortHead : bytes.u32le(4) + longHead
  if (whole > largestFirst) return 'no'
  if (bytes.length < whole) return 'more'
  if (bytes.length < whole + 2) return 'yes'
  return magics.has(bytes.u16(whole)) ? 'yes' : 'no'
}

function classifyUdp(flow: FlowView): Answer {
  let count = 0
  for (const { bytes } of flow.datagrams) {
    if (bytes.u8(0) !== 0 || bytes.u16(udpHead) !== 0x1724) return 'never'
    if (bytes.u16le(udpHead + 3) + udpHead + shortHead !== bytes.wireLength) return 'never'
    count++
  }
  if (flow.hasPort(port))
    return { confidence: 90, evidence: 'magic and length at the port of TeamViewer' }
  return count > 1 ? { confidence: 80, evidence: 'magic and length in each datagram' } : 'more'
}

function classify(flow: FlowView): Answer {
  if (flow.transport === 'udp') return classifyUdp(flow)
  const talk = agreement(flow, look, look, flow.hasPort(port) ? 90 : 50)
  if (typeof talk === 'string') return talk
  const { confidence } = talk
  return { confidence, evidence: 'magic and lengths of TeamViewer', application: 'teamviewer' }
}

export const teamviewer: Protocol = {
  name: 'teamviewer',
  title: 'TeamViewer',
  category: 'remote-access',
  transports: ['tcp', 'udp'],
  begins: { tcp: [0x11, 0x17], udp: [0x00] },
  ports: { tcp: [port], udp: [port] },
  classify,
}

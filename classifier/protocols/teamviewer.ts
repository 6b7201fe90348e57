import type { Bytes } from '../../model/bytes.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * TeamViewer has not published its protocol; its messages begin over TCP, both sides,
 *
 *   | 17 24 | command | ... |         | 11 30 | command | ... |
 *
 * and over UDP, port 5938, carry the same behind a head of eleven octets that begins with a zero.
 */
const port = 5938
const magics: ReadonlySet<number> = new Set([0x1724, 0x1130])
const largestCommand = 0x60

function look(bytes: Bytes): Look {
  const first = bytes.u8(0)
  if (first !== 0x17 && first !== 0x11) return 'no'
  if (bytes.length < 3) return bytes.length < 2 || magics.has(bytes.u16(0)) ? 'more' : 'no'
  return magics.has(bytes.u16(0)) && bytes.u8(2) <= largestCommand ? 'yes' : 'no'
}

function classifyUdp(flow: FlowView): Answer {
  let count = 0
  for (const { bytes } of flow.datagrams) {
    if (bytes.u8(0) !== 0 || bytes.u16(11) !== 0x1724) return 'never'
    count++
  }
  if (flow.hasPort(port)) return { confidence: 90, evidence: 'magic at the port of TeamViewer' }
  return count > 1 ? { confidence: 80, evidence: 'magic in each datagram' } : 'more'
}

function classify(flow: FlowView): Answer {
  if (flow.transport === 'udp') return classifyUdp(flow)
  const talk = agreement(flow, look, look, flow.hasPort(port) ? 90 : 50)
  if (typeof talk === 'string') return talk
  const { confidence } = talk
  return { confidence, evidence: 'magic of TeamViewer', application: 'teamviewer' }
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

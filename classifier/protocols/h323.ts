import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Calls, ITU-T H.225.0 §7, in Q.931 over TPKT (RFC 1006), TCP 1720:
 *
 *    0   1   2            4   5   6         8      9
 *   | 3 | 0 | length (2) | 8 | 2 | call ref | type | elements: code, length, value ... |
 *
 * 6c calling number, 70 called number, 7e user-user, whose length has two octets and whose first
 * octet is 5. Gatekeepers, §7.4 (RAS), UDP 1719, in PER: what asks carries the identifier of the
 * protocol, 0.0.8.2250.0.version, near its beginning.
 */
const messageTypes = new Set([
  0x01, 0x02, 0x03, 0x05, 0x07, 0x0d, 0x0f, 0x5a, 0x62, 0x6e, 0x75, 0x7b, 0x7d,
])
const protocolId = '\u0006\u0000\u0008\u0091\u004a\u0000'
const controlId = '\u0006\u0000\u0008\u0081\u0075\u0000'
const rasPort = 1719
const maxElements = 24

/** Media are agreed on in H.245, in PER over TPKT; its first message carries its identifier. */
const isControl = (bytes: Bytes): boolean =>
  bytes.u8(4) === 2 && bytes.find(controlId, 6, Math.min(24, bytes.length)) > 0

function look(bytes: Bytes): Look {
  if (!bytes.mayHave('\u0003\u0000')) return 'no'
  if (bytes.u8(4) === 2) return bytes.length < 16 ? 'more' : isControl(bytes) ? 'yes' : 'no'
  if (bytes.length <= 4) return 'more'
  if (bytes.length < 9) return bytes.mayHave('\u0008\u0002', 4) ? 'more' : 'no'
  if (bytes.u16(2) < 9 || !bytes.has('\u0008\u0002', 4)) return 'no'
  return messageTypes.has(bytes.u8(8)) ? 'yes' : 'no'
}

/** Digits of a number: behind one octet, or two where the first has its high bit clear. */
function numberAt(bytes: Bytes, from: number, to: number): string {
  return bytes.text(from + (bytes.u8(from) < 0x80 ? 2 : 1), to).replaceAll(/[^\d*#+]/g, '')
}

function numbersOf(bytes: Bytes): Metadata {
  let [callFrom, callTo] = ['', '']
  let at = 9
  for (let i = 0; i < maxElements && at < bytes.length; i++) {
    const code = bytes.u8(at)
    if (code >= 0x80) {
      at++
      continue
    }
    if (code === 0x7e) break
    const end = at + 2 + bytes.u8(at + 1)
    if (code === 0x6c) callFrom = numberAt(bytes, at + 2, end)
    // A called number has one octet before its digits.
    if (code === 0x70) callTo = bytes.text(at + 3, end).replaceAll(/[^\d*#+]/g, '')
    at = end
  }
  return { ...(callFrom === '' ? {} : { callFrom }), ...(callTo === '' ? {} : { callTo }) }
}

function classifyUdp(flow: FlowView): Answer {
  for (const { bytes } of flow.datagrams) {
    const at = bytes.find(protocolId, 0, 16)
    if (at >= 2) return { confidence: 90, evidence: 'RAS with the identifier of H.225.0' }
  }
  return flow.hasPort(rasPort) ? 'more' : 'never'
}

function classify(flow: FlowView): Answer {
  if (flow.transport === 'udp') return classifyUdp(flow)
  const talk = agreement(flow, look, look)
  if (typeof talk === 'string') return talk
  const { client, server, confidence } = talk
  return {
    confidence,
    evidence: isControl(client) || isControl(server) ? 'H.245' : 'Q.931 message over TPKT',
    metadata: client.length > 0 ? numbersOf(client) : numbersOf(server),
  }
}

export const h323: Protocol = {
  name: 'h323',
  title: 'H.323',
  category: 'voip',
  transports: ['tcp', 'udp'],
  begins: { tcp: [0x03] },
  ports: { tcp: [1720], udp: [rasPort] },
  classify,
}

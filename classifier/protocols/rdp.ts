import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import { tlsWithin } from '../wire/tls-within.ts'
import {
  connectionConfirm,
  connectionRequest,
  mayBeConnection,
  readConnection,
} from '../wire/tpkt.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * MS-RDPBCGR §2.2.1.1, in a connection request of X.224 (../wire/tpkt.ts):
 *
 *   | "Cookie: mstshash=alice" CR LF | 1 | flags | 8, 0 | protocols (4, little endian) |
 *
 * either may lack; a routing token may stand for the cookie ("Cookie: msts=..."). §2.2.1.2, the
 * confirm: | 2 | flags | 8, 0 | protocol chosen |, or 3 and why not. Protocols: 0 RDP's own, 1 TLS,
 * 2 CredSSP over TLS, 8 with user name, 10h Entra.
 *
 * MS-RDPEUDP §2.2.2, UDP, padded to the size that the way is tried for:
 *
 *   | ffffffff | window (2) | flags, 1 is SYN (2) | number (4) | there (2) | back (2) | zeros |
 */
const port = 3389
const cookie = /^Cookie: mstshash=([^\r\n]*)\r\n/
const maxFrame = 1024
const smallestUnit = 1132
const largestUnit = 1232

function negotiation(bytes: Bytes, from: number, end: number, kinds: readonly number[]): boolean {
  return end - from >= 8 && kinds.includes(bytes.u8(from)) && bytes.u16le(from + 2) === 8
}

function request(bytes: Bytes): Look {
  if (!mayBeConnection(bytes, connectionRequest)) return 'no'
  if (bytes.length < 11) return 'more'
  const frame = readConnection(bytes)
  if (frame === undefined || frame.end > maxFrame) return 'no'
  if (frame.end > bytes.length) return 'more'
  if (bytes.has('Cookie: msts', 11)) return 'yes'
  if (negotiation(bytes, 11, frame.end, [1])) return 'yes'
  // Clients before negotiation send the bare frame, as other users of X.224 do.
  return frame.end === 11 ? 'more' : 'no'
}

function confirm(bytes: Bytes): Look {
  if (!mayBeConnection(bytes, connectionConfirm)) return 'no'
  if (bytes.length < 11) return 'more'
  const frame = readConnection(bytes)
  if (frame === undefined) return 'no'
  if (frame.end > bytes.length) return 'more'
  if (negotiation(bytes, 11, frame.end, [2, 3])) return 'yes'
  return frame.end === 11 ? 'more' : 'no'
}

function metadataOf(client: Bytes): Metadata {
  const frame = readConnection(client)
  if (frame === undefined) return {}
  const userName = cookie.exec(client.text(11, frame.end))?.[1]
  const hello = tlsWithin(client, frame.end)
  return { ...(userName === undefined ? {} : { userName }), ...hello }
}

function classifyTcp(flow: FlowView): Answer {
  const talk = agreement(flow, request, confirm)
  if (talk === 'never') return 'never'
  if (talk === 'more') {
    const isUsual = flow.isLast && flow.hasPort(port)
    return isUsual ? { confidence: 70, evidence: 'X.224 connection at the port of RDP' } : 'more'
  }
  const { client, server, confidence } = talk
  const chosen = server.u8(11) === 2 ? server.u32le(15) : -1
  const metadata = metadataOf(client)
  return {
    confidence,
    evidence: chosen < 0 ? 'request with negotiation' : `negotiation, protocol ${chosen} chosen`,
    metadata,
    // RDP's own security has no proof of who the server is.
    risks: chosen === 0 ? ['weak-cipher'] : [],
    more: metadata.ja3 === undefined && chosen !== 0,
  }
}

function classifyUdp(flow: FlowView): Answer {
  const [first] = flow.datagrams
  if (first === undefined) return 'never'
  const { bytes } = first
  const units = [bytes.u16(12), bytes.u16(14)]
  const isSyn = (bytes.u16(6) & 1) === 1 && bytes.u32(0) === 0xffffffff
  if (!isSyn || units.some((unit) => unit < smallestUnit || unit > largestUnit)) return 'never'
  return { confidence: 90, evidence: 'SYN of RDP over UDP' }
}

export const rdp: Protocol = {
  name: 'rdp',
  title: 'RDP',
  category: 'remote-access',
  transports: ['tcp', 'udp'],
  begins: { tcp: [0x03], udp: [0xff] },
  ports: { tcp: [port], udp: [port] },
  classify: (flow) => (flow.transport === 'tcp' ? classifyTcp(flow) : classifyUdp(flow)),
}

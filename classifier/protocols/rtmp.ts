import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { hostOf } from '../wire/http-head.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Adobe's RTMP specification 1.0 §5.2, both sides alike:
 *
 *    0         1          5               9           1537                3073
 *   | 3 or 6  | time (4) | 0 or version  | random .. | what the other sent | chunks ...
 *
 * The client waits for the server's first 1537 octets before it sends more than 1537. In the chunks
 * (§7.2.1.1) its first command is `connect`, whose `tcUrl` says where to.
 */
const plain = 3
const encrypted = 6
const firstPart = 1537
const chunksAt = 3073

function look(bytes: Bytes): Look {
  const kind = bytes.u8(0)
  if (kind !== plain && kind !== encrypted) return 'no'
  // A frame of TPKT begins with 3 as well.
  if (bytes.u16(0) === 0x0300 && bytes.u16(2) === bytes.length) return 'no'
  return bytes.length < firstPart ? 'more' : 'yes'
}

function targetOf(client: Bytes): Metadata {
  const at = client.find('tcUrl\u0002', chunksAt)
  if (at < 0) return {}
  const url = client.text(at + 8, at + 8 + Math.max(0, client.u16(at + 6)))
  const authority = /^rtmp[a-z]*:\/\/([^/]*)/.exec(url)?.[1]
  return authority === undefined ? {} : { hostname: hostOf(authority), httpUrl: url }
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, look, look, 70)
  if (typeof talk === 'string') return talk
  const { client, server, confidence } = talk
  const alone = client.length > 0 ? client : server
  // Versions stand there in newer clients; a zero, or the port, must speak for one side alone.
  if (confidence < 100 && alone.u32(5) !== 0 && !flow.hasPort(1935)) return 'never'
  const metadata = targetOf(client)
  return {
    confidence,
    evidence: server.length > 0 ? 'handshake of both sides' : 'handshake of the client',
    metadata,
    more: metadata.hostname === undefined,
  }
}

export const rtmp: Protocol = {
  name: 'rtmp',
  title: 'RTMP',
  category: 'streaming',
  transports: ['tcp'],
  begins: [3, 6],
  ports: { tcp: [1935] },
  classify,
}

import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { isSameUtp, readUtp } from '../wire/utp.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Peers (BEP 3), over TCP or within uTP (../wire/utp.ts):
 *
 *   | 19 | "BitTorrent protocol" | extensions (8) | info hash (20) | peer id (20) |
 *
 * DHT (BEP 5), one bencoded dictionary a datagram; its keys are sorted:
 *
 *   d 1:a d 2:id 20:... e 1:q 9:find_node 1:t 2:xx 1:y 1:q e      y: q question, r reply, e error
 *
 * Trackers over UDP (BEP 15): | 0000 0417 2710 1980 | action 0 | transaction (4) |, answered by
 * | action 0 | transaction | connection (8) |. Local discovery (BEP 14): "BT-SEARCH * HTTP/1.1".
 * Trackers over HTTP are told by http.ts.
 */
const greeting = '\u0013BitTorrent protocol'
const trackerMagic = '\u0000\u0000\u0004\u0017\u0027\u0010\u0019\u0080'
const lowestPort = 1024

const hashAt = (bytes: Bytes, at: number): Metadata =>
  bytes.length >= at + 20 ? { infoHash: bytes.hex(at, at + 20) } : {}

function classifyTcp(flow: FlowView): Answer {
  for (const { bytes } of flow.sides) if (!bytes.mayHave(greeting)) return 'never'
  const spoken = flow.sides.filter(({ bytes }) => bytes.has(greeting))
  const [first] = spoken
  if (first === undefined) return 'more'
  return {
    confidence: spoken.length === 2 ? 100 : 95,
    evidence: 'greeting of a peer',
    metadata: hashAt(first.bytes, 28),
  }
}

/** A dictionary with what each message of the DHT must have. */
function isDht(bytes: Bytes): boolean {
  if (bytes.u8(0) !== 0x64) return false
  const isWhole = bytes.length === bytes.wireLength
  if (isWhole && bytes.u8(bytes.length - 1) !== 0x65) return false
  const starts = ['d1:ad2:id20:', 'd1:rd2:id20:', 'd1:el', 'd2:ip6:', 'd2:ip18:', 'd1:v']
  if (!starts.some((start) => bytes.has(start))) return false
  const kind = bytes.find('1:y1:')
  return kind > 0 ? 'qre'.includes(bytes.text(kind + 5, kind + 6)) : !isWhole
}

function dhtMetadata(bytes: Bytes): Metadata {
  const at = bytes.find('9:info_hash20:')
  return at < 0 ? {} : hashAt(bytes, at + 14)
}

function classifyUdp(flow: FlowView): Answer {
  const [first] = flow.datagrams
  if (first === undefined) return 'never'
  const { bytes } = first
  if (isDht(bytes)) return { confidence: 95, evidence: 'DHT', metadata: dhtMetadata(bytes) }
  if (bytes.has(trackerMagic) && bytes.wireLength >= 16 && bytes.u32(8) === 0) {
    return { confidence: 95, evidence: 'question to a tracker' }
  }
  if (bytes.has('BT-SEARCH * HTTP/1.1\r\n')) {
    return { confidence: 95, evidence: 'local discovery', metadata: localHash(bytes) }
  }
  return utp(flow)
}

function localHash(bytes: Bytes): Metadata {
  const hash = /\r\ninfohash: *([0-9a-f]{40})\r\n/i.exec(bytes.text(0, 600))?.[1]
  return hash === undefined ? {} : { infoHash: hash.toLowerCase() }
}

/** uTP has no magic: all of a flow's packets must be of one connection, and of two at least. */
function utp(flow: FlowView): Answer {
  if (flow.client.port < lowestPort || flow.server.port < lowestPort) return 'never'
  const packets = flow.datagrams.map(({ bytes }) => readUtp(bytes))
  const [first, second] = packets
  if (first === undefined || packets.includes(undefined)) return 'never'
  const greeted = packets.find((packet) => packet?.carries.has(greeting))
  if (greeted !== undefined) {
    return { confidence: 100, evidence: 'peer in uTP', metadata: hashAt(greeted.carries, 28) }
  }
  if (second === undefined) return 'more'
  const sameDirection = flow.datagrams[0]?.fromClient === flow.datagrams[1]?.fromClient
  if (!isSameUtp(first, second, sameDirection)) return 'never'
  return { confidence: sameDirection ? 70 : 75, evidence: 'uTP, one connection' }
}

export const bittorrent: Protocol = {
  name: 'bittorrent',
  title: 'BitTorrent',
  category: 'file-sharing',
  transports: ['tcp', 'udp'],
  ports: { tcp: [6881, 6882, 6883, 6884, 6885, 6886, 6887, 6888, 6889], udp: [6881] },
  classify: (flow) => (flow.transport === 'tcp' ? classifyTcp(flow) : classifyUdp(flow)),
}

import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement, lookFor } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * Cassandra's native protocol, versions 1 to 5; in versions 1 and 2 the stream is one octet:
 *
 *    0                1       2          4           5            9
 *   | 03, 83 answer  | flags | stream   | operation | length (4) | ...
 *
 * The client begins with operation 1, start, a map of texts ("CQL_VERSION"), or 5, what do you
 * know; the server answers with 0 error, 2 ready, 3 log in, 6 what it knows.
 */
const requests = new Set([1, 4, 5, 7, 9, 0x0a, 0x0b, 0x0d, 0x0f])
const replies = new Set([0, 2, 3, 6, 8, 0x0c, 0x0e, 0x10])
const maxBody = 1 << 28
const newest = 5
const largestFlags = 0x1f

/** Octets of the head. */
const headBytes = (version: number): number => (version >= 3 ? 9 : 8)

function lookAt(bytes: Bytes, isReply: boolean): Look {
  const version = bytes.u8(0) & 0x7f
  if (bytes.u8(0) >= 0x80 !== isReply || version < 1 || version > newest) return 'no'
  if (bytes.u8(1) > largestFlags) return 'no'
  const head = headBytes(version)
  if (bytes.length < head) return 'more'
  const operation = bytes.u8(head - 5)
  const length = bytes.u32(head - 4)
  if (!(isReply ? replies : requests).has(operation) || length > maxBody) return 'no'
  if (operation === 5 && length !== 0) return 'no'
  if (operation === 1 && bytes.length >= head + 4 && !isStart(bytes, head)) return 'no'
  return bytes.length < head + length && length < 512 ? 'more' : 'yes'
}

/** A map of at most 16 texts, the first key in capitals. */
const isStart = (bytes: Bytes, at: number): boolean =>
  bytes.u16(at) >= 1 &&
  bytes.u16(at) <= 16 &&
  bytes.u16(at + 2) <= 64 &&
  /^[A-Z]?$/.test(bytes.text(at + 4, at + 5))

function metadataOf(client: Bytes): Metadata {
  const at = client.find('DRIVER_NAME', 0, 512)
  if (at < 0) return {}
  const length = client.u16(at + 11)
  const software = length > 0 && length < 128 ? client.utf8(at + 13, at + 13 + length) : ''
  return software === '' ? {} : { software }
}

/*
 * Between nodes who connects begins with this (HandshakeProtocol of Cassandra 4, before it
 * OutboundTcpConnection), and is answered with a version in four octets:
 *
 *    0             4          5          6             7       8
 *   | ca 55 2d fa | newest   | oldest   | version (1) | flags | octets of address | address, port |
 *
 * Before version 12 the newest and the oldest are 0, and nothing follows.
 */
const nodeMagic = '\u00ca\u0055\u002d\u00fa'
const newestOfNodes = 31
const firstWithAddress = 12
const largestNodeFlags = 0x3f
/** Octets of an address of version 4 or 6, with the port and without. */
const addressBytes = new Set([4, 6, 16, 18])

function lookForNode(bytes: Bytes): Look {
  const begins = lookFor(bytes, nodeMagic)
  if (begins !== 'yes') return begins
  if (bytes.length < 8) return 'more'
  const version = bytes.u8(6)
  const [most, least] = [bytes.u8(4), bytes.u8(5)]
  if (version < 1 || version > newestOfNodes || bytes.u8(7) > largestNodeFlags) return 'no'
  if (most === 0) return least === 0 ? 'yes' : 'no'
  if (most < firstWithAddress || most > newestOfNodes || least < 1 || least > most) return 'no'
  if (bytes.length === 8) return 'more'
  return addressBytes.has(bytes.u8(8)) ? 'yes' : 'no'
}

function lookForAnswer(bytes: Bytes): Look {
  if (bytes.length < 4) return bytes.u8(0) === 0 ? 'more' : 'no'
  return bytes.u32(0) >= 1 && bytes.u32(0) <= newestOfNodes ? 'yes' : 'no'
}

function classify(flow: FlowView): Answer {
  const nodes = agreement(flow, lookForNode, lookForAnswer, 95)
  // Who answers alone says no more than a small number.
  if (typeof nodes === 'object') {
    return nodes.client.length === 0 ? 'more' : { confidence: 95, evidence: 'node to node' }
  }
  const talk = agreement(
    flow,
    (bytes) => lookAt(bytes, false),
    (bytes) => lookAt(bytes, true),
    70
  )
  if (talk === 'never') return nodes
  if (talk === 'more') return 'more'
  const { client, server } = talk
  const isTold = client.find('CQL_VERSION', 0, 128) > 0 || server.find('CQL_VERSION', 0, 128) > 0
  // Small numbers in one direction are too little.
  if (!isTold && talk.confidence < 100 && !flow.hasPort(9042)) return 'never'
  return {
    confidence: isTold ? Math.max(90, talk.confidence) : talk.confidence,
    evidence: `frame of version ${(client.length > 0 ? client : server).u8(0) & 0x7f}`,
    metadata: metadataOf(client),
  }
}

export const cassandra: Protocol = {
  name: 'cassandra',
  title: 'Cassandra',
  category: 'database',
  transports: ['tcp'],
  begins: [0, 1, 2, 3, 4, 5, 0x81, 0x82, 0x83, 0x84, 0x85, 0xca],
  ports: { tcp: [9042] },
  classify,
}

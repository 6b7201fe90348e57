import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import { tlsWithin } from '../wire/tls-within.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * MySQL and MariaDB, client/server protocol, connection phase; numbers are little endian. The
 * server greets:
 *
 *    0            3   4    5                  then
 *   | length (3) | 0 | 10 | "8.0.36" 0      | thread (4) | 8 octets | 0 | capabilities (2) | ...
 *
 * or refuses: | length | 0 | ff | code (2) | ["#" state] text |. The client answers, or asks for
 * TLS first with the same packet without a name, 32 octets long:
 *
 *   | length (3) | 1 | capabilities (4) | largest (4) | charset | zeros (23) | name 0 | ...
 */
const greeting = 10
const refusal = 0xff
const maxPacket = 1024
const wantsTls = 0x0800
const tlsRequestBytes = 32

function greets(bytes: Bytes): Look {
  const length = bytes.u24le(0)
  if (length < 0) return 'more'
  if (length < 8 || length > maxPacket) return 'no'
  const number = bytes.u8(3)
  if (number !== 0) return number < 0 ? 'more' : 'no'
  const kind = bytes.u8(4)
  if (kind !== greeting && kind !== refusal) return kind < 0 ? 'more' : 'no'
  if (bytes.length < 4 + length) return 'more'
  return kind === greeting ? lookAtVersion(bytes, length) : lookAtRefusal(bytes, length)
}

function lookAtVersion(bytes: Bytes, length: number): Look {
  const end = bytes.indexOf(0, 5, 4 + length)
  if (end < 0 || end - 5 > 100 || !bytes.isPrintable(5, end)) return 'no'
  // Behind the version: thread, 8 octets and a zero.
  return bytes.u8(end + 13) === 0 ? 'yes' : 'no'
}

/** Codes begin at 1000; the text is for people. */
function lookAtRefusal(bytes: Bytes, length: number): Look {
  const code = bytes.u16le(5)
  return code >= 1000 && code < 5000 && bytes.isPrintable(7, 4 + length) ? 'yes' : 'no'
}

function answers(bytes: Bytes): Look {
  const length = bytes.u24le(0)
  if (length < 0) return 'more'
  if (length < tlsRequestBytes || length > 65_535) return 'no'
  const number = bytes.u8(3)
  if (number !== 1) return number < 0 ? 'more' : 'no'
  // Reserved octets tell, but MariaDB uses the last four.
  for (let at = 13; at < 32; at++) if (bytes.u8(at) > 0) return 'no'
  return bytes.length < 36 ? 'more' : 'yes'
}

function metadataOf(client: Bytes, server: Bytes): Metadata {
  const isGreeting = server.u8(4) === greeting
  const version = isGreeting ? server.text(5, server.indexOf(0, 5)) : ''
  const isTls = (client.u16le(4) & wantsTls) !== 0 && client.u24le(0) === tlsRequestBytes
  const end = client.indexOf(0, 36, 36 + 256)
  const userName = !isTls && end > 36 ? client.utf8(36, end) : ''
  return {
    ...(version === '' ? {} : { software: version }),
    ...(userName === '' ? {} : { userName }),
    ...(isTls ? tlsWithin(client, 4 + tlsRequestBytes) : {}),
  }
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, answers, greets)
  if (typeof talk === 'string') return talk
  const { client, server, confidence } = talk
  // Zeros at the right places are too little without the server.
  if (server.length === 0)
    return flow.isLast && flow.hasPort(3306)
      ? { confidence: 70, evidence: 'answer of a client' }
      : 'more'
  const metadata = metadataOf(client, server)
  return {
    confidence,
    evidence: server.u8(4) === greeting ? 'greeting of the server' : 'refusal of the server',
    metadata,
    more:
      server.u8(4) === greeting && metadata.userName === undefined && metadata.ja3 === undefined,
  }
}

export const mysql: Protocol = {
  name: 'mysql',
  title: 'MySQL',
  category: 'database',
  transports: ['tcp'],
  ports: { tcp: [3306] },
  classify,
}

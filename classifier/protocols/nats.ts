import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * NATS client protocol, lines, the server first:
 *
 *   server   INFO {"server_id":"..","version":"2.10.7",...} CRLF
 *   client   CONNECT {"verbose":false,"user":"..","pass":"..",...} CRLF PING CRLF
 *   server   PONG CRLF, +OK CRLF, MSG subject id length CRLF
 */
const client = /^(CONNECT \{|PUB \S+ |SUB \S+ |PING\r\n)/
const maxHead = 2048

const look = (bytes: Bytes, words: readonly string[]): boolean =>
  words.some((word) => bytes.mayHave(word))

function request(bytes: Bytes): Look {
  if (!look(bytes, ['CONNECT {', 'PUB ', 'SUB ', 'PING\r\n'])) return 'no'
  if (bytes.has('CONNECT {')) return 'yes'
  return bytes.length < 6 || client.test(bytes.text(0, 300)) ? 'more' : 'no'
}

function reply(bytes: Bytes): Look {
  if (look(bytes, ['+OK\r\n', 'PONG\r\n', 'MSG '])) return 'more'
  if (!bytes.mayHave('INFO {"')) return 'no'
  const text = bytes.text(0, maxHead)
  if (text.includes('"server_id"')) return 'yes'
  return bytes.length < maxHead && !text.includes('\n') ? 'more' : 'no'
}

function metadataOf(said: Bytes, server: Bytes): Metadata {
  const version = /"version":"([^"]+)"/.exec(server.text(0, maxHead))?.[1]
  const userName = /"user":"([^"]+)"/.exec(said.text(0, maxHead))?.[1]
  return {
    ...(version === undefined ? {} : { software: `NATS ${version}` }),
    ...(userName === undefined ? {} : { userName }),
  }
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, request, reply, 95)
  if (typeof talk === 'string') return talk
  const isClear = /"(pass|auth_token)":"[^"]/.test(talk.client.text(0, maxHead))
  return {
    confidence: talk.confidence,
    evidence: talk.server.has('INFO') ? 'INFO of the server' : 'CONNECT of the client',
    metadata: metadataOf(talk.client, talk.server),
    risks: isClear ? ['clear-text-credentials'] : [],
    more: talk.client.length === 0 || talk.server.length === 0,
  }
}

export const nats: Protocol = {
  name: 'nats',
  title: 'NATS',
  category: 'middleware',
  transports: ['tcp'],
  begins: '+CIMPS',
  ports: { tcp: [4222] },
  classify,
}

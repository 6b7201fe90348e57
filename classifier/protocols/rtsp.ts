import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { hostOf, readHead } from '../wire/http-head.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 2326 §6 and §7, RFC 7826 (version 2.0), built like HTTP:
 *
 *   DESCRIBE rtsp://example.net/movie RTSP/1.0 CRLF CSeq: 1 CRLF ... CRLF     or RTSP/1.0 200 OK
 */
const methods = [
  'OPTIONS ',
  'DESCRIBE ',
  'ANNOUNCE ',
  'SETUP ',
  'PLAY ',
  'PAUSE ',
  'TEARDOWN ',
  'RECORD ',
  'GET_PARAMETER ',
  'SET_PARAMETER ',
  'REDIRECT ',
  'PLAY_NOTIFY ',
]
const start = /^([A-Z_]+ (rtspu?s?:\/\/[^ ]*|\*|[^ ]+) RTSP\/[12]\.0|RTSP\/[12]\.0 [1-5]\d\d.*)$/
const maxStart = 2048

function look(bytes: Bytes): Look {
  if (!bytes.mayHave('RTSP/') && !methods.some((word) => bytes.mayHave(word))) return 'no'
  const end = bytes.indexOf(10, 0, maxStart)
  if (end < 0) return bytes.length < maxStart ? 'more' : 'no'
  return start.test(bytes.text(0, bytes.u8(end - 1) === 13 ? end - 1 : end)) ? 'yes' : 'no'
}

function requestOf(client: Bytes): Metadata {
  const head = client.length === 0 ? undefined : readHead(client)
  const [method, url] = head?.startLine.split(' ') ?? []
  if (head === undefined || method === undefined || url === undefined) return {}
  const authority = /^rtspu?s?:\/\/(?:[^@/]*@)?([^/]*)/.exec(url)?.[1] ?? ''
  const agent = head.fields.get('user-agent')
  return {
    ...(authority === '' ? {} : { hostname: hostOf(authority) }),
    httpMethod: method,
    httpUrl: url,
    ...(agent === undefined ? {} : { userAgent: agent }),
  }
}

function replyOf(server: Bytes): Metadata {
  const agent = server.length === 0 ? undefined : readHead(server)?.fields.get('server')
  return agent === undefined ? {} : { serverAgent: agent }
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, look, look, 95)
  if (typeof talk === 'string') return talk
  return {
    confidence: talk.confidence,
    evidence: 'RTSP message',
    metadata: { ...replyOf(talk.server), ...requestOf(talk.client) },
    more: talk.server.length === 0 && flow.packets < 4,
  }
}

export const rtsp: Protocol = {
  name: 'rtsp',
  title: 'RTSP',
  category: 'streaming',
  transports: ['tcp'],
  begins: 'ADGOPRST',
  ports: { tcp: [554, 8554] },
  classify,
}

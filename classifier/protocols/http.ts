import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { hostOf, readHead } from '../wire/http-head.ts'
import type { HttpHead } from '../wire/http-head.ts'
import { readHttp2Request } from '../wire/http2-request.ts'
import { tlsWithin } from '../wire/tls-within.ts'
import type { Risk } from '../risks.ts'
import type { Answer, FlowView, Match, Protocol } from './protocol.ts'

/*
 * RFC 9112 §3, §4:
 *
 *   request:  method SP target SP HTTP/1.x CRLF fields CRLF CRLF
 *   reply:    HTTP/1.x SP status SP reason CRLF fields CRLF CRLF
 *
 * RFC 9113 §3.4, HTTP/2 without TLS: PRI * HTTP/2.0 CRLF CRLF SM CRLF CRLF
 *
 * §6.5, what its server may say before: | length (3), of settings of 6 | 4 | 0 | 0 (4) | settings
 */
/** HTTP's own, WebDAV's (RFC 4918, 3253, 5323), UPnP's, those of BITS, RPC, caches and Icecast. */
const methods = (
  'GET POST HEAD PUT DELETE OPTIONS CONNECT TRACE PATCH QUERY ' +
  'PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK SEARCH REPORT MERGE CHECKOUT MKACTIVITY ' +
  'MKCALENDAR ACL VERSION-CONTROL NOTIFY SUBSCRIBE UNSUBSCRIBE ' +
  'BITS_POST CCM_POST RPC_IN_DATA RPC_OUT_DATA PURGE SOURCE LINK UNLINK'
).split(' ')
const starts = methods.map((method) => `${method} `)
const firstLetters = new Set(starts.map((start) => start.charCodeAt(0)))
const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const maxUrlLetters = 1024
const maxValueLetters = 256
/** Octets of settings: there are a dozen kinds of six octets, and some are of one maker alone. */
const mostSettings = 32 * 6
/** Settings go both ways before the first request. */
const maxPacketsToRequest = 10

/**
 * A server's settings, as far as they are there: many servers of HTTP/2 do not wait for the client.
 */
function maySaySettings(bytes: Bytes): boolean {
  for (let at = 0; at < Math.min(bytes.length, 9); at++) {
    const octet = bytes.u8(at)
    const fits = at === 2 ? octet % 6 === 0 && octet <= mostSettings : octet === (at === 3 ? 4 : 0)
    if (!fits) return false
  }
  return bytes.length > 0
}

/** Whether a side speaks as a client; `more` where its first word is not all there. */
function requestState(bytes: Bytes): 'yes' | 'more' | 'no' {
  if (!firstLetters.has(bytes.u8(0))) return 'no'
  for (const start of starts) {
    if (bytes.has(start)) return 'yes'
    if (bytes.length < start.length && bytes.mayHave(start)) return 'more'
  }
  return 'no'
}

function replyState(bytes: Bytes): 'yes' | 'more' | 'no' {
  if (bytes.length === 0) return 'more'
  if (!bytes.mayHave('HTTP/1.')) return 'no'
  return bytes.length < 13 ? 'more' : 'yes'
}

const isRequestLine = (line: string): boolean => / HTTP\/1\.[01]\s*$/.test(line)
const isStatusLine = (line: string): boolean => /^HTTP\/1\.[01] [1-5]\d\d\b/.test(line)

type Draft = { -readonly [K in keyof Metadata]: Metadata[K] }

const short = (text: string): string => text.slice(0, maxValueLetters)

/** What a request and its reply tell. */
function metadataOf(request: HttpHead | undefined, reply: HttpHead | undefined): Draft {
  const metadata: Draft = {}
  if (request !== undefined) {
    const [method = '', target = ''] = request.startLine.split(' ')
    if (method !== '') {
      metadata.httpMethod = method
      metadata.httpUrl = target.slice(0, maxUrlLetters)
    }
    const host = requestedHost(target, method, request)
    if (host !== '') metadata.hostname = short(host)
    const agent = request.fields.get('user-agent')
    if (agent !== undefined) metadata.userAgent = short(agent)
    const infoHash = infoHashOf(target)
    if (infoHash !== undefined) metadata.infoHash = infoHash
  }
  if (reply !== undefined) {
    metadata.httpStatus = Number(reply.startLine.slice(9, 12))
    const server = reply.fields.get('server')
    if (server !== undefined) metadata.serverAgent = short(server)
    const upgrade = reply.fields.get('upgrade')
    if (upgrade !== undefined) metadata.httpUpgrade = short(upgrade.toLowerCase())
  }
  const type = (reply ?? request)?.fields.get('content-type')
  if (type !== undefined) metadata.contentType = short(type.split(';')[0] ?? '')
  return metadata
}

/** The host of the target, where it names one (to a proxy), else of the Host field. */
function requestedHost(target: string, method: string, request: HttpHead): string {
  if (method === 'CONNECT') return hostOf(target)
  const absolute = /^[a-z]+:\/\/([^/?#]*)/i.exec(target)?.[1]
  return hostOf(request.fields.get('host') ?? absolute?.replace(/^[^@]*@/, '') ?? '')
}

/** A BitTorrent client tells its tracker which torrent it means: 20 octets, escaped (BEP 3). */
function infoHashOf(target: string): string | undefined {
  const escaped = /[?&]info_hash=([^&]{1,60})/.exec(target)?.[1]
  if (escaped === undefined) return undefined
  const octets = escaped.replaceAll(/%([0-9a-f]{2})/gi, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16))
  )
  return octets.length === 20 ? Buffer.from(octets, 'latin1').toString('hex') : undefined
}

/** What is spoken: HTTP, or a proxy's dialect of it. */
function nameOf(request: HttpHead | undefined): string {
  const [method, target = ''] = request?.startLine.split(' ') ?? []
  if (method === 'CONNECT') return 'http-connect'
  return /^[a-z]+:\/\//i.test(target) ? 'http-proxy' : 'http'
}

/** Of a capture that began late the client may stand where the server should. */
function isTurned(client: Bytes, server: Bytes): boolean {
  if (client.length > 0) return requestState(client) === 'no'
  return replyState(server) === 'no'
}

function classify(flow: FlowView): Answer {
  const { client, server } = flow
  if (client.bytes.length > 0 && client.bytes.mayHave(preface)) {
    if (client.bytes.length < preface.length) return 'more'
    return http2Of(flow)
  }
  if (client.bytes.length === 0 && maySaySettings(server.bytes)) {
    return flow.isLast ? 'never' : 'more'
  }
  const [asking, answering] = isTurned(client.bytes, server.bytes)
    ? [server, client]
    : [client, server]
  const asks = requestState(asking.bytes)
  const answers = replyState(answering.bytes)
  if (asks === 'no' && (asking.bytes.length > 0 || answers === 'no')) return 'never'
  if (answers === 'no') return 'never'
  const request = asks === 'yes' ? readHead(asking.bytes) : undefined
  const reply = answers === 'yes' ? readHead(answering.bytes) : undefined
  if (request !== undefined && !isRequestLine(request.startLine)) return 'never'
  if (reply !== undefined && !isStatusLine(reply.startLine)) return 'never'
  if (request === undefined && reply === undefined) return longLine(flow, asking.bytes, asks)
  return matchOf(flow, asking.bytes, request, reply)
}

/** What HTTP/2 says without TLS, once the first request is there. */
function http2Of(flow: FlowView): Match {
  const match = { confidence: 100, evidence: 'preface of HTTP/2', protocol: 'http2' }
  const request = readHttp2Request(flow.client.bytes, preface.length)
  if (request === undefined) return { ...match, more: flow.packets < maxPacketsToRequest }
  const { method, path, authority, userAgent } = request
  const metadata: Draft = {}
  if (method !== undefined) metadata.httpMethod = short(method)
  if (path !== undefined) metadata.httpUrl = path.slice(0, maxUrlLetters)
  if (authority !== undefined) metadata.hostname = short(hostOf(authority))
  if (userAgent !== undefined) metadata.userAgent = short(userAgent)
  return { ...match, metadata }
}

/** A first line that never ends, or is cut off, still begins as a request does. */
function longLine(flow: FlowView, bytes: Bytes, state: string): Answer {
  if (!flow.isLast || state !== 'yes') return flow.isLast ? 'never' : 'more'
  const isPath = /^[A-Z_-]+ (\/|https?:\/\/)[\x21-\x7e]*/.test(bytes.text(0, 64))
  return isPath ? { confidence: 70, evidence: 'request line without an end' } : 'never'
}

function matchOf(
  flow: FlowView,
  asked: Bytes,
  request: HttpHead | undefined,
  reply: HttpHead | undefined
): Answer {
  const metadata = metadataOf(request, reply)
  const isWebSocket = metadata.httpStatus === 101 && metadata.httpUpgrade === 'websocket'
  const protocol = isWebSocket ? 'websocket' : nameOf(request)
  const isTunnel = protocol === 'http-connect' && request?.isWhole === true
  if (isTunnel) {
    const hostname = metadata.hostname ?? ''
    Object.assign(metadata, tlsWithin(asked, request.end), { hostname })
  }
  const hasCredentials = /^basic /i.test(request?.fields.get('authorization') ?? '')
  const isWhole = request?.isWhole === true && reply?.isWhole === true
  const waitsForHello = isTunnel && metadata.ja4 === undefined && flow.packets < 8
  const match: Match = {
    confidence: request !== undefined && reply !== undefined ? 100 : 95,
    evidence: (request ?? reply)?.startLine.slice(0, 80) ?? '',
    metadata,
    risks: hasCredentials ? ['clear-text-credentials'] : noRisks,
    more: !isWhole || waitsForHello,
    application: metadata.infoHash === undefined ? undefined : 'bittorrent',
  }
  return protocol === 'http' ? match : { ...match, protocol }
}

const noRisks: readonly Risk[] = []

export const http: Protocol = {
  name: 'http',
  title: 'HTTP',
  category: 'web',
  transports: ['tcp'],
  begins: '\0ABCDGHLMNOPQRSTUV',
  ports: { tcp: [80, 8080, 8000, 8008, 3128, 8888] },
  variants: {
    http2: 'HTTP/2',
    'http-connect': 'HTTP CONNECT',
    'http-proxy': 'HTTP proxy',
  },
  classify,
}

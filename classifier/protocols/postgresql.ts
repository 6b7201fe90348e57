import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import { tlsWithin } from '../wire/tls-within.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * PostgreSQL, frontend/backend protocol 3 (§55.7 of its documentation); lengths hold themselves:
 *
 *   | length (4) | 0003 0000 | "user" 0 name 0 "database" 0 name 0 ... 0 |      start
 *   | 8          | 04d2 162f | TLS?      | 8 | 04d2 1630 | GSSAPI?      | 16 | 04d2 162e | cancel
 *
 * The server: one octet `S` or `N`, or messages: | `R` or `E` | length (4) | ... |.
 */
const startVersions = new Set([0x00030000, 0x00030001, 0x00030002, 0x00020000])
const tlsRequest = 0x04d2162f
const gssRequest = 0x04d21630
const cancel = 0x04d2162e
const maxStart = 10_000

function request(bytes: Bytes): Look {
  if (bytes.u8(0) > 0 || bytes.u8(1) > 0) return 'no'
  if (bytes.length < 8) return 'more'
  const length = bytes.u32(0)
  const code = bytes.u32(4)
  if (code === tlsRequest || code === gssRequest) return length === 8 ? 'yes' : 'no'
  if (code === cancel) return length === 16 ? 'yes' : 'no'
  if (!startVersions.has(code) || length < 9 || length > maxStart) return 'no'
  if (bytes.length < length) return 'more'
  return code === 0x00020000
    ? length === 296
      ? 'yes'
      : 'no'
    : bytes.u8(length - 1) === 0
      ? 'yes'
      : 'no'
}

function reply(bytes: Bytes): Look {
  const kind = bytes.text(0, 1)
  if (kind === 'S' || kind === 'N')
    return bytes.length === 1 || bytes.u8(0) === 0x4e || isTls(bytes) ? 'more' : 'no'
  if (kind === 'E' && bytes.isPrintable(0, Math.min(5, bytes.length)) && bytes.length >= 5)
    return 'yes'
  if (kind !== 'R' && kind !== 'E' && kind !== 'v') return 'no'
  if (bytes.length < 5) return 'more'
  const length = bytes.u32(1)
  return length >= 8 && length < maxStart ? 'yes' : 'no'
}

/** The server's records may follow its `S` at once. */
const isTls = (bytes: Bytes): boolean => bytes.u8(1) === 0x16 && bytes.u8(2) === 3

/** Where the start message begins: behind questions for TLS or GSSAPI that were refused. */
function startAt(client: Bytes): number {
  let at = 0
  while (
    client.u32(at) === 8 &&
    (client.u32(at + 4) === tlsRequest || client.u32(at + 4) === gssRequest)
  )
    at += 8
  return at
}

function metadataOf(client: Bytes): Metadata {
  const at = startAt(client)
  if (client.u8(at) === 0x16) return tlsWithin(client, at)
  const words = client.text(at + 8, at + Math.max(0, client.u32(at))).split('\0')
  const user = words[words.indexOf('user') + 1]
  const program = words.indexOf('application_name')
  return {
    ...(words.includes('user') && user !== undefined && user !== '' ? { userName: user } : {}),
    ...(program >= 0 && words[program + 1] !== '' ? { software: words[program + 1] ?? '' } : {}),
  }
}

/** `R` with 3: the server wants the password as it is. */
const wantsClearText = (server: Bytes): boolean => {
  const at = server.u8(0) === 0x4e ? 1 : 0
  return server.has('R', at) && server.u32(at + 1) === 8 && server.u32(at + 5) === 3
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, request, reply)
  if (typeof talk === 'string') return talk
  const { client, server, confidence } = talk
  if (client.length === 0) return 'more'
  const metadata = metadataOf(client)
  const isKnown = metadata.userName !== undefined || metadata.ja3 !== undefined
  return {
    confidence: server.length > 0 ? 100 : confidence,
    evidence: client.u32(0) === 8 ? 'question for TLS' : 'start message',
    metadata,
    risks: wantsClearText(server) ? ['clear-text-credentials'] : [],
    more: !isKnown || server.length === 0,
  }
}

export const postgresql: Protocol = {
  name: 'postgresql',
  title: 'PostgreSQL',
  category: 'database',
  transports: ['tcp'],
  begins: [0, 0x45, 0x4e, 0x52, 0x53, 0x76],
  ports: { tcp: [5432] },
  classify,
}

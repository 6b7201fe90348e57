import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { formatV4 } from '../../model/address.ts'
import { tlsWithin } from '../wire/tls-within.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * SOCKS 4 and 4a: | 4 | command 1, 2 | port | address | user NUL | [name NUL of address 0.0.0.x] |
 * answered by     | 0 | 90 .. 93 | port | address |
 *
 * SOCKS 5 (RFC 1928):
 *
 *   | 5 | n | n methods |                        answered by | 5 | method |
 *   | 1 | length | user | length | password |    of method 2 (RFC 1929), answered by | 1 | status |
 *   | 5 | command 1 .. 3 | 0 | 1 address (4), 3 length, name, 4 address (16) | port |
 *   | 5 | reply 0 .. 8 | 0 | address type | address | port |
 */
const maxUser = 255
const noMethod = 0xff

/** What the client has said: where its data begins, and what it wants. */
interface Request {
  readonly at: number
  readonly metadata: Metadata
  readonly hasPassword: boolean
}

/** Whether the client's octets are those of version 4; what it wants, if they are all there. */
function readVersion4(bytes: Bytes): Request | Look {
  const command = bytes.u8(1)
  if (bytes.length > 1 && command !== 1 && command !== 2) return 'no'
  if (bytes.length < 9) return 'more'
  const userEnd = bytes.indexOf(0, 8, 9 + maxUser)
  if (userEnd < 0) return bytes.length > 8 + maxUser || !bytes.isPrintable(8) ? 'no' : 'more'
  if (userEnd > 8 && !bytes.isPrintable(8, userEnd)) return 'no'
  const userName = bytes.text(8, userEnd)
  const address = bytes.u32(4)
  const isNamed = address > 0 && address < 256
  const end = isNamed ? bytes.indexOf(0, userEnd + 1, userEnd + 2 + maxUser) : userEnd
  if (end < 0) return 'more'
  if (isNamed && !bytes.isPrintable(userEnd + 1, end)) return 'no'
  const hostname = isNamed ? bytes.text(userEnd + 1, end).toLowerCase() : formatV4(address)
  const metadata = { hostname, version: '4', ...(userName === '' ? {} : { userName }) }
  return { at: end + 1, metadata, hasPassword: false }
}

/** What the client of version 5 says after its greeting, as far as it is there. */
function readVersion5(bytes: Bytes, method: number): Request {
  let at = 2 + bytes.u8(1)
  let metadata: Metadata = { version: '5' }
  const hasPassword = method === 2 && bytes.u8(at) === 1
  if (hasPassword) {
    const passwordAt = at + 2 + Math.max(0, bytes.u8(at + 1))
    metadata = { ...metadata, userName: bytes.text(at + 2, passwordAt) }
    at = passwordAt + 1 + Math.max(0, bytes.u8(passwordAt))
  }
  if (bytes.u8(at) !== 5 || bytes.u8(at + 2) !== 0)
    return { at: bytes.length, metadata, hasPassword }
  const type = bytes.u8(at + 3)
  const length = type === 1 ? 4 : type === 4 ? 16 : 1 + Math.max(0, bytes.u8(at + 4))
  const end = at + 4 + length
  if (type === 3) metadata = { ...metadata, hostname: bytes.text(at + 5, end).toLowerCase() }
  if (type === 1 && bytes.u32(at + 4) >= 0) {
    metadata = { ...metadata, hostname: formatV4(bytes.u32(at + 4)) }
  }
  return { at: end + 2, metadata, hasPassword }
}

function lookAtGreeting(bytes: Bytes): Look {
  const count = bytes.u8(1)
  if (count === 0 || count > 16) return 'no'
  if (bytes.length < 2 + Math.max(1, count)) return 'more'
  for (let i = 0; i < count; i++) if (bytes.u8(2 + i) > 9 && bytes.u8(2 + i) < 0x80) return 'no'
  return 'yes'
}

function matchVersion5(flow: FlowView): Answer {
  const { client, server } = flow
  const greeting = lookAtGreeting(client.bytes)
  if (greeting === 'no') return 'never'
  const method = server.bytes.u8(1)
  if (server.bytes.length > 0 && server.bytes.u8(0) !== 5) return 'never'
  if (
    method >= 0 &&
    method !== noMethod &&
    client.bytes.indexOf(method, 2, 2 + client.bytes.u8(1)) < 0
  ) {
    return 'never'
  }
  if (greeting === 'more' || method < 0) {
    const isWhole = greeting === 'yes' && client.bytes.length === 2 + client.bytes.u8(1)
    const isAlone = flow.isLast && isWhole
    return isAlone
      ? { confidence: flow.hasPort(1080) ? 75 : 55, evidence: 'greeting of version 5 alone' }
      : 'more'
  }
  return matchOf(flow, readVersion5(client.bytes, method), 'greeting and method of version 5')
}

function matchOf(flow: FlowView, { at, metadata, hasPassword }: Request, evidence: string): Answer {
  const tls = tlsWithin(flow.client.bytes, at)
  const isThrough = tls.ja4 !== undefined || flow.client.bytes.length > at + 2048
  return {
    confidence: 95,
    evidence,
    metadata: { ...metadata, ...tls },
    risks: hasPassword ? ['clear-text-credentials'] : [],
    more: !isThrough && flow.packets < 14,
  }
}

function classify(flow: FlowView): Answer {
  const { client, server } = flow
  const version = client.bytes.u8(0)
  if (version < 0) return server.bytes.u8(0) === 5 || server.bytes.u8(0) === 0 ? 'more' : 'never'
  if (version === 5) return matchVersion5(flow)
  if (version !== 4) return 'never'
  const request = readVersion4(client.bytes)
  if (request === 'no') return 'never'
  const [first, status] = [server.bytes.u8(0), server.bytes.u8(1)]
  if (first > 0 || (status >= 0 && (status < 90 || status > 93))) return 'never'
  if (typeof request === 'string') return 'more'
  if (status >= 90) return matchOf(flow, request, 'request and reply of version 4')
  const isAlone = flow.isLast && client.bytes.length === request.at
  if (!isAlone) return 'more'
  return { confidence: 60, evidence: 'request of version 4 alone', metadata: request.metadata }
}

export const socks: Protocol = {
  name: 'socks',
  title: 'SOCKS',
  category: 'tunnel',
  transports: ['tcp'],
  begins: [0, 4, 5],
  ports: { tcp: [1080] },
  classify,
}

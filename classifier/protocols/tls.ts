import type { Bytes } from '../../model/bytes.ts'
import { certificateOf } from '../wire/certificate.ts'
import type { Certificate } from '../wire/certificate.ts'
import { tlsMetadata, tlsRisks } from '../wire/tls-facts.ts'
import { readClientHello, readServerHello } from '../wire/tls-hello.ts'
import type { Hello } from '../wire/tls-hello.ts'
import { contentType, handshakeMessage, isRecordHeader, readRecords } from '../wire/tls-records.ts'
import { dnsOver } from '../wire/encrypted-dns.ts'
import type { Answer, FlowView, Match, Protocol } from './protocol.ts'

/*
 * RFC 8446 §5.1 and §4, RFC 5246 §6.2.1 and §7.4:
 *
 *   0x16 | version 3.x | length (2) | handshake type | length (3) | body
 *
 * types: 1 ClientHello, 2 ServerHello, 11 Certificate (in clear up to TLS 1.2), 14 ServerHelloDone.
 */
const message = { clientHello: 1, serverHello: 2, certificate: 11, serverHelloDone: 14 } as const

/** The longest first message that is believed. */
const maxMessageBytes = 131_072

/** What one direction has shown. */
interface Seen {
  readonly clientHello: Hello | 'more' | undefined
  readonly serverHello: Hello | 'more' | undefined
  readonly certificate: Certificate | undefined
  /** True where a hello has begun, and what there is of it is in order. */
  readonly isHello: boolean
  /** True where nothing more of use will come in clear. */
  readonly isDone: boolean
}

/** @param before what it had shown when there was less of it */
function look(bytes: Bytes, before: Seen | undefined): Seen | undefined {
  // What a side has shown in clear to the end is not read again with each segment of the other.
  if (before?.isDone === true) return before
  const records = readRecords(bytes)
  if (records === undefined) return undefined
  const { handshake, next } = records
  const first = handshake.u8(0)
  let { clientHello, serverHello } = before ?? none
  if (typeof clientHello !== 'object' && first === message.clientHello) {
    const body = handshakeMessage(handshake, message.clientHello)
    clientHello = typeof body === 'object' ? readClientHello(body) : body
  }
  if (typeof serverHello !== 'object' && first === message.serverHello) {
    const body = handshakeMessage(handshake, message.serverHello)
    serverHello = typeof body === 'object' ? readServerHello(body) : body
  }
  const hasEnd = handshakeMessage(handshake, message.serverHelloDone) !== 'more'
  const certificate = first === message.serverHello ? certificateIn(handshake) : undefined
  const isWhole = typeof clientHello === 'object'
  return {
    clientHello,
    serverHello,
    certificate,
    isHello: isHello(handshake) && (clientHello !== undefined || serverHello !== undefined),
    isDone: isWhole || next >= 0 || hasEnd || certificate !== undefined,
  }
}

const none = { clientHello: undefined, serverHello: undefined }

function isHello(handshake: Bytes): boolean {
  const type = handshake.u8(0)
  const version = handshake.u16(4)
  return (
    (type === message.clientHello || type === message.serverHello) &&
    version >= 0x0300 &&
    version <= 0x0304
  )
}

/** Certificate (RFC 5246 §7.4.2): | list length (3) | then each: length (3) | certificate |. */
function certificateIn(handshake: Bytes): Certificate | undefined {
  const body = handshakeMessage(handshake, message.certificate)
  if (typeof body !== 'object') return undefined
  const length = body.u24(3)
  return length > 0 ? certificateOf(body.slice(6, 6 + length)) : undefined
}

/** True where a direction begins as TLS does: with a hello, or in the middle of a connection. */
function isPlausible(bytes: Bytes): boolean {
  if (!isRecordHeader(bytes, 0)) return false
  if (bytes.u8(0) !== contentType.handshake || bytes.length < 9) return true
  const type = bytes.u8(5)
  return type <= 24 && bytes.u24(6) <= maxMessageBytes
}

const helloOf = (one: Hello | 'more' | undefined, other: Hello | 'more' | undefined) =>
  typeof one === 'object' ? one : typeof other === 'object' ? other : undefined

function matchOf(flow: FlowView, one: Seen | undefined, other: Seen | undefined): Match {
  const client = helloOf(one?.clientHello, other?.clientHello)
  const server = helloOf(one?.serverHello, other?.serverHello)
  const certificate = one?.certificate ?? other?.certificate
  const facts = { carrier: 't', client, server, certificate, seenAt: flow.timeUs / 1e6 } as const
  const both = client !== undefined && server !== undefined
  return {
    confidence: both ? 100 : 95,
    evidence: evidenceOf(client !== undefined, server !== undefined, certificate !== undefined),
    metadata: tlsMetadata(facts),
    risks: tlsRisks(facts),
    application: dnsOver(flow.server.port, client),
  }
}

function evidenceOf(hasClient: boolean, hasServer: boolean, hasCertificate: boolean): string {
  const hellos = hasClient
    ? hasServer
      ? 'ClientHello, ServerHello'
      : 'ClientHello'
    : 'ServerHello'
  if (hasClient || hasServer) return hasCertificate ? `${hellos}, certificate` : hellos
  return hasCertificate ? 'certificate' : 'handshake records'
}

/** Application data, alerts and the like of a connection whose beginning was missed. */
function midStream(flow: FlowView): Answer {
  const isShort = flow.sides.some(({ bytes }) => bytes.length > 0 && bytes.length < 5)
  if (isShort && !flow.isLast) return 'more'
  const whole = flow.sides
    .filter(({ bytes }) => bytes.length > 0)
    .every(({ bytes }) => {
      let at = 0
      let records = 0
      while (bytes.length >= at + 5 && isRecordHeader(bytes, at) && bytes.u16(at + 1) >= 0x0301) {
        at += 5 + bytes.u16(at + 3)
        records++
      }
      return records > 0 && (at >= bytes.length || bytes.length < at + 5)
    })
  if (!whole) return 'never'
  const both = flow.client.bytes.length > 0 && flow.server.bytes.length > 0
  if (!both && !flow.isLast && flow.packets < 4) return 'more'
  return { confidence: both ? 85 : 60, evidence: 'records of a connection under way' }
}

interface Memory {
  client: Seen | undefined
  server: Seen | undefined
}

const makeMemory = (): Memory => ({ client: undefined, server: undefined })

/** A hello was seen; what it tells is put together once all is there. */
const underWay: Match = { confidence: 90, evidence: 'handshake records', more: true }

function classify(flow: FlowView): Answer {
  const client = flow.client.bytes
  const server = flow.server.bytes
  if (client.length > 0 && !isPlausible(client)) return 'never'
  if (server.length > 0 && !isPlausible(server)) return 'never'
  const memory = flow.recall('tls', makeMemory)
  const one = (memory.client = look(client, memory.client))
  const other = (memory.server = look(server, memory.server))
  if (one?.isHello === true || other?.isHello === true) {
    // What the capture cut will not come.
    const isDone =
      (one?.isDone === true || flow.client.isOver) && (other?.isDone === true || flow.server.isOver)
    return isDone || flow.isLast ? matchOf(flow, one, other) : underWay
  }
  const isShort = client.length < 9 && server.length < 9
  return isShort && !flow.isLast ? 'more' : midStream(flow)
}

export const tls: Protocol = {
  name: 'tls',
  title: 'TLS',
  category: 'web',
  transports: ['tcp'],
  begins: [0x14, 0x15, 0x16, 0x17],
  ports: { tcp: [443, 853, 993, 995, 465, 636, 989, 990, 5223] },
  classify,
}

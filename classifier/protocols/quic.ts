import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { CryptoStream } from '../wire/crypto-stream.ts'
import { dnsOver } from '../wire/encrypted-dns.ts'
import { isOldGoogleQuic, readGoogleHello } from '../wire/gquic.ts'
import type { GoogleHello } from '../wire/gquic.ts'
import { initialKeys, openInitial } from '../wire/quic-initial.ts'
import type { InitialKeys } from '../wire/quic-initial.ts'
import { cryptoFrames, longPacketAt } from '../wire/quic-packet.ts'
import type { LongPacket } from '../wire/quic-packet.ts'
import { tlsMetadata } from '../wire/tls-facts.ts'
import { readClientHello } from '../wire/tls-hello.ts'
import type { Hello } from '../wire/tls-hello.ts'
import { handshakeMessage } from '../wire/tls-records.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * RFC 9000, RFC 9001, RFC 9369: the client's first packets are Initial packets, protected with keys
 * that follow from the connection id in them. Their CRYPTO frames hold its ClientHello, in pieces
 * of any order over one or more datagrams. The formats stand in ../wire/quic-packet.ts.
 */
interface Memory {
  /** Datagrams that were looked at already. */
  seen: number
  readonly stream: CryptoStream
  readonly keys: InitialKeys[]
  /** Version of the first packet with a long header. */
  version: number
  hasHello: boolean
  opened: boolean
  hello: Hello | undefined
  google: GoogleHello | undefined
}

/** Keys of as many connection ids are tried: a server's Retry changes the id. */
const maxKeys = 3

const makeMemory = (): Memory => ({
  seen: 0,
  stream: new CryptoStream(),
  keys: [],
  version: 0,
  hasHello: false,
  opened: false,
  hello: undefined,
  google: undefined,
})

/** Takes the packets of one datagram. */
function takeDatagram(memory: Memory, bytes: Bytes): void {
  let at = 0
  for (let i = 0; i < 8; i++) {
    const packet = longPacketAt(bytes, at)
    if (packet === undefined) return
    if (memory.version === 0) memory.version = packet.versionNumber
    if (packet.isInitial) open(memory, bytes, at, packet)
    at = packet.end
  }
}

function open(memory: Memory, bytes: Bytes, at: number, packet: LongPacket): void {
  const { salt, isGoogle } = packet.version
  if (salt === undefined) {
    if (isGoogle) memory.google ??= readGoogleHello(bytes)
    return
  }
  let frames: Bytes | undefined
  for (const keys of memory.keys) {
    frames ??= openInitial(bytes, at, packet.numberAt, packet.end, keys)
  }
  if (frames === undefined && memory.keys.length < maxKeys) {
    const keys = initialKeys(packet.version, salt, bytes.subarray(packet.idAt, packet.idEnd))
    frames = openInitial(bytes, at, packet.numberAt, packet.end, keys)
    if (frames !== undefined) memory.keys.push(keys)
  }
  if (frames === undefined) return
  memory.opened = true
  cryptoFrames(frames, (offset, octets) => memory.stream.add(offset, octets))
  const octets = memory.stream.contiguous
  if (isGoogle) memory.google ??= readGoogleHello(octets)
  const body = handshakeMessage(octets, 1)
  if (typeof body === 'object') memory.hello = readClientHello(body)
  memory.hasHello = memory.hello !== undefined || memory.google !== undefined
}

function metadataOf({ version, hello, google }: Memory): Metadata {
  const name = google?.serverName
  const agent = google?.userAgent
  return {
    ...(version === 0 ? {} : { quicVersion: version.toString(16).padStart(8, '0') }),
    ...(hello === undefined ? {} : tlsMetadata({ carrier: 'q', client: hello, seenAt: 0 })),
    ...(name === undefined ? {} : { hostname: name }),
    ...(agent === undefined ? {} : { userAgent: agent }),
  }
}

/** Version negotiation (RFC 9000 §17.2.1): version 0, both ids, then versions, the first known. */
function isNegotiation(bytes: Bytes): boolean {
  if (bytes.u8(0) < 0x80 || bytes.u32(1) !== 0) return false
  const idEnd = 6 + bytes.u8(5)
  const at = idEnd + 1 + bytes.u8(idEnd)
  const left = bytes.wireLength - at
  if (bytes.u8(5) > 20 || bytes.u8(idEnd) > 20 || left < 4 || left % 4 !== 0) return false
  return [1, 0x6b3343cf].includes(bytes.u32(at)) || bytes.u32(at) >>> 8 === 0xff0000
}

const maxShortIdBytes = 8

/**
 * Packets with a short header say little: |0|1|...| destination id | ... (RFC 9000 §17.3). On
 * QUIC's port, all of both sides, and with the same octets where a side's id must be, they are
 * believed.
 */
function underWay(flow: FlowView): Answer {
  if (!flow.hasPort(443)) return 'never'
  const isShort = flow.datagrams.every(
    ({ bytes }) => bytes.u8(0) >> 6 === 1 && bytes.wireLength >= 20
  )
  if (!isShort) return 'never'
  const ids = flow.datagrams
    .filter(({ fromClient }) => fromClient)
    .map(({ bytes }) => bytes.hex(1, 1 + maxShortIdBytes))
  if (ids.length < 2) return 'more'
  if (!ids.every((id) => id === ids[0])) return 'never'
  return { confidence: 60, evidence: `short headers with one connection id on port 443` }
}

function classify(flow: FlowView): Answer {
  const first = flow.datagrams[0]?.bytes
  if (first === undefined) return 'never'
  const isOld = isOldGoogleQuic(first)
  if (!isOld && first.u8(0) < 0x80) return underWay(flow)
  if (!isOld && longPacketAt(first, 0) === undefined) {
    if (!isNegotiation(first)) return 'never'
    return { confidence: 90, evidence: 'version negotiation' }
  }
  const memory = flow.recall('quic', makeMemory)
  for (const { bytes } of flow.datagrams.slice(memory.seen)) {
    if (isOld) memory.google ??= readGoogleHello(bytes)
    else takeDatagram(memory, bytes)
  }
  memory.seen = flow.datagrams.length
  memory.hasHello ||= memory.google !== undefined
  const { hello } = memory
  const application = dnsOver(flow.server.port, hello)
  return {
    confidence: memory.opened ? 100 : 90,
    evidence: evidenceOf(memory, isOld),
    metadata: metadataOf(memory),
    more: !memory.hasHello && flow.packets < 10,
    ...(application === undefined ? {} : { application }),
  }
}

function evidenceOf({ hello, opened }: Memory, isOld: boolean): string {
  if (hello !== undefined) return 'Initial packet, ClientHello'
  if (opened) return 'Initial packet'
  return isOld ? "Google's QUIC, public header with version" : 'long header of a known version'
}

/** All that a first packet of any version can begin with. */
const begins = Array.from({ length: 256 }, (_, octet) => octet).filter(
  (octet) => octet >= 0x40 || (octet & 0x09) === 0x09
)

export const quic: Protocol = {
  name: 'quic',
  title: 'QUIC',
  category: 'web',
  transports: ['udp'],
  begins,
  ports: { udp: [443] },
  classify,
}

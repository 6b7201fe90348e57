import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { agreement } from '../wire/look.ts'
import type { Look } from '../wire/look.ts'
import type { Answer, FlowView, Protocol } from './protocol.ts'

/*
 * MQTT 3.1, 3.1.1 and 5.0 (OASIS) §2.1, §3.1; the length is in octets of 7 bits, lowest first:
 *
 *   | type (4 bits), flags (4) | length (1..4) | ...
 *
 *   | 10 | length | 0004 "MQTT" or 0006 "MQIsdp" | level 3..5 | flags | alive (2) | [properties] |
 *   | client (2 + n) | [properties, will topic, will] | [user (2 + n)] | [password] |
 *
 * The server answers with 20. Flags: 80h user, 40h password, 04h will. Of a connection under way
 * all packets must be whole, of types with the flags that are theirs.
 */
const connect = 0x10
const connectAnswer = 0x20
const maxLength = 1 << 20
const hasUser = 0x80
const hasPassword = 0x40
const hasWill = 0x04

/** Length of what follows, and where it begins; undefined while it is not all there. */
function lengthAt(bytes: Bytes, from: number): { length: number; at: number } | undefined {
  let [length, scale] = [0, 1]
  for (let i = 0; i < 4; i++) {
    const octet = bytes.u8(from + i)
    if (octet < 0) return undefined
    length += (octet & 0x7f) * scale
    if (octet < 0x80) return { length, at: from + i + 1 }
    scale *= 128
  }
  return undefined
}

function connects(bytes: Bytes): Look {
  const head = lengthAt(bytes, 1)
  if (head === undefined) return bytes.length < 5 ? 'more' : 'no'
  if (head.length < 10 || head.length > maxLength) return 'no'
  const { at } = head
  if (bytes.length < at + 9) {
    const isBeginning =
      bytes.length <= at || bytes.mayHave('\0\u0004MQTT', at) || bytes.mayHave('\0\u0006MQIsdp', at)
    return isBeginning ? 'more' : 'no'
  }
  if (bytes.has('\0\u0006MQIsdp', at)) return (bytes.u8(at + 8) & 0x7f) === 3 ? 'yes' : 'no'
  const level = bytes.u8(at + 6) & 0x7f
  return bytes.has('\0\u0004MQTT', at) && (level === 4 || level === 5) ? 'yes' : 'no'
}

function request(bytes: Bytes): Look {
  return bytes.u8(0) === connect ? connects(bytes) : underWay(bytes)
}

function answer(bytes: Bytes): Look {
  if (bytes.u8(0) !== connectAnswer) return underWay(bytes)
  const head = lengthAt(bytes, 1)
  if (head === undefined) return bytes.length < 5 ? 'more' : 'no'
  const acknowledge = bytes.u8(head.at)
  return head.length >= 2 && head.length < 1024 && acknowledge <= 1 ? 'more' : 'no'
}

/** Types whose flags are fixed (§2.1.3) and whose length is known. */
function isOrdinary(type: number, flags: number, length: number): boolean {
  if (type === 3) return (flags & 6) !== 6 && length >= 2
  if (type === 6 || type === 8 || type === 10) return flags === 2 && length >= 2
  if (type === 12 || type === 13) return flags === 0 && length === 0
  return type >= 4 && type <= 14 && flags === 0
}

/** Packets that fill what is there; they never say `yes`, since they have no magic. */
function underWay(bytes: Bytes): Look {
  const first = bytes.u8(0)
  const head = lengthAt(bytes, 1)
  if (head === undefined)
    return bytes.length < 5 && isOrdinary(first >> 4, first & 15, first >> 4 >= 12 ? 0 : 2)
      ? 'more'
      : 'no'
  return isOrdinary(first >> 4, first & 15, head.length) && head.length < maxLength ? 'more' : 'no'
}

const isWhole = (bytes: Bytes): boolean => {
  let at = 0
  for (let i = 0; i < 32 && at < bytes.length; i++) {
    const first = bytes.u8(at)
    const head = lengthAt(bytes, at + 1)
    if (head === undefined || !isOrdinary(first >> 4, first & 15, head.length)) return false
    at = head.at + head.length
  }
  return at === bytes.length
}

interface Login {
  readonly metadata: Metadata
  readonly hasPassword: boolean
}

function loginOf(client: Bytes): Login {
  const head = lengthAt(client, 1)
  if (head === undefined || client.u8(0) !== connect) return { metadata: {}, hasPassword: false }
  let at = head.at + 2 + client.u16(head.at)
  const level = client.u8(at) & 0x7f
  const flags = client.u8(at + 1)
  at += 4
  const skipProperties = (): void => {
    const properties = level === 5 ? lengthAt(client, at) : undefined
    if (properties !== undefined) at = properties.at + properties.length
  }
  const text = (): string => {
    const length = Math.max(0, client.u16(at))
    const value = client.utf8(at + 2, Math.min(at + 2 + length, at + 258))
    at += 2 + length
    return value
  }
  skipProperties()
  const clientId = text()
  if ((flags & hasWill) !== 0) {
    skipProperties()
    text()
    text()
  }
  const userName = (flags & hasUser) === 0 ? '' : text()
  const version = ({ 3: '3.1', 4: '3.1.1', 5: '5.0' } as Readonly<Record<number, string>>)[level]
  return {
    metadata: {
      ...(clientId === '' ? {} : { clientId }),
      ...(userName === '' ? {} : { userName }),
      ...(version === undefined ? {} : { version }),
    },
    hasPassword: (flags & hasPassword) !== 0,
  }
}

/** Two octets that ask whether somebody is there, and two that answer. */
const arePings = (client: Bytes, server: Bytes): boolean =>
  client.u16(0) === 0xc000 && server.u16(0) === 0xd000

/** A publication with a topic that can be read. */
function publishes(bytes: Bytes): boolean {
  const head = lengthAt(bytes, 1)
  if (bytes.u8(0) >> 4 !== 3 || head === undefined) return false
  const length = bytes.u16(head.at)
  return length >= 2 && length < head.length && bytes.isPrintable(head.at + 2, head.at + 2 + length)
}

/** No greeting was seen: packets of both sides, or of one and the port, must speak for it. */
function withoutGreeting(flow: FlowView): Answer {
  const [{ bytes: client }, { bytes: server }] = flow.sides
  const spoken = [client, server].filter((bytes) => bytes.length > 0 && isWhole(bytes))
  const isUsual = flow.hasPort(1883)
  if (spoken.length === 2) {
    const isTold = spoken.some(publishes) || arePings(client, server) || arePings(server, client)
    if (isUsual || isTold)
      return { confidence: isUsual ? 90 : 80, evidence: 'whole packets of both' }
  }
  const isAlone = client.length === 0 || server.length === 0
  if (!flow.isLast || !isAlone || spoken.length === 0) return 'more'
  const isTold = isUsual || spoken.some(publishes)
  return isTold ? { confidence: isUsual ? 70 : 50, evidence: 'whole packets' } : 'more'
}

function classify(flow: FlowView): Answer {
  const talk = agreement(flow, request, answer, 95)
  if (talk === 'more') return withoutGreeting(flow)
  if (talk === 'never') return 'never'
  const { metadata, hasPassword: isClear } = loginOf(talk.client)
  return {
    confidence: talk.server.length > 0 ? 100 : 95,
    evidence: `connect, MQTT ${metadata.version}`,
    metadata,
    risks: isClear ? ['clear-text-credentials'] : [],
  }
}

export const mqtt: Protocol = {
  name: 'mqtt',
  title: 'MQTT',
  category: 'iot',
  transports: ['tcp'],
  ports: { tcp: [1883] },
  classify,
}

import type { Bytes } from '../../model/bytes.ts'
import type { Metadata } from '../../model/classification.ts'
import { readStun } from '../wire/stun-message.ts'
import type { StunMessage } from '../wire/stun-message.ts'
import { dtls } from './dtls.ts'
import type { Answer, FlowView, Match, Protocol } from './protocol.ts'

/*
 * RFC 8489 (STUN), RFC 8656 (TURN): the message format stands in ../wire/stun-message.ts. Over UDP
 * a message fills its datagram; over TCP they follow each other, of ICE each behind its length
 * (RFC 4571). What comes after them on the same ports is told by its first octet (RFC 7983):
 * 0 .. 3 STUN, 20 .. 63 DTLS, 64 .. 79 TURN channel, 128 .. 191 RTP.
 */

/** Attributes that one maker alone uses, and what they betray. */
const makers: readonly (readonly [from: number, to: number, application: string])[] = [
  [0x4000, 0x4007, 'whatsapp'],
  [0x8054, 0x8055, 'teams'],
  [0x8070, 0x8070, 'teams'],
  [0x8095, 0x8095, 'teams'],
  [0x24df, 0x24df, 'teams'],
  [0x3802, 0x3802, 'teams'],
  [0xff03, 0xff03, 'google-meet'],
  [0x0101, 0x0101, 'zoom'],
  [0x0103, 0x0103, 'zoom'],
]

/** What realms of relays name. */
const realms: readonly (readonly [part: string, application: string])[] = [
  ['signal.org', 'signal'],
  ['facebook', 'messenger'],
  ['whatsapp', 'whatsapp'],
  ['telegram', 'telegram'],
  ['viber', 'viber'],
  ['discord', 'discord'],
  ['zoom', 'zoom'],
  ['slack', 'slack'],
  ['twilio', 'twilio'],
]

const ports = { udp: [3478, 19_302], tcp: [3478] }

/** A flow that goes on with something else shows it soon. */
const maxPackets = 14

function applicationOf(messages: readonly StunMessage[]): string | undefined {
  for (const { attributes, type, realm } of messages) {
    if (type >= 0x0800 && type <= 0x0805) return 'whatsapp'
    for (const [from, to, application] of makers) {
      if (attributes.some((kind) => kind >= from && kind <= to)) return application
    }
    const byRealm = realms.find(([part]) => realm?.toLowerCase().includes(part) === true)
    if (byRealm !== undefined) return byRealm[1]
  }
  return undefined
}

/** The message that a datagram is, or that a stream begins with; undefined where it is none. */
function messageOf(bytes: Bytes, isTcp: boolean): StunMessage | undefined {
  if (!isTcp) {
    const message = readStun(bytes)
    return message?.end === bytes.wireLength ? message : undefined
  }
  const framed = bytes.u16(0) >= 20 ? readStun(bytes, 2) : undefined
  const message = framed?.hasMagic === true ? framed : readStun(bytes)
  return message?.hasMagic === true ? message : undefined
}

const isMakers = (kind: number): boolean => makers.some(([from, to]) => kind >= from && kind <= to)

/** Types and attributes of RFC 3489, which has no magic that would tell it. */
function isClassic({ type, attributes }: StunMessage): boolean {
  const known = [0x0001, 0x0101, 0x0111, 0x0002, 0x0102, 0x0112].includes(type)
  return known && attributes.every((kind) => kind <= 0x0b || kind >= 0x8000 || isMakers(kind))
}

const isOnPort = (flow: FlowView): boolean => ports.udp.some((port) => flow.hasPort(port))

/** Whether the first datagram of the server has the transaction of the client's, octets 4 .. 20. */
function isAnswered({ client, server, transport }: FlowView): boolean {
  if (transport !== 'udp' || server.bytes.u16(0) !== (client.bytes.u16(0) | 0x0100)) return false
  return [4, 8, 12, 16].every((at) => client.bytes.u32(at) === server.bytes.u32(at))
}

type StunText = 'realm' | 'software' | 'mapped' | 'relayed' | 'peer' | 'other' | 'response'

function metadataOf(messages: readonly StunMessage[]): Metadata {
  const first = (key: StunText): string | undefined =>
    messages.map((message) => message[key]).find((value) => value !== undefined && value !== '')
  const [realm, software] = [first('realm'), first('software')]
  const [mapped, relayed, peer] = [first('mapped'), first('relayed'), first('peer')]
  const [other, response] = [first('other'), first('response')]
  return {
    ...(realm === undefined ? {} : { realm, hostname: realm.toLowerCase() }),
    ...(software === undefined ? {} : { software }),
    ...(mapped === undefined ? {} : { stunMapped: mapped }),
    ...(relayed === undefined ? {} : { stunRelayed: relayed }),
    ...(peer === undefined ? {} : { stunPeer: peer }),
    ...(other === undefined ? {} : { stunOther: other }),
    ...(response === undefined ? {} : { stunResponse: response }),
  }
}

/** The DTLS that follows on the same ports, looked at as if it stood alone. */
function dtlsIn(flow: FlowView): Match | undefined {
  const datagrams = flow.datagrams.filter(({ bytes }) => bytes.u8(0) >= 20 && bytes.u8(0) <= 63)
  if (datagrams.length === 0) return undefined
  const view: FlowView = Object.create(flow, { datagrams: { value: datagrams } }) as FlowView
  const answer = dtls.classify(view)
  return typeof answer === 'object' ? answer : undefined
}

/** Datagrams that add nothing but further messages need not be put together again each time. */
const goesOn: Match = { confidence: 90, evidence: 'STUN messages', more: true }

function classify(flow: FlowView): Answer {
  const last = flow.datagrams.at(-1)?.bytes
  const isQuiet = flow.packets > 1 && flow.packets < maxPackets && !flow.isLast
  if (isQuiet && last !== undefined && last.u8(0) < 4 && messageOf(last, false) !== undefined) {
    if (flow.recall('stun', () => ({ isKnown: false })).isKnown) return goesOn
  }
  const isTcp = flow.transport === 'tcp'
  const spoken = isTcp ? flow.sides.map(({ bytes }) => bytes) : flow.datagrams.map((d) => d.bytes)
  const there = spoken.filter((bytes) => bytes.length > 0)
  const [firstBytes] = there
  if (firstBytes === undefined) return 'never'
  const first = messageOf(firstBytes, isTcp)
  if (first === undefined) return isTcp ? shortStream(flow, there) : 'never'
  if (!first.hasMagic) {
    if (!isClassic(first)) return 'never'
    if (first.attributes.length === 0 && !isOnPort(flow)) {
      // Twenty octets that nothing tells but the answer, which repeats their transaction.
      if (there.length === 1) return flow.isLast ? 'never' : 'more'
      if (!isAnswered(flow)) return 'never'
    }
  }
  flow.recall('stun', () => ({ isKnown: false })).isKnown = true
  const messages = there.map((bytes) => messageOf(bytes, isTcp)).filter((m) => m !== undefined)
  return matchOf(flow, messages, first)
}

function shortStream(flow: FlowView, there: readonly Bytes[]): Answer {
  return !flow.isLast && there.every((bytes) => bytes.length < 22 && bytes.u8(0) < 4)
    ? 'more'
    : 'never'
}

function matchOf(flow: FlowView, messages: readonly StunMessage[], first: StunMessage): Match {
  const application = applicationOf(messages)
  const metadata = metadataOf(messages)
  const inner = flow.transport === 'udp' ? dtlsIn(flow) : undefined
  const hasBoth = new Set(messages.map(({ type }) => type & 0x0110)).size > 1
  const sure = hasBoth ? 100 : 90
  const type = first.type.toString(16).padStart(4, '0')
  return {
    confidence: first.hasMagic ? sure : sure - 20,
    evidence: `message type ${type}${inner === undefined ? '' : ', then DTLS'}`,
    ...(inner === undefined ? {} : { protocol: 'dtls', risks: inner.risks ?? [] }),
    ...(application === undefined ? {} : { application }),
    metadata: { ...inner?.metadata, ...metadata },
    more: inner === undefined ? flow.packets < maxPackets : inner.more === true,
  }
}

export const stun: Protocol = {
  name: 'stun',
  title: 'STUN',
  category: 'voip',
  transports: ['udp', 'tcp'],
  // The first two bits of a message are 0.
  begins: { udp: Array.from({ length: 0x40 }, (_, octet) => octet) },
  ports,
  classify,
}

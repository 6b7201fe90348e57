import { formatEndpoint } from '../../model/packet.ts'
import type { Bytes } from '../../model/bytes.ts'

/*
 * RFC 8489 §5:
 *
 *   0          2        4                  8
 *  |00| type  | length | magic 2112a442   | transaction (12) | attributes ...
 *
 * attribute: | type (2) | length (2) | value, padded to four |. RFC 3489 had 16 octets of
 * transaction and no magic.
 */
export const stunMagic = 0x2112a442
const headerBytes = 20

/** Attributes that are looked into (IANA "STUN Attributes"). */
const attribute = {
  mappedAddress: 0x0001,
  sourceAddress: 0x0004,
  changedAddress: 0x0005,
  peerAddress: 0x0012,
  realm: 0x0014,
  relayedAddress: 0x0016,
  xorMappedAddress: 0x0020,
  software: 0x8022,
  oldXorMappedAddress: 0x8020,
  responseOrigin: 0x802b,
  otherAddress: 0x802c,
} as const

/** What a STUN message says. */
export interface StunMessage {
  readonly type: number
  readonly hasMagic: boolean
  readonly attributes: readonly number[]
  readonly realm: string | undefined
  readonly software: string | undefined
  readonly mapped: string | undefined
  readonly relayed: string | undefined
  readonly peer: string | undefined
  /** Another address of the server, and where it answered from (RFC 5780 §7.3, §7.4). */
  readonly other: string | undefined
  readonly response: string | undefined
  /** Behind its last octet. */
  readonly end: number
}

type Draft = { -readonly [K in keyof StunMessage]: StunMessage[K] }

/** Methods: 1 binding, 2 shared secret, 3.. TURN, and 0x800.. those of WhatsApp's calls. */
function isMethod(type: number): boolean {
  const method = (type & 0x000f) | ((type & 0x00e0) >> 1) | ((type & 0x3e00) >> 2)
  return method >= 1 && (method <= 0x0f || (method >= 0x80 && method <= 0x201))
}

const maxAttributes = 64

/** Reads the message at `from`; undefined where there is none, or its lengths do not add up. */
export function readStun(bytes: Bytes, from = 0): StunMessage | undefined {
  const type = bytes.u16(from)
  const length = bytes.u16(from + 2)
  if (type < 0 || type > 0x3fff || !isMethod(type)) return undefined
  const end = from + headerBytes + length
  const hasMagic = bytes.u32(from + 4) === stunMagic
  // The last attribute should be padded too; those of calls of WhatsApp and Teams are not.
  if (length < 0 || (length % 4 !== 0 && !hasMagic) || end > bytes.wireLength) return undefined
  // Microsoft's TURN ([MS-TURN]) does not pad.
  return walk(bytes, from, end, 3) ?? (hasMagic ? walk(bytes, from, end, 0) : undefined)
}

/** Reads the attributes, each padded by at most `padding` octets. */
function walk(bytes: Bytes, from: number, end: number, padding: 0 | 3): StunMessage | undefined {
  const message: Draft = {
    type: bytes.u16(from),
    hasMagic: bytes.u32(from + 4) === stunMagic,
    attributes: [],
    realm: undefined,
    software: undefined,
    mapped: undefined,
    relayed: undefined,
    peer: undefined,
    other: undefined,
    response: undefined,
    end,
  }
  const attributes: number[] = []
  let at = from + headerBytes
  // What the capture has cut off is believed to go on in order.
  while (at + 4 <= Math.min(end, bytes.length) && attributes.length < maxAttributes) {
    const kind = bytes.u16(at)
    const size = bytes.u16(at + 2)
    if (at + 4 + size > end) return undefined
    attributes.push(kind)
    readAttribute(bytes, from, kind, at + 4, at + 4 + size, message)
    at += 4 + ((size + padding) & ~padding)
  }
  message.attributes = attributes
  return message
}

const maxTextBytes = 128

function readAttribute(
  bytes: Bytes,
  from: number,
  kind: number,
  at: number,
  to: number,
  message: Draft
): void {
  const text = (): string => bytes.utf8(at, Math.min(to, at + maxTextBytes)).replaceAll('\0', '')
  switch (kind) {
    case attribute.mappedAddress:
      message.mapped ??= addressOf(bytes, at, to, undefined)
      break
    // RFC 3489 had other names for what RFC 5780 gave new numbers to.
    case attribute.otherAddress:
    case attribute.changedAddress:
      message.other ??= addressOf(bytes, at, to, undefined)
      break
    case attribute.responseOrigin:
    case attribute.sourceAddress:
      message.response ??= addressOf(bytes, at, to, undefined)
      break
    case attribute.xorMappedAddress:
    case attribute.oldXorMappedAddress:
      message.mapped = addressOf(bytes, at, to, from + 4)
      break
    case attribute.relayedAddress:
      message.relayed = addressOf(bytes, at, to, from + 4)
      break
    case attribute.peerAddress:
      message.peer = addressOf(bytes, at, to, from + 4)
      break
    case attribute.realm:
      message.realm = text()
      break
    case attribute.software:
      message.software = text()
      break
    default:
  }
}

/**
 * | 0 | family (1: IPv4, 2: IPv6) | port | address |; the XOR forms are mixed with the magic, and
 * for IPv6 with the transaction behind it (RFC 8489 §14.2).
 */
function addressOf(
  bytes: Bytes,
  at: number,
  to: number,
  maskAt: number | undefined
): string | undefined {
  const family = bytes.u8(at + 1)
  const mask = (place: number): number => (maskAt === undefined ? 0 : bytes.u32(maskAt + place))
  const word = (place: number): number => (bytes.u32(at + 4 + place) ^ mask(place)) >>> 0
  const port = bytes.u16(at + 2) ^ (mask(0) >>> 16)
  if (family === 1 && to - at === 8) return formatEndpoint(0, 0, 0xffff, word(0), port)
  if (family !== 2 || to - at !== 20) return undefined
  return formatEndpoint(word(0), word(4), word(8), word(12), port)
}

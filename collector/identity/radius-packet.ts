import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/*
 * A RADIUS packet (RFC 2865 §3, RFC 2866 §3), one to a UDP datagram, numbers in network order:
 *
 *    0                   1                   2                   3
 *   +---------------+---------------+-------------------------------+
 *   | code          | identifier    | length, header included       |  20..4096
 *   +---------------+---------------+-------------------------------+
 *   | authenticator, 16 octets                                      |
 *   +---------------+---------------+-------------------------------+
 *   | type          | length >= 2   | value, length - 2 octets  ... |  any number of attributes
 *   +---------------+---------------+-------------------------------+
 *
 * Octets behind the length are padding. A datagram shorter than the length says is no packet.
 *
 *   Accounting-Request:   authenticator = MD5(the packet with zeros for it, then the secret)
 *   Accounting-Response:  authenticator = MD5(the same with the request's authenticator for zeros)
 *   Status-Server:        authenticator = random; its Message-Authenticator proves the secret
 *   Message-Authenticator (80, RFC 3579 §3.2): HMAC-MD5(secret, the packet with this attribute's
 *                         value as zeros); in an Accounting-Request the authenticator is zeros too
 */
export const radiusCode = {
  accountingRequest: 4,
  accountingResponse: 5,
  statusServer: 12,
} as const

const headerBytes = 20
const maxPacketBytes = 4096
const authenticatorAt = 4
const authenticatorBytes = 16

const proxyState = 33
const messageAuthenticator = 80

/** Why a datagram is no packet, or not from who it says; each is a counter. */
export const radiusFailures = [
  'short',
  'long',
  'length',
  'attribute-length',
  'authenticator',
  'message-authenticator',
] as const

export type RadiusFailure = (typeof radiusFailures)[number]

export interface RadiusAttribute {
  readonly type: number
  /** A view into the datagram. */
  readonly value: Buffer
}

export interface RadiusPacket {
  readonly code: number
  readonly identifier: number
  /** The packet without padding. */
  readonly bytes: Buffer
  readonly authenticator: Buffer
  readonly attributes: readonly RadiusAttribute[]
}

/** Reads a datagram, checking every length; nothing is said of who sent it. */
export function decodeRadius(datagram: Buffer): RadiusPacket | RadiusFailure {
  if (datagram.length < headerBytes) return 'short'
  if (datagram.length > maxPacketBytes) return 'long'
  const length = datagram.readUInt16BE(2)
  if (length < headerBytes || length > datagram.length) return 'length'
  const bytes = datagram.subarray(0, length)
  const attributes: RadiusAttribute[] = []
  let at = headerBytes
  while (at < length) {
    const octets = bytes[at + 1] ?? 0
    if (octets < 2 || at + octets > length) return 'attribute-length'
    attributes.push({ type: bytes[at] ?? 0, value: bytes.subarray(at + 2, at + octets) })
    at += octets
  }
  const authenticator = bytes.subarray(authenticatorAt, authenticatorAt + authenticatorBytes)
  return {
    code: datagram[0] ?? 0,
    identifier: datagram[1] ?? 0,
    bytes,
    authenticator,
    attributes,
  }
}

function md5(bytes: Buffer, secret: Buffer): Buffer {
  return createHash('md5').update(bytes).update(secret).digest()
}

/** A copy with the authenticator as zeros, the form that requests are signed in. */
function unsigned(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  return copy.fill(0, authenticatorAt, authenticatorAt + authenticatorBytes)
}

/**
 * Checks that the sender knows the secret. A Message-Authenticator is checked wherever there is
 * one, and a Status-Server must have it, since nothing else signs it (RFC 5997 §3).
 *
 * @returns undefined where all is well
 */
export function checkRadius(packet: RadiusPacket, secret: Buffer): RadiusFailure | undefined {
  const accounting = packet.code === radiusCode.accountingRequest
  if (accounting && !timingSafeEqual(md5(unsigned(packet.bytes), secret), packet.authenticator)) {
    return 'authenticator'
  }
  const signatures = packet.attributes.filter(({ type }) => type === messageAuthenticator)
  const [signature] = signatures
  if (signature === undefined) return accounting ? undefined : 'message-authenticator'
  if (signatures.length > 1 || signature.value.length !== authenticatorBytes) {
    return 'message-authenticator'
  }
  const signed = accounting ? unsigned(packet.bytes) : Buffer.from(packet.bytes)
  const at = signature.value.byteOffset - packet.bytes.byteOffset
  signed.fill(0, at, at + authenticatorBytes)
  const expected = createHmac('md5', secret).update(signed).digest()
  return timingSafeEqual(expected, signature.value) ? undefined : 'message-authenticator'
}

function encodeAttribute({ type, value }: RadiusAttribute): Buffer {
  return Buffer.concat([Buffer.from([type, value.length + 2]), value])
}

/**
 * The Accounting-Response to a request, as both kinds of request get it (RFC 2866 §4.2, RFC 5997
 * §4.2): Proxy-State is given back as it came (RFC 2865 §5.33). Only the answer to Status-Server
 * has a Message-Authenticator: what it covers in an answer to accounting no RFC says, and clients
 * differ.
 */
export function encodeResponse(request: RadiusPacket, secret: Buffer): Buffer {
  const signed = request.code === radiusCode.statusServer
  const signature = { type: messageAuthenticator, value: Buffer.alloc(authenticatorBytes) }
  const states = request.attributes.filter(({ type }) => type === proxyState)
  const attributes = [...(signed ? [signature] : []), ...states].map(encodeAttribute)
  const header = Buffer.alloc(headerBytes)
  header.writeUInt8(radiusCode.accountingResponse, 0)
  header.writeUInt8(request.identifier, 1)
  request.authenticator.copy(header, authenticatorAt)
  const response = Buffer.concat([header, ...attributes])
  response.writeUInt16BE(response.length, 2)
  if (signed) {
    // The signature stands first, and is made before the authenticator that covers it.
    const code = createHmac('md5', secret).update(response).digest()
    code.copy(response, headerBytes + 2)
  }
  md5(response, secret).copy(response, authenticatorAt)
  return response
}

import type { Bytes } from '../../model/bytes.ts'

/** Numbers of TLS extensions (IANA "TLS ExtensionType Values") that are looked into. */
export const extension = {
  serverName: 0,
  supportedGroups: 10,
  pointFormats: 11,
  signatureAlgorithms: 13,
  alpn: 16,
  supportedVersions: 43,
  encryptedClientHello: 0xfe0d,
  encryptedServerName: 0xffce,
} as const

/** What a ClientHello or a ServerHello says; lists in the order of the wire, GREASE included. */
export interface Hello {
  readonly version: number
  readonly ciphers: readonly number[]
  /** Types of its extensions. */
  readonly extensions: readonly number[]
  readonly serverName: string | undefined
  readonly alpn: readonly string[]
  readonly groups: readonly number[]
  readonly pointFormats: readonly number[]
  readonly signatureAlgorithms: readonly number[]
  readonly supportedVersions: readonly number[]
}

type Draft = { -readonly [K in keyof Hello]: Hello[K] }

/** RFC 8701: values that a client sends to keep servers tolerant: 0x0a0a, 0x1a1a .. 0xfafa. */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff)
}

function draft(version: number): Draft {
  return {
    version,
    ciphers: [],
    extensions: [],
    serverName: undefined,
    alpn: [],
    groups: [],
    pointFormats: [],
    signatureAlgorithms: [],
    supportedVersions: [],
  }
}

/** Two-octet numbers of `from` .. `to`. */
function numbers(bytes: Bytes, from: number, to: number): number[] {
  const list: number[] = []
  for (let at = from; at + 2 <= to; at += 2) list.push(bytes.u16(at))
  return list
}

function octets(bytes: Bytes, from: number, to: number): number[] {
  const list: number[] = []
  for (let at = from; at < to; at++) list.push(bytes.u8(at))
  return list
}

/**
 * ClientHello (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2; of DTLS RFC 6347 §4.2.1):
 *
 *   | version (2) | random (32) | n | session id | (DTLS: n | cookie |) n (2) | cipher suites |
 *   | n | compression methods | n (2) | extensions: type (2), length (2), data |
 *
 * @returns undefined where lengths do not add up
 */
export function readClientHello(body: Bytes, isDatagram = false): Hello | undefined {
  const hello = draft(body.u16(0))
  let at = 34
  for (let i = isDatagram ? 2 : 1; i > 0; i--) {
    const length = body.u8(at)
    if (length < 0) return undefined
    at += 1 + length
  }
  const cipherBytes = body.u16(at)
  if (cipherBytes < 2 || cipherBytes % 2 !== 0 || at + 2 + cipherBytes > body.length) {
    return undefined
  }
  hello.ciphers = numbers(body, at + 2, at + 2 + cipherBytes)
  at += 2 + cipherBytes
  const compressions = body.u8(at)
  if (compressions < 1) return undefined
  at += 1 + compressions
  return readExtensions(body, at, hello, true) ? hello : undefined
}

/**
 * ServerHello (RFC 8446 §4.1.3): | version (2) | random (32) | n | session id | cipher suite (2) |
 * | compression | n (2) | extensions |.
 */
export function readServerHello(body: Bytes): Hello | undefined {
  const hello = draft(body.u16(0))
  const sessionBytes = body.u8(34)
  if (sessionBytes < 0 || sessionBytes > 32) return undefined
  const at = 35 + sessionBytes
  if (at + 3 > body.length) return undefined
  hello.ciphers = [body.u16(at)]
  return readExtensions(body, at + 3, hello, false) ? hello : undefined
}

function readExtensions(body: Bytes, from: number, hello: Draft, isClient: boolean): boolean {
  // Hellos of TLS 1.1 and before may end here.
  if (from === body.length) return true
  const total = body.u16(from)
  if (total < 0) return false
  const types: number[] = []
  let at = from + 2
  // A wrong total makes what is there no less a hello.
  const end = Math.min(at + total, body.length)
  while (at + 4 <= end) {
    const type = body.u16(at)
    const length = body.u16(at + 2)
    if (at + 4 + length > end) break
    types.push(type)
    readExtension(body, type, at + 4, at + 4 + length, hello, isClient)
    at += 4 + length
  }
  hello.extensions = types
  return true
}

function readExtension(
  body: Bytes,
  type: number,
  from: number,
  to: number,
  hello: Draft,
  isClient: boolean
): void {
  switch (type) {
    case extension.serverName:
      if (isClient) hello.serverName = serverNameOf(body, from, to)
      break
    case extension.alpn:
      hello.alpn = alpnOf(body, from, to)
      break
    case extension.supportedGroups:
      hello.groups = numbers(body, from + 2, to)
      break
    case extension.pointFormats:
      hello.pointFormats = octets(body, from + 1, to)
      break
    case extension.signatureAlgorithms:
      hello.signatureAlgorithms = numbers(body, from + 2, to)
      break
    case extension.supportedVersions:
      // A list of the client, the one in force of the server.
      hello.supportedVersions = numbers(body, isClient ? from + 1 : from, to)
      break
    default:
  }
}

/** RFC 6066 §3: | list length (2) | type 0 | length (2) | host name |. */
function serverNameOf(body: Bytes, from: number, to: number): string | undefined {
  if (body.u8(from + 2) !== 0) return undefined
  const length = body.u16(from + 3)
  if (length < 1 || from + 5 + length > to) return undefined
  return hostText(body, from + 5, from + 5 + length)
}

/** RFC 7301 §3.1: | list length (2) | then each: length | name |. */
function alpnOf(body: Bytes, from: number, to: number): string[] {
  const names: string[] = []
  let at = from + 2
  while (at < to && names.length < 64) {
    const length = body.u8(at)
    if (length < 1 || at + 1 + length > to) break
    names.push(body.text(at + 1, at + 1 + length))
    at += 1 + length
  }
  return names
}

/** The longest host name that DNS can carry. */
const maxHostBytes = 255

/** A host name as it may be shown: lower case, bounded, what is not printable replaced by `?`. */
export function hostText(bytes: Bytes, from: number, to: number): string {
  const text = bytes.text(from, Math.min(to, from + maxHostBytes)).toLowerCase()
  return text.replaceAll(/[^\x21-\x7e]/g, '?')
}

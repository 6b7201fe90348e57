import { hash } from 'node:crypto'
import { extension, isGrease } from './tls-hello.ts'
import type { Hello } from './tls-hello.ts'

const real = (values: readonly number[]): number[] => values.filter((value) => !isGrease(value))

/** The fingerprints of a ClientHello. */
export interface ClientFingerprints {
  readonly ja3: string
  readonly ja4: string
}

interface Known extends ClientFingerprints {
  readonly hello: Hello
  readonly carrier: Ja4Carrier
}

/** A power of two. */
const slots = 4096
/** Hellos that were hashed lately: a client program sends the same one again and again. */
const recent = Array.from({ length: slots }, (): Known | undefined => undefined)
/** Longer lists are no program's; they are not kept. */
const longestKept = 256

/** JA3 and JA4 of a ClientHello. */
export function fingerprintsOf(hello: Hello, carrier: Ja4Carrier): ClientFingerprints {
  let mark = carrier.charCodeAt(0)
  for (const key of keys) mark = mixed(mark, hello[key])
  const slot = (mark ^ (mark >>> 15)) & (slots - 1)
  const known = recent[slot]
  if (known?.carrier === carrier && isAlike(known.hello, hello)) return known
  const prints = { ja3: md5(ja3Text(hello)), ja4: ja4Of(hello, carrier), hello, carrier }
  if (keys.every((key) => hello[key].length <= longestKept)) recent[slot] = prints
  return prints
}

/** What fingerprints are made of, beside the version and the first protocol that is offered. */
const keys = [
  'ciphers',
  'extensions',
  'groups',
  'pointFormats',
  'signatureAlgorithms',
  'supportedVersions',
] as const

function mixed(from: number, list: readonly number[]): number {
  let mark = Math.imul(from, 31) + list.length
  for (const value of list) mark = (Math.imul(mark, 31) + value) | 0
  return mark
}

function isAlike(one: Hello, other: Hello): boolean {
  return (
    one.version === other.version &&
    one.alpn[0] === other.alpn[0] &&
    isSame(one.ciphers, other.ciphers) &&
    isSame(one.extensions, other.extensions) &&
    isSame(one.groups, other.groups) &&
    isSame(one.pointFormats, other.pointFormats) &&
    isSame(one.signatureAlgorithms, other.signatureAlgorithms) &&
    isSame(one.supportedVersions, other.supportedVersions)
  )
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  if (one.length !== other.length) return false
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false
  return true
}

const md5 = (text: string): string => hash('md5', text)

/**
 * JA3 (Salesforce, BSD-3) is the MD5 of version, cipher suites, extensions, groups and point
 * formats of a ClientHello, in decimal, without GREASE.
 */
function ja3Text(hello: Hello): string {
  const lists = [hello.ciphers, hello.extensions, hello.groups, hello.pointFormats]
  return [hello.version, ...lists.map((list) => real(list).join('-'))].join(',')
}

const knownServers = new Map<string, string>()
const maxServers = 4096

/** JA3S: MD5 of version, cipher suite and extensions of a ServerHello. */
export function ja3sOf(hello: Hello): string {
  const text = `${hello.version},${hello.ciphers[0] ?? ''},${hello.extensions.join('-')}`
  const known = knownServers.get(text)
  if (known !== undefined) return known
  if (knownServers.size >= maxServers) knownServers.clear()
  const made = md5(text)
  knownServers.set(text, made)
  return made
}

/** What the ClientHello came over, as JA4 writes it. */
export type Ja4Carrier = 't' | 'q' | 'd'

const versionNames: Readonly<Record<number, string>> = {
  0x0304: '13',
  0x0303: '12',
  0x0302: '11',
  0x0301: '10',
  0x0300: 's3',
  0x0002: 's2',
  0xfeff: 'd1',
  0xfefd: 'd2',
  0xfefc: 'd3',
}

const hex4 = (value: number): string => value.toString(16).padStart(4, '0')
const twoDigits = (count: number): string => String(Math.min(count, 99)).padStart(2, '0')
const none = '000000000000'

/**
 * JA4 (FoxIO, BSD-3) of a ClientHello:
 *
 *   carrier, version, SNI or not, number of ciphers, of extensions, ALPN _ hash of ciphers _ hash
 *   of extensions and signature algorithms
 *
 * SNI and ALPN count as extensions but are not hashed; GREASE is nowhere.
 */
function ja4Of(hello: Hello, carrier: Ja4Carrier): string {
  const ciphers = real(hello.ciphers)
  const extensions = real(hello.extensions)
  const name = hello.extensions.includes(extension.serverName) ? 'd' : 'i'
  const counts = twoDigits(ciphers.length) + twoDigits(extensions.length)
  const head = carrier + versionOf(hello) + name + counts + alpnLetters(hello.alpn[0])
  return `${head}_${cipherHash(ciphers)}_${extensionHash(extensions, hello)}`
}

function versionOf(hello: Hello): string {
  const offered = real(hello.supportedVersions).filter((version) => version in versionNames)
  // Versions of DTLS count downwards.
  const isDatagram = hello.version >= 0xfe00
  const best = isDatagram ? Math.min(...offered) : Math.max(...offered)
  return versionNames[offered.length > 0 ? best : hello.version] ?? '00'
}

const isAlphanumeric = (letter: string): boolean => /^[0-9A-Za-z]$/.test(letter)

/** First and last letter of the first protocol; of one that has others, the nibbles at its ends. */
function alpnLetters(protocol: string | undefined): string {
  if (protocol === undefined || protocol === '') return '00'
  const first = protocol.charAt(0)
  const last = protocol.charAt(protocol.length - 1)
  if (isAlphanumeric(first) && isAlphanumeric(last)) return first + last
  const octets = Buffer.from(protocol, 'latin1').toString('hex')
  return octets.charAt(0) + octets.charAt(octets.length - 1)
}

function cipherHash(ciphers: readonly number[]): string {
  if (ciphers.length === 0) return none
  return hash('sha256', ciphers.map(hex4).sort().join(',')).slice(0, 12)
}

function extensionHash(extensions: readonly number[], hello: Hello): string {
  const hashed = extensions.filter(
    (type) => type !== extension.serverName && type !== extension.alpn
  )
  if (hashed.length === 0) return none
  const algorithms = real(hello.signatureAlgorithms).map(hex4).join(',')
  const text = hashed.map(hex4).sort().join(',') + (algorithms === '' ? '' : `_${algorithms}`)
  return hash('sha256', text).slice(0, 12)
}

import type { Metadata } from '../../model/classification.ts'
import type { Risk } from '../risks.ts'
import type { Certificate } from './certificate.ts'
import { fingerprintsOf, ja3sOf } from './fingerprints.ts'
import type { Ja4Carrier } from './fingerprints.ts'
import { extension, isGrease } from './tls-hello.ts'
import type { Hello } from './tls-hello.ts'

/** What is known of a TLS connection: hellos and the first certificate, as far as seen. */
export interface TlsFacts {
  readonly carrier: Ja4Carrier
  readonly client?: Hello | undefined
  readonly server?: Hello | undefined
  readonly certificate?: Certificate | undefined
  /** When they were seen, s since 1970. */
  readonly seenAt: number
}

/** Names that clients put in the outer hello when the real name is encrypted (RFC 9849). */
const outerNames: ReadonlySet<string> = new Set(['cloudflare-ech.com', 'tls-ech.dev'])

const versions: Readonly<Record<number, string>> = {
  0x0304: '1.3',
  0x0303: '1.2',
  0x0302: '1.1',
  0x0301: '1.0',
  0x0300: 'ssl3',
  0x0002: 'ssl2',
  0xfeff: 'dtls1.0',
  0xfefd: 'dtls1.2',
  0xfefc: 'dtls1.3',
}

/** The version in force: what the server chose. */
function versionInForce(server: Hello | undefined): string | undefined {
  if (server === undefined) return undefined
  return versions[server.supportedVersions[0] ?? server.version]
}

/**
 * Every GREASE-like offer of encryption looks the same: only a name known as an outer one tells
 * that the real name is hidden.
 */
function sniKindOf(client: Hello): 'real' | 'outer' | 'absent' {
  if (client.serverName === undefined) return 'absent'
  const hasEch = client.extensions.includes(extension.encryptedClientHello)
  return hasEch && outerNames.has(client.serverName) ? 'outer' : 'real'
}

type Draft = { -readonly [K in keyof Metadata]: Metadata[K] }

export function tlsMetadata({ carrier, client, server, certificate }: TlsFacts): Metadata {
  const metadata: Draft = {}
  if (client !== undefined) addClient(metadata, client, carrier)
  if (server !== undefined) addServer(metadata, server)
  if (certificate !== undefined) addCertificate(metadata, certificate)
  return metadata
}

function addClient(metadata: Draft, client: Hello, carrier: Ja4Carrier): void {
  const { serverName, alpn } = client
  const { ja3, ja4 } = fingerprintsOf(client, carrier)
  if (serverName !== undefined) metadata.hostname = serverName
  metadata.sniKind = sniKindOf(client)
  if (client.extensions.includes(extension.encryptedClientHello)) metadata.echVersion = 'fe0d'
  if (alpn.length > 0) metadata.alpn = alpn.some(isGreaseName) ? real(alpn) : alpn
  metadata.ja3 = ja3
  metadata.ja4 = ja4
}

/** Four hexadecimal digits of each number that was asked for; there are 65 536 at most. */
const digits = new Map<number, string>()

function digitsOf(number: number): string {
  const known = digits.get(number)
  if (known !== undefined) return known
  const made = number.toString(16).padStart(4, '0')
  digits.set(number, made)
  return made
}

function addServer(metadata: Draft, server: Hello): void {
  const version = versionInForce(server)
  const [cipher] = server.ciphers
  const [alpn] = server.alpn
  if (version !== undefined) metadata.tlsVersion = version
  if (cipher !== undefined) metadata.tlsCipher = digitsOf(cipher)
  metadata.ja3s = ja3sOf(server)
  if (alpn !== undefined) metadata.alpnServer = alpn
}

const isGreaseName = (name: string): boolean =>
  name.length === 2 && isGrease(name.charCodeAt(0) * 256 + name.charCodeAt(1))

const real = (names: readonly string[]): string[] => names.filter((name) => !isGreaseName(name))

function addCertificate(metadata: Draft, certificate: Certificate): void {
  const { notBefore, notAfter } = certificate
  metadata.certificateNames = certificate.names
  metadata.certificateSubject = certificate.subject
  metadata.certificateIssuer = certificate.issuer
  metadata.certificateSha1 = certificate.sha1
  if (notBefore !== undefined) metadata.certificateNotBefore = notBefore
  if (notAfter !== undefined) metadata.certificateNotAfter = notAfter
}

/** Of those above 0x2e, where AES begins: anonymous ones, those without encryption, RC4. */
const weakCiphers: ReadonlySet<number> = new Set([
  0x34, 0x3a, 0x6c, 0x6d, 0xa6, 0xa7, 0xc015, 0xc016, 0xc017, 0xc018, 0xc019, 0x3b, 0xc001, 0xc006,
  0xc00b, 0xc010, 0xc002, 0xc007, 0xc00c, 0xc011,
])

/** Suites without secrecy or with broken ciphers: NULL, anonymous, export, RC4, DES. */
function isWeakCipher(cipher: number): boolean {
  return cipher <= 0x2e || weakCiphers.has(cipher)
}

const matchesName = (pattern: string, host: string): boolean =>
  pattern.toLowerCase() === host ||
  (pattern.startsWith('*.') && host.slice(host.indexOf('.')) === pattern.slice(1).toLowerCase())

export function tlsRisks({ client, server, certificate, seenAt }: TlsFacts): Risk[] {
  const found: Risk[] = []
  const version = versionInForce(server)
  if (version !== undefined && !/1\.[23]$/.test(version)) found.push('obsolete-tls')
  if (isWeakCipher(server?.ciphers[0] ?? 0xffff)) found.push('weak-cipher')
  if (certificate === undefined) return found
  if (certificate.isSelfSigned) found.push('certificate-self-signed')
  const { notBefore = -Infinity, notAfter = Infinity } = certificate
  if (seenAt < notBefore || seenAt > notAfter) found.push('certificate-expired')
  const host = client?.serverName
  if (host !== undefined && !certificate.names.some((name) => matchesName(name, host))) {
    found.push('certificate-mismatch')
  }
  return found
}

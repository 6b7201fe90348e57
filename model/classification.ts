/**
 * What can be known of a connection beside its protocol: each thing once, with the name that
 * TypeScript, and in snake_case JSON and the expression language, call it by. `personal` marks what
 * tells about the person rather than the service; configuration can switch those off.
 */
export const metadataFields = [
  { name: 'hostname', kind: 'text', personal: true, text: 'Server as the client asked for it.' },
  { name: 'sniKind', kind: 'text', text: 'Of TLS: `real`, `outer` (of ECH) or `absent`.' },
  { name: 'echVersion', kind: 'text', text: 'Extension for encrypted hellos, offered or feigned.' },
  { name: 'alpn', kind: 'texts', text: 'Protocols that the client offers over TLS (RFC 7301).' },
  { name: 'alpnServer', kind: 'text', text: 'The one that the server took.' },
  { name: 'tlsVersion', kind: 'text', text: 'Version in force: `1.2`, `1.3`, `ssl3`.' },
  { name: 'tlsCipher', kind: 'text', text: 'Cipher suite in force, four hexadecimal digits.' },
  { name: 'ja3', kind: 'text', text: 'MD5 of the ClientHello as JA3 writes it.' },
  { name: 'ja3s', kind: 'text', text: 'MD5 of the ServerHello as JA3S writes it.' },
  { name: 'ja4', kind: 'text', text: 'JA4 fingerprint of the ClientHello.' },
  { name: 'certificateNames', kind: 'texts', text: 'Names that the certificate is for.' },
  { name: 'certificateSubject', kind: 'text', text: 'Distinguished name of its subject.' },
  { name: 'certificateIssuer', kind: 'text', text: 'Distinguished name of its issuer.' },
  { name: 'certificateNotBefore', kind: 'number', text: 'Start of its validity, s since 1970.' },
  { name: 'certificateNotAfter', kind: 'number', text: 'End of its validity, s since 1970.' },
  { name: 'certificateSha1', kind: 'text', text: 'SHA-1 of it, hexadecimal.' },
  { name: 'quicVersion', kind: 'text', text: 'Version of QUIC, eight hexadecimal digits.' },
  { name: 'httpMethod', kind: 'text', text: 'Method of the first request.' },
  { name: 'httpUrl', kind: 'text', personal: true, text: 'Target of the first request.' },
  { name: 'httpStatus', kind: 'number', text: 'Status of the first reply.' },
  { name: 'httpUpgrade', kind: 'text', text: 'Protocol agreed in its place: `websocket`.' },
  { name: 'userAgent', kind: 'text', personal: true, text: 'What the client calls itself.' },
  { name: 'serverAgent', kind: 'text', text: 'What the server calls itself.' },
  { name: 'contentType', kind: 'text', text: 'Media type of the first reply.' },
  { name: 'dnsQueryType', kind: 'number', text: 'Type of the first question (RFC 1035).' },
  { name: 'dnsResponseCode', kind: 'number', text: 'Result code of the first reply.' },
  { name: 'dnsAnswers', kind: 'texts', personal: true, text: 'Addresses and names answered.' },
  { name: 'dnsTtl', kind: 'number', text: 'Shortest time that an answer may be kept, s.' },
  { name: 'dnsHostname', kind: 'text', personal: true, text: 'Name that had led to the server.' },
  { name: 'hassh', kind: 'text', text: 'MD5 of what the SSH client offers.' },
  { name: 'hasshServer', kind: 'text', text: 'MD5 of what the SSH server offers.' },
  { name: 'sshClient', kind: 'text', text: 'Banner of the SSH client.' },
  { name: 'sshServer', kind: 'text', text: 'Banner of the SSH server.' },
  { name: 'infoHash', kind: 'text', personal: true, text: 'Torrent, 40 hexadecimal digits.' },
  { name: 'stunMapped', kind: 'text', personal: true, text: 'Address that STUN reflected.' },
  { name: 'stunPeer', kind: 'text', personal: true, text: 'Peer behind a TURN relay.' },
  { name: 'stunRelayed', kind: 'text', text: 'Address that the TURN relay gave.' },
  { name: 'stunOther', kind: 'text', text: 'Other address of the STUN server (RFC 5780).' },
  { name: 'stunResponse', kind: 'text', text: 'Address that the STUN server answered from.' },
  { name: 'dhcpFingerprint', kind: 'text', text: 'Options asked for, in their order.' },
  { name: 'dhcpClass', kind: 'text', text: 'Class of the DHCP client (option 60).' },
  { name: 'userName', kind: 'text', personal: true, text: 'Name that somebody logged in with.' },
  { name: 'realm', kind: 'text', text: 'Realm or domain of that name.' },
  { name: 'clientId', kind: 'text', personal: true, text: 'Identifier that the client gives.' },
  { name: 'callFrom', kind: 'text', personal: true, text: 'Who calls (SIP, H.323).' },
  { name: 'callTo', kind: 'text', personal: true, text: 'Who is called.' },
  { name: 'fileName', kind: 'text', personal: true, text: 'File that is asked for.' },
  { name: 'software', kind: 'text', text: 'Program or device that speaks, as it says itself.' },
  { name: 'version', kind: 'text', text: 'Version of the protocol or of the program.' },
] as const

type TypeOf = { text: string; texts: readonly string[]; number: number }

export type MetadataName = (typeof metadataFields)[number]['name']

/** What is known of a connection, by the names of {@link metadataFields}. */
export type Metadata = {
  readonly [F in (typeof metadataFields)[number] as F['name']]?: TypeOf[F['kind']]
}

/** Where a finding about a connection comes from, the weightiest first. */
export const evidenceSources = [
  'payload',
  'ip-protocol',
  'soft-rule',
  'host-rule',
  'certificate-rule',
  'dns-hint',
  'expectation',
  'address-rule',
  'port',
] as const

export type EvidenceSource = (typeof evidenceSources)[number]

/** One finding about a connection, and what it speaks for. */
export interface Evidence {
  readonly source: EvidenceSource
  /** Packet of the connection, counted from 1, after which it was found. */
  readonly packet: number
  /** Protocol or application that it speaks for. */
  readonly speaksFor: string
  /** How sure it makes, 1 .. 100. */
  readonly confidence: number
  /** What was seen, in a few words; of rules also the file and line. */
  readonly what: string
  /** Why it lost; left out of what the verdict rests on. */
  readonly lostTo?: string
}

/** What a connection was found to be. */
export interface Classification {
  /** Identifier of what is spoken, `unknown` where nothing tells. */
  readonly protocol: string
  /** Identifier of the service that it serves, as far as known. */
  readonly application: string | undefined
  /** How sure protocol and application are, 0 .. 100; guesses by port are below 30. */
  readonly confidence: number
  readonly metadata: Metadata
  /** Names of model/risks.ts. */
  readonly risks: readonly string[]
  readonly evidence: readonly Evidence[]
}

/** Of a flow that nothing recognised yet. */
export const undecided: Classification = {
  protocol: 'unknown',
  application: undefined,
  confidence: 0,
  metadata: {},
  risks: [],
  evidence: [],
}

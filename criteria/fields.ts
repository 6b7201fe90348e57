import { isV4 } from '../model/address.ts'
import type { ClassifiedFlow } from '../model/classified-flow.ts'
import { otherTypes } from '../model/classified-flow.ts'

type Read<T> = (flow: ClassifiedFlow) => T | undefined

/** What a field holds decides how it is compared. */
export type FieldValue =
  | { readonly kind: 'number'; readonly read: Read<number> }
  | { readonly kind: 'boolean'; readonly read: Read<boolean> }
  /** Letters in any case, or a pattern. */
  | { readonly kind: 'text'; readonly read: Read<string> }
  /** As text; any of several may be the one. */
  | { readonly kind: 'texts'; readonly read: Read<readonly string[]> }
  /** One of a list of words, which may carry the prefix before them. */
  | {
      readonly kind: 'word'
      readonly words: readonly string[]
      readonly prefix: string
      readonly read: Read<string>
    }
  | { readonly kind: 'address'; readonly end: 'local' | 'other' }
  | { readonly kind: 'mac'; readonly end: 'local' | 'other' }
  | { readonly kind: 'application' | 'protocol' }
  | { readonly kind: 'category'; readonly of: 'application' | 'protocol' | 'any' }
  | { readonly kind: 'time' | 'weekday' }

/** A field of expressions: its name, other names it goes by, and what it holds. */
export interface Field {
  readonly names: readonly string[]
  readonly text: string
  readonly value: FieldValue
}

const number = (read: Read<number>): FieldValue => ({ kind: 'number', read })
const boolean = (read: Read<boolean>): FieldValue => ({ kind: 'boolean', read })
const text = (read: Read<string>): FieldValue => ({ kind: 'text', read })
const texts = (read: Read<readonly string[]>): FieldValue => ({ kind: 'texts', read })
const word = (words: readonly string[], prefix: string, read: Read<string>): FieldValue => ({
  kind: 'word',
  words,
  prefix,
  read,
})

/** Versions of TLS as numbers, which Netify compares: 0x0303 is TLS 1.2. */
const tlsNumbers: Readonly<Record<string, number>> = {
  ssl2: 0x0002,
  ssl3: 0x0300,
  '1.0': 0x0301,
  '1.1': 0x0302,
  '1.2': 0x0303,
  '1.3': 0x0304,
}

const hex = (digits: string | undefined): number | undefined =>
  digits === undefined ? undefined : Number.parseInt(digits, 16)

/** Every field that an expression can name, by Netify's names and by ours. */
export const fields: readonly Field[] = [
  {
    names: ['app', 'application', 'app_id', 'application_id'],
    text: 'Application, by identifier, Netify tag or number; 0 is none.',
    value: { kind: 'application' },
  },
  {
    names: ['protocol', 'proto', 'protocol_id', 'proto_id'],
    text: 'Protocol, by identifier, Netify name or number; 0 is none.',
    value: { kind: 'protocol' },
  },
  {
    names: ['category', 'cat'],
    text: 'Category of the application or of the protocol.',
    value: { kind: 'category', of: 'any' },
  },
  {
    names: ['app_category', 'application_category', 'dom_category', 'domain_category'],
    text: 'Category of the application.',
    value: { kind: 'category', of: 'application' },
  },
  {
    names: ['proto_category', 'protocol_category'],
    text: 'Category of the protocol.',
    value: { kind: 'category', of: 'protocol' },
  },
  {
    names: ['detected_hostname', 'hostname'],
    text: 'Name of the server that the client asked for, from TLS, QUIC, HTTP and others.',
    value: text((flow) => flow.metadata.hostname),
  },
  {
    names: ['dns_hostname'],
    text: 'Name that the client had asked DNS for before.',
    value: text((flow) => flow.metadata.dnsHostname),
  },
  {
    names: ['ip_protocol'],
    text: 'Number of the protocol over IP: 6 is TCP, 17 UDP.',
    value: number((flow) => flow.ipProtocol),
  },
  {
    names: ['ip_version'],
    text: '4 or 6.',
    value: number(({ local: { address } }) => (isV4(address[0], address[1], address[2]) ? 4 : 6)),
  },
  {
    names: ['ip_nat'],
    text: 'True where the connection is translated.',
    value: boolean((flow) => flow.isTranslated),
  },
  { names: ['vlan_id'], text: 'VLAN; 0 is none.', value: number((flow) => flow.vlan) },
  {
    names: ['interface'],
    text: 'Interface it was seen on.',
    value: text((flow) => flow.interface),
  },
  {
    names: ['other_type'],
    text: `What the far end is: ${otherTypes.map((type) => `other_${type}`).join(' ')}.`,
    value: word(otherTypes, 'other_', (flow) => flow.otherType),
  },
  {
    names: ['origin'],
    text: 'Who opened it: origin_local origin_other origin_unknown.',
    value: word(['local', 'other', 'unknown'], 'origin_', (flow) => flow.origin),
  },
  { names: ['local_ip'], text: 'Inside address.', value: { kind: 'address', end: 'local' } },
  { names: ['other_ip'], text: 'Far address.', value: { kind: 'address', end: 'other' } },
  {
    names: ['local_mac'],
    text: 'Inside Ethernet address.',
    value: { kind: 'mac', end: 'local' },
  },
  { names: ['other_mac'], text: 'Far Ethernet address.', value: { kind: 'mac', end: 'other' } },
  { names: ['local_port'], text: 'Inside port.', value: number((flow) => flow.local.port) },
  { names: ['other_port'], text: 'Far port.', value: number((flow) => flow.other.port) },
  {
    names: ['detection_guessed'],
    text: 'True where a port is all that the verdict rests on.',
    value: boolean((flow) => flow.confidence > 0 && flow.confidence < 30),
  },
  {
    names: ['detection_complete'],
    text: 'True of every flow that rules are asked about.',
    value: boolean(() => true),
  },
  {
    names: ['detection_updated'],
    text: 'True where the verdict rests on more than the first packet.',
    value: boolean((flow) => flow.evidence.some(({ packet }) => packet > 1)),
  },
  {
    names: ['confidence'],
    text: 'How sure the verdict is, 0 to 100.',
    value: number((flow) => flow.confidence),
  },
  {
    names: ['ssl_version', 'tls_version'],
    text: 'Version of TLS in force as a number: 0x0303 is 1.2.',
    value: number(({ metadata: { tlsVersion } }) => tlsNumbers[tlsVersion ?? '']),
  },
  {
    names: ['ssl_cipher', 'tls_cipher'],
    text: 'Cipher suite in force as a number.',
    value: number((flow) => hex(flow.metadata.tlsCipher)),
  },
  {
    names: ['sni_kind'],
    text: 'Whether the name in TLS is real, outer (of ECH) or absent.',
    value: word(['real', 'outer', 'absent'], 'sni_', (flow) => flow.metadata.sniKind),
  },
  { names: ['alpn'], text: 'Protocols over TLS.', value: texts((flow) => flow.metadata.alpn) },
  { names: ['ja3'], text: 'JA3 of the client.', value: text((flow) => flow.metadata.ja3) },
  { names: ['ja4'], text: 'JA4 of the client.', value: text((flow) => flow.metadata.ja4) },
  {
    names: ['user_agent'],
    text: 'What an HTTP client calls itself.',
    value: text((flow) => flow.metadata.userAgent),
  },
  { names: ['risks'], text: 'Names of risks.', value: texts((flow) => flow.risks) },
  { names: ['fwmark'], text: 'Mark of conntrack.', value: number((flow) => flow.mark) },
  { names: ['time'], text: 'Time of day, 08:00; ranges 22:00-06:00.', value: { kind: 'time' } },
  { names: ['weekday'], text: 'mon tue wed thu fri sat sun.', value: { kind: 'weekday' } },
]

/** Fields by each of their names. */
export const fieldByName: ReadonlyMap<string, Field> = new Map(
  fields.flatMap((field) => field.names.map((name) => [name, field] as const))
)

import { formatWords, isV4 } from '../../model/address.ts'
import type { Metadata } from '../../model/classification.ts'
import type { StreamedFlow, StreamedGtp, StreamNames } from '../../model/streamed-flow.ts'
import { flowCounters } from './counters.ts'
import type { Rates } from './counters.ts'

/*
 * One JSON object a line, with the names of Netify's agent (JSON schemas of version 5):
 *
 *   {"type":"flow", "interface":"eth0", "internal":true, "established":false, "flow":{...}}
 *
 * What is not known is left out or, where its readers rely on the key, empty.
 */

type Json = Readonly<Record<string, unknown>>

/** Types of messages about one flow. */
export type FlowMessageType =
  | 'flow'
  | 'flow_dpi_update'
  | 'flow_dpi_complete'
  | 'flow_stats'
  | 'flow_purge'

function line(type: FlowMessageType, flow: StreamedFlow, body: Json, more: Json = {}): string {
  const head = { type, interface: flow.interface ?? '', internal: flow.otherType === 'local' }
  return `${JSON.stringify({ ...head, ...more, flow: body })}\n`
}

/** The message about a flow that is whole: new, or classified anew. */
export function flowMessage(
  type: 'flow' | 'flow_dpi_update' | 'flow_dpi_complete',
  flow: StreamedFlow,
  names: StreamNames,
  established = false
): string {
  return line(type, flow, wholeFlow(flow, names), { established })
}

/** What passed since the last such message. */
export function statsMessage(flow: StreamedFlow, rates: Rates): string {
  return line('flow_stats', flow, flowCounters(flow, rates))
}

/** The flow is over: its last counters, and why. */
export function purgeMessage(flow: StreamedFlow, reason: 'closed' | 'expired'): string {
  return line('flow_purge', flow, flowCounters(flow), { reason })
}

const milliseconds = (us: number): number => (Number.isNaN(us) ? 0 : Math.floor(us / 1000))

/** The number of a category, from 1; 0 is none. */
const categoryId = (list: readonly string[], name: string | undefined): number =>
  name === undefined ? 0 : list.indexOf(name) + 1

function wholeFlow(flow: StreamedFlow, names: StreamNames): Json {
  const { metadata } = flow
  const protocol = names.protocol(protocolName(flow))
  const application =
    flow.application === undefined ? undefined : names.application(flow.application)
  const [w0, w1, w2] = flow.local.address
  return {
    digest: flow.digest,
    digest_prev: [],
    first_seen_at: milliseconds(flow.firstUs),
    ip_version: isV4(w0, w1, w2) ? 4 : 6,
    ip_protocol: flow.ipProtocol,
    ip_nat: flow.isTranslated,
    vlan_id: flow.vlan,
    other_type: flow.otherType,
    local_origin: flow.origin !== 'other',
    local_mac: flow.local.mac ?? '',
    local_ip: formatWords(flow.local.address),
    local_port: flow.local.port,
    other_mac: flow.other.mac ?? '',
    other_ip: formatWords(flow.other.address),
    other_port: flow.other.port,
    detected_protocol: protocol.id,
    detected_protocol_name: protocol.tag,
    detected_application: application?.id ?? 0,
    detected_application_name: application?.tag ?? 'Unknown',
    detection_guessed: flow.confidence > 0 && flow.confidence < 30,
    detection_updated: flow.evidence.some(({ packet }) => packet > 1),
    detection_packets: flow.detectionPackets,
    soft_dissector: flow.evidence.some(
      ({ source, lostTo }) => source === 'soft-rule' && lostTo === undefined
    ),
    dhc_hit: metadata.dnsHostname !== undefined,
    fhc_hit: flow.evidence.some(({ source }) => source === 'expectation'),
    category: {
      application: categoryId(names.applicationCategories, flow.applicationCategory),
      domain: categoryId(names.applicationCategories, flow.applicationCategory),
      protocol: categoryId(names.protocolCategories, flow.protocolCategory),
    },
    host_server_name: metadata.hostname ?? '',
    dns_host_name: metadata.dnsHostname ?? '',
    ...(flow.conntrackId === undefined
      ? {}
      : { conntrack: { id: flow.conntrackId, mark: flow.mark } }),
    ...details(flow.protocol, metadata),
    ...(flow.gtp === undefined ? {} : { gtp: gtpOf(flow.gtp) }),
    risks: { risks: flow.risks, ndpi_risk_score: 0 },
    tags: [],
    ...flowCounters(flow),
  }
}

/** TLS that carries HTTP is `HTTP/S` to Netify's users. */
function protocolName({ protocol, metadata, other }: StreamedFlow): string {
  if (protocol !== 'tls') return protocol
  const offered = [metadata.alpnServer ?? '', ...(metadata.alpn ?? [])]
  return other.port === 443 || offered.some((name) => /^(h2|http\/1\.)/.test(name))
    ? 'https'
    : protocol
}

const tlsNumbers: Readonly<Record<string, number>> = {
  ssl3: 0x0300,
  '1.0': 0x0301,
  '1.1': 0x0302,
  '1.2': 0x0303,
  '1.3': 0x0304,
}

/** An object without what is undefined; undefined where nothing is left. */
function known(object: Json): Json | undefined {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

function gtpOf({ version, ipVersion, dscp, local, other, otherType }: StreamedGtp): Json {
  return {
    version,
    ip_version: ipVersion,
    ip_dscp: dscp,
    local_ip: formatWords(local.address),
    local_port: local.port,
    ...(local.teid === undefined ? {} : { local_teid: local.teid }),
    other_ip: formatWords(other.address),
    other_port: other.port,
    ...(other.teid === undefined ? {} : { other_teid: other.teid }),
    other_type: otherType,
  }
}

function details(protocol: string, metadata: Metadata): Json {
  const version = tlsNumbers[metadata.tlsVersion ?? '']
  const cipher = metadata.tlsCipher
  const ssl = {
    version: version === undefined ? undefined : `0x${version.toString(16).padStart(4, '0')}`,
    cipher_suite: cipher === undefined ? undefined : `0x${cipher}`,
    client_sni: metadata.sniKind === undefined ? undefined : metadata.hostname,
    encrypted_ch_version:
      metadata.echVersion === undefined ? undefined : `0x${metadata.echVersion}`,
    alpn: metadata.alpn,
    alpn_server: metadata.alpnServer === undefined ? undefined : [metadata.alpnServer],
    client_ja4: metadata.ja4,
    client_ja3: metadata.ja3,
    server_ja3: metadata.ja3s,
    server_cn: metadata.certificateNames?.[0],
    subject_dn: metadata.certificateSubject,
    issuer_dn: metadata.certificateIssuer,
    fingerprint: metadata.certificateSha1,
  }
  const parts: Json = {
    ssl: known(ssl),
    ...(protocol === 'ssdp'
      ? { ssdp: known({ user_agent: metadata.userAgent }) }
      : { http: known({ user_agent: metadata.userAgent, url: metadata.httpUrl }) }),
    mdns: protocol === 'mdns' ? known({ answer: metadata.dnsAnswers?.[0] }) : undefined,
    ssh: known({ client: metadata.sshClient, server: metadata.sshServer }),
    dhcp: known({ fingerprint: metadata.dhcpFingerprint, class_ident: metadata.dhcpClass }),
    bt: known({ info_hash: metadata.infoHash }),
    stun: known({
      mapped: metadata.stunMapped,
      peer: metadata.stunPeer,
      relayed: metadata.stunRelayed,
      other: metadata.stunOther,
      response: metadata.stunResponse,
    }),
  }
  return known(parts) ?? {}
}

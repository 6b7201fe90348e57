import { formatWords } from '../model/address.ts'
import type { FlowEnd } from '../model/classified-flow.ts'
import type { Tuple } from '../model/conntrack-entry.ts'
import { formatInstant } from '../model/time.ts'
import type { Outcome, Verdict } from './outcome.ts'

/** One action on one connection, as logs, streams and webhooks have it. */
export interface ReportedAction {
  readonly at: string
  readonly action: string
  /** Where the action stands: `FILE:LINE`. */
  readonly rule: string
  readonly target: string
  readonly outcome: Outcome
  readonly detail?: string
  readonly ip_protocol: number
  readonly local: string
  readonly other: string
  /** Who the world saw: `address:port`. */
  readonly public: string
  readonly zone: number
  readonly conntrack_id: number
  readonly protocol: string
  readonly application?: string
  readonly hostname?: string
  readonly risks?: readonly string[]
  readonly tls_version?: string
  readonly tls_cipher?: string
  readonly confidence: number
  /** What the verdict rests on. */
  readonly evidence: readonly string[]
}

const endpoint = ({ address, port }: FlowEnd | Tuple['source']): string => {
  const text = formatWords(address)
  return text.includes(':') ? `[${text}]:${port}` : `${text}:${port}`
}

/** Findings that a report repeats: the weightiest. */
const maxEvidence = 8

export function reportAction(
  target: string,
  { flow, entry, action }: Verdict,
  outcome: Outcome,
  nowUs: number,
  detail?: string
): ReportedAction {
  const { hostname, tlsVersion, tlsCipher } = flow.metadata
  const kept = flow.evidence.filter(({ lostTo }) => lostTo === undefined)
  return {
    at: formatInstant(nowUs),
    action: action.name,
    rule: action.place,
    target,
    outcome,
    ...(detail === undefined ? {} : { detail }),
    ip_protocol: flow.ipProtocol,
    local: endpoint(flow.local),
    other: endpoint(flow.other),
    public: endpoint(
      flow.origin === 'other' ? entry.original.destination : entry.reply.destination
    ),
    zone: entry.zone,
    conntrack_id: entry.id,
    protocol: flow.protocol,
    ...(flow.application === undefined ? {} : { application: flow.application }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(flow.risks.length === 0 ? {} : { risks: flow.risks }),
    ...(tlsVersion === undefined ? {} : { tls_version: tlsVersion }),
    ...(tlsCipher === undefined ? {} : { tls_cipher: tlsCipher }),
    confidence: flow.confidence,
    evidence: kept.slice(0, maxEvidence).map(({ source, packet, what }) => {
      return `packet ${packet}: ${source}: ${what}`
    }),
  }
}

import type { Evidence } from '../model/classification.ts'
import { formatProtocol } from '../model/protocol.ts'
import type { Flow } from './flow.ts'

/** A classified flow as people and programs are told of it. */
export interface FlowReport {
  /** Transport in upper case; the number of one without a name. */
  readonly l4: string
  /** `ip:port`, IPv6 in brackets: who sent the first packet that was seen, and the other. */
  readonly a: string
  readonly b: string
  readonly protocol: string
  readonly application: string | null
  readonly hostname: string | null
  readonly ja3: string | null
  readonly ja4: string | null
  readonly confidence: number
  readonly evidence: readonly Record<string, unknown>[]
}

/** What `flowledger classify` says of a flow; it must be classified. */
export function reportOf(flow: Flow): FlowReport {
  const { clientText, serverText, isReversed, classification: found } = flow
  const [a, b] = isReversed ? [serverText, clientText] : [clientText, serverText]
  return {
    l4: formatProtocol(flow.protocol).toUpperCase(),
    a,
    b,
    protocol: found?.protocol ?? 'unknown',
    application: found?.application ?? null,
    hostname: found?.metadata.hostname ?? null,
    ja3: found?.metadata.ja3 ?? null,
    ja4: found?.metadata.ja4 ?? null,
    confidence: found?.confidence ?? 0,
    evidence: (found?.evidence ?? []).map(evidenceJson),
  }
}

function evidenceJson(evidence: Evidence): Record<string, unknown> {
  const { source, packet, confidence, what, speaksFor, lostTo } = evidence
  const json = { source, packet, confidence, what, speaks_for: speaksFor }
  return lostTo === undefined ? json : { ...json, lost_to: lostTo }
}

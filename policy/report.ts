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

/** What a report says of a connection, whatever is done to it. */
type About = Omit<ReportedAction, 'at' | 'target' | 'outcome' | 'detail'>

function aboutOf({ flow, entry, action }: Verdict): About {
  const { hostname, tlsVersion, tlsCipher } = flow.metadata
  const kept = flow.evidence.filter(({ lostTo }) => lostTo === undefined)
  return {
    action: action.name,
    rule: action.place,
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

export function reportAction(
  target: string,
  verdict: Verdict,
  outcome: Outcome,
  nowUs: number,
  detail?: string
): ReportedAction {
  const more = detail === undefined ? {} : { detail }
  return { at: formatInstant(nowUs), target, outcome, ...more, ...aboutOf(verdict) }
}

/**
 * Reports as lines of JSON, as {@link reportAction} has them. What they say of a connection is
 * written once, though several targets act on it; so it is kept until a flush is over.
 */
export class ReportLines {
  private readonly about = new Map<Verdict, string>()
  private nowUs = -1
  private at = ''

  line(target: string, verdict: Verdict, outcome: Outcome, nowUs: number, detail?: string): string {
    if (nowUs !== this.nowUs) {
      this.nowUs = nowUs
      this.at = formatInstant(nowUs)
    }
    let about = this.about.get(verdict)
    if (about === undefined) {
      about = JSON.stringify(aboutOf(verdict)).slice(1)
      this.about.set(verdict, about)
    }
    const more = detail === undefined ? '' : `,"detail":${JSON.stringify(detail)}`
    // Names of targets are letters that JSON takes as they are (policy/settings.ts).
    return `{"at":"${this.at}","target":"${target}","outcome":"${outcome}"${more},${about}`
  }

  forget(): void {
    this.about.clear()
  }
}

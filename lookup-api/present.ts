import { formatWords } from '../model/address.ts'
import { sliceFlags } from '../model/fields.ts'
import { maxCandidates } from '../model/limits.ts'
import { natKinds } from '../model/nat-view.ts'
import { formatProtocol } from '../model/protocol.ts'
import type { Endpoint, Slice } from '../model/slice.ts'
import { formatInstant } from '../model/time.ts'
import { hasFlag, joinSlices } from './connections.ts'
import type { Connection } from './connections.ts'
import type { Answer, AnswerCandidate, AnswerCoverage, AnswerFlow } from './contract.ts'
import type { AnswerLink, AnswerQuery, ListedFlow } from './contract.ts'
import type { CoverageJudgement } from './coverage-judgement.ts'
import type { Authority } from './dependencies.ts'
import type { Host } from './hosts.ts'
import type { LookupInput, LookupQuery } from './query.ts'
import type { Sighting } from './sighting.ts'
import type { Judgement } from './verdict.ts'

/** Further connections of a host that an answer lists. */
const maxFurtherFlows = 20

const natNames = Object.fromEntries(
  Object.entries(natKinds).map(([name, kind]) => [kind, name])
) as Record<number, keyof typeof natKinds>

const endpointJson = ({ ip, port }: Endpoint): { ip: string; port: number } => ({
  ip: formatWords(ip),
  port,
})

/** A number where that is exact, else its digits. */
function counter(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value)
}

/** `12.5 s`; a span for people. */
const span = (us: number): string => `${Number((us / 1e6).toFixed(6))} s`

/** A connection as answers and lists of flows show it. */
export function flowJson(connection: Connection): AnswerFlow {
  return {
    inside: endpointJson(connection.inside),
    public: endpointJson(connection.public),
    remote: endpointJson(connection.remote),
    protocol: formatProtocol(connection.protocol),
    start: formatInstant(connection.startUs),
    start_known: connection.startKnown,
    end: connection.open ? null : formatInstant(connection.endUs),
    end_known: connection.endKnown,
    open: connection.open,
    continues: connection.continues,
    last_packet: formatInstant(connection.lastPacketUs),
    bytes: counter(connection.octets),
    packets: counter(connection.packets),
    exporter: connection.source,
    nat: natNames[connection.natKind] ?? 'none',
  }
}

/**
 * One slice as `/v1/flows` lists it: `start` and `end` are those of the connection as far as known.
 */
export function sliceJson(slice: Slice): ListedFlow | undefined {
  const [connection] = joinSlices([slice])
  return (
    connection && {
      ...flowJson(connection),
      zone: slice.zone,
      record: recordOf({ connection, slice }),
      slice_start: formatInstant(slice.startUs),
      slice_end: formatInstant(slice.endUs),
      assumed: hasFlag(slice, sliceFlags.inferred),
    }
  )
}

/** What the evidence says of the host at T, the sentence of the link. */
function why({ connection, hold, distanceUs, slice }: Sighting, atUs: number): string {
  const parts: string[] = []
  if (hold === 'holds') parts.push('The mapping was held at the time asked for.')
  if (hold === 'assumed') {
    parts.push('The mapping is assumed to have been held: this part lies between two sightings.')
  }
  if (hold === 'edge') {
    const side = slice.startUs > atUs ? 'after' : 'before'
    parts.push(
      distanceUs === 0
        ? 'The mapping was held at the time asked for only if the clock of its source was right.'
        : `The mapping was held ${span(distanceUs)} ${side} the time asked for.`
    )
    if (hasFlag(slice, sliceFlags.inferred)) parts.push('Even that is assumed: nobody saw it then.')
  }
  if (!connection.startKnown) {
    parts.push('It was there before its source began to watch: its start is the first sighting.')
  }
  if (!connection.endKnown && hold !== 'assumed') {
    parts.push('Its end was not seen: the one shown is when it was found missing.')
  }
  if (hasFlag(slice, sliceFlags.observedTimes)) {
    parts.push('Its times are those at which the events arrived, not those of the kernel.')
  }
  return parts.join(' ')
}

/** The record that shows a host: `source/flow id@start of the slice`. */
export function recordOf({ connection, slice }: Pick<Sighting, 'connection' | 'slice'>): string {
  return `${connection.source}/${connection.flowId}@${formatInstant(slice.startUs)}`
}

function linkJson(sighting: Sighting, atUs: number): AnswerLink {
  return {
    step: 'nat',
    class: sighting.hold === 'holds' ? 'exact' : 'inferred',
    source: sighting.connection.source,
    record: recordOf(sighting),
    why: why(sighting, atUs),
  }
}

function candidateJson(
  host: Host,
  rank: number,
  query: LookupQuery,
  reasons: readonly string[]
): AnswerCandidate {
  const { best, sightings } = host
  const further = sightings.slice(1, 1 + maxFurtherFlows)
  return {
    rank,
    ...flowJson(best.connection),
    zone: host.zone,
    application: null,
    hostname: null,
    identity: { state: 'unknown' },
    links: [linkJson(best, query.atUs)],
    reasons: [why(best, query.atUs), ...reasons],
    flows: sightings.length,
    also: further.map(({ connection }) => flowJson(connection)),
  }
}

/** Why a host is kept although it matches, or is set aside, as far as the destination goes. */
function destinationReason(query: LookupQuery, kept: boolean): string[] {
  if (query.destination === undefined) return []
  return [kept ? 'The destination matches.' : 'The destination does not match.']
}

function queryJson(query: LookupQuery, given: LookupInput): AnswerQuery {
  const { destination, time } = query
  return {
    ip: formatWords(query.ip),
    port: query.port ?? null,
    protocol: query.protocol === undefined ? null : formatProtocol(query.protocol),
    at: formatInstant(query.atUs),
    at_given: given.at ?? '',
    zone: time.zone,
    precision_seconds: time.precisionUs / 1e6,
    tolerance_seconds: query.toleranceUs / 1e6,
    from: formatInstant(query.fromUs),
    to: formatInstant(query.toUs),
    asked_at: formatInstant(query.nowUs),
    destination_ip: destination?.ip === undefined ? null : formatWords(destination.ip),
    destination_port: destination?.port ?? null,
    case: query.case ?? null,
    purpose: query.purpose ?? null,
  }
}

/** A time that a source may not have yet: one that has reported no progress has seen nothing. */
export function formatKnown(us: number | undefined): string | null {
  return us === undefined || !Number.isFinite(us) ? null : formatInstant(us)
}

/** Coverage as answers and `/v1/coverage` show it. */
export function coverageJson({ state, watermarkUs, gaps }: CoverageJudgement): AnswerCoverage {
  return {
    state,
    watermark: formatKnown(watermarkUs),
    gaps: gaps.map(({ source, fromUs, toUs, reason, lost }) => ({
      source,
      from: formatInstant(fromUs),
      to: formatInstant(toUs),
      reason,
      lost: lost ?? null,
    })),
  }
}

/** What an answer took beside the right. */
export function authorityJson(authority: Authority): NonNullable<Answer['authority']>[number] {
  const { act, approval, approvedBy, emergency } = authority
  return { act, approval, approved_by: approvedBy, emergency }
}

/** The answer's body, before it has a number in the audit. */
export function answerJson(
  query: LookupQuery,
  given: LookupInput,
  judgement: Judgement
): Omit<Answer, 'audit_id'> {
  const list = (hosts: readonly Host[], kept: boolean): AnswerCandidate[] =>
    hosts
      .slice(0, maxCandidates)
      .map((host, i) => candidateJson(host, i + 1, query, destinationReason(query, kept)))
  return {
    query: queryJson(query, given),
    verdict: judgement.verdict,
    reasons: [...judgement.reasons],
    candidates: list(judgement.hosts, true),
    candidate_count: judgement.hosts.length,
    near_misses: list(judgement.nearMisses, false),
    coverage: coverageJson(judgement.coverage),
  }
}

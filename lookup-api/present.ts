import { formatWords } from '../model/address.ts'
import { sliceFlags } from '../model/fields.ts'
import { maxCandidates } from '../model/limits.ts'
import { natKinds } from '../model/nat-view.ts'
import { formatProtocol } from '../model/protocol.ts'
import type { PortSet } from '../model/port-set.ts'
import type { Endpoint, Slice } from '../model/slice.ts'
import { formatInstant } from '../model/time.ts'
import { hasFlag, joinSlices } from './connections.ts'
import type { Connection } from './connections.ts'
import type { Chain } from './chain/chain.ts'
import { holderCandidates } from './chain/holder-candidates.ts'
import type { Identified } from './chain/identify.ts'
import { identityJson, linkJson } from './chain/identity-json.ts'
import { classOf, weakest } from './chain/link.ts'
import type { LinkClass } from './chain/link.ts'
import type { Answer, AnswerCandidate, AnswerCoverage, AnswerFlow } from './contract.ts'
import type { AnswerLink, AnswerQuery, ListedFlow } from './contract.ts'
import type { CoverageJudgement } from './coverage-judgement.ts'
import { basisOf } from './hosts.ts'
import type { Host } from './hosts.ts'
import type { LookupInput, LookupQuery } from './query.ts'
import type { Sighting } from './sighting.ts'
import type { Judgement, Verdict } from './verdict.ts'

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

/** Of which protocol a record is: one of ports may be of each. */
function protocolText({ protocol, slices }: Connection): string {
  return protocol === 0 && slices[0].ports !== undefined ? 'any' : formatProtocol(protocol)
}

/** A connection as answers and lists of flows show it. */
export function flowJson(connection: Connection): AnswerFlow {
  const { ports } = connection.slices[0]
  return {
    inside: endpointJson(connection.inside),
    public: endpointJson(connection.public),
    remote: endpointJson(connection.remote),
    protocol: protocolText(connection),
    start: formatInstant(connection.startUs),
    start_known: connection.startKnown,
    end: connection.open ? null : formatInstant(connection.endUs),
    end_known: connection.endKnown,
    open: connection.open,
    continues: connection.continues,
    last_packet: formatInstant(connection.lastPacketUs),
    bytes: counter(connection.octets),
    packets: counter(connection.packets),
    application: connection.application ?? null,
    protocol_name: connection.protocolName ?? null,
    hostname: connection.hostName ?? null,
    exporter: connection.source,
    nat: natNames[connection.natKind] ?? 'none',
    ...(ports === undefined ? {} : { ports }),
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

/** What a record of many ports is. */
function portsText({ basis, start, end, step, note }: PortSet): string {
  if (basis === 'address') return 'The whole address was bound to the host.'
  const range = `ports ${start} to ${end}${step === 1 ? '' : ` in steps of ${step}`}`
  if (basis === 'block') return `The host had a block of the address, ${range}.`
  return `Computed, not logged: the map in force (${note}) gives the host ${range}.`
}

/** What the evidence says of the host at T, the sentence of the link. */
function why({ connection, hold, distanceUs, slice }: Sighting, atUs: number): string {
  const parts = slice.ports === undefined ? [] : [portsText(slice.ports)]
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
  if (!connection.endKnown && hold !== 'assumed' && slice.ports?.basis !== 'deterministic') {
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

function natLink(sighting: Sighting, atUs: number): AnswerLink {
  return {
    step: 'nat',
    class: sighting.hold === 'holds' && basisOf(sighting) === undefined ? 'exact' : 'inferred',
    source: sighting.connection.source,
    record: recordOf(sighting),
    skew_seconds: sighting.skewUs / 1e6,
    counts: true,
    why: why(sighting, atUs),
  }
}

/** From the public end to the inside one: a link a gateway, and one a source that says the same. */
function natLinks({ hops, lost, ...best }: Sighting, atUs: number): AnswerLink[] {
  const twinsOf = ({ connection, twins }: Pick<Sighting, 'connection' | 'twins'>): AnswerLink[] =>
    twins.map((twin) => {
      const also = `It has the same connection as ${connection.source}, translated alike.`
      const link = natLink(twin, atUs)
      return { ...link, counts: false, why: `${also} ${link.why}` }
    })
  const further = hops.flatMap((hop): AnswerLink[] => {
    const { ip, port } = hop.connection.public
    const link = natLink(hop, atUs)
    const through = `Behind it, ${formatWords(ip)} port ${port} was translated once more.`
    return [{ ...link, why: `${through} ${link.why}` }, ...twinsOf(hop)]
  })
  const missing = lost.map((source): AnswerLink => {
    const text = 'It ought to show what stands behind the inside address, and does not.'
    return { step: 'nat', class: 'unknown', source, record: '', counts: true, why: text }
  })
  const whole = { ...best, hops, lost }
  return [natLink(whole, atUs), ...twinsOf(whole), ...further, ...missing]
}

function candidateJson(
  host: Host,
  rank: number,
  query: LookupQuery,
  chain: Chain,
  reasons: readonly string[]
): AnswerCandidate {
  const { best, sightings } = host
  const further = sightings.slice(1, 1 + maxFurtherFlows)
  const links = [...natLinks(best, query.atUs), ...chain.links.map(linkJson)]
  return {
    rank,
    ...flowJson(best.connection),
    zone: host.zone,
    class: classOf(links),
    identity: identityJson(chain),
    links,
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

/** How sure a verdict is by itself. */
const classOfVerdict: Readonly<Record<Verdict, LinkClass>> = {
  unique: 'exact',
  'unique-after-destination': 'exact',
  multiple: 'ambiguous',
  inferred: 'inferred',
  conflict: 'conflict',
  'no-match': 'unknown',
  'no-data': 'unknown',
}

/** The answer's body, before it has a number in the audit. */
export function answerJson(
  query: LookupQuery,
  given: LookupInput,
  judgement: Judgement,
  { chains, otherwise, holder }: Identified
): Omit<Answer, 'audit_id'> {
  const list = (hosts: readonly Host[], kept: boolean): AnswerCandidate[] =>
    hosts.slice(0, maxCandidates).map((host, i) => {
      const chain = chains.get(host) ?? otherwise
      return candidateJson(host, i + 1, query, chain, destinationReason(query, kept))
    })
  const { verdict, reasons } = holder ?? judgement
  const candidates =
    holder === undefined ? list(judgement.hosts, true) : holderCandidates(query, holder.chain)
  const only = candidates.length === 1 ? candidates.map((candidate) => candidate.class) : []
  return {
    query: queryJson(query, given),
    verdict,
    strength: weakest([classOfVerdict[verdict], ...only]),
    reasons: [...reasons],
    candidates,
    candidate_count: holder === undefined ? judgement.hosts.length : candidates.length,
    near_misses: list(judgement.nearMisses, false),
    coverage: coverageJson(judgement.coverage),
  }
}

import type { Progress, SourceCoverage } from '../model/coverage.ts'
import type { Slice } from '../model/slice.ts'
import { joinSlices } from './connections.ts'
import { mergeTwins } from './chain/twins.ts'
import { throughHops } from './chain/through-hops.ts'
import type { InnerSightings } from './chain/through-hops.ts'
import { judgeCoverage } from './coverage-judgement.ts'
import type { CoverageJudgement } from './coverage-judgement.ts'
import type { OwnNetworks } from './dependencies.ts'
import { basisOf, groupByHost, matchesDestination, sourcesDisagree } from './hosts.ts'
import type { Host } from './hosts.ts'
import { isForeign, sourcesOf } from './own-networks.ts'
import type { LookupQuery } from './query.ts'
import { sight } from './sighting.ts'
import type { Sighting, Window } from './sighting.ts'

/**
 * The kinds of answer, surest first; docs/explanation/answers.md says what each allows to claim.
 */
export const verdicts = [
  'unique',
  'unique-after-destination',
  'multiple',
  'inferred',
  'conflict',
  'no-match',
  'no-data',
] as const

export type Verdict = (typeof verdicts)[number]

/** Everything that a question is judged by. */
export interface Evidence {
  readonly query: LookupQuery
  /** Slices of the ledger and open flows, in any order; more than meet the window does no harm. */
  readonly slices: readonly Slice[]
  /** True where a limit left slices out. */
  readonly cut: boolean
  readonly sources: readonly SourceCoverage[]
  /** Progress of the sources whose open flows were read; undefined: no collector could be asked. */
  readonly reached: ReadonlyMap<string, Progress> | undefined
  readonly networks?: OwnNetworks
  /** Keyed hash of the destination asked for; left out: none is asked for, or no key is here. */
  readonly destinationHash?: string
  /** What gateways further inside show; left out: none was asked. */
  readonly inner?: InnerSightings
}

export interface Judgement {
  readonly verdict: Verdict
  /** Why this verdict and no better one, as sentences. */
  readonly reasons: readonly string[]
  /** The hosts that may be answered, best first. */
  readonly hosts: readonly Host[]
  /** Hosts that met the window but are not answered: the reason stands in `reasons`. */
  readonly nearMisses: readonly Host[]
  readonly coverage: CoverageJudgement
}

const coverageSentences = {
  complete: 'Every source watched the whole time asked for.',
  partial: 'Coverage is not complete: something may have been missed, see coverage.gaps.',
  none: 'No live source watched the time asked for.',
} as const

/** Why a record of ports is no proof of a connection. */
const basisSentences = {
  block: 'It had the port in a block of ports; that it used it at that time is inferred.',
  deterministic: 'The map in force gives it the port; that it used it at that time is inferred.',
  address: 'The address was bound to it; others may have shared it.',
} as const

const cutSentence = 'There were more records than one look-up reads; give a port or a shorter time.'
const foreignSentence =
  'The address is in none of the configured networks, so it is not ours as far as we know.'
const mismatchSentence =
  'Somebody had the address and port, but not towards the destination given: see near_misses.'

const retentionSentence =
  'Part of the time asked for is before retention: what there was is not kept any more.'

/** Fields that records shown had once and that are not kept any more, with the rule. */
function purgedSentences(hosts: readonly Host[], sources: readonly SourceCoverage[]): string[] {
  const shown = hosts.flatMap(({ sightings }) => sightings.map(({ slice }) => slice))
  return sources.flatMap(({ source, purgedFields = [] }) =>
    purgedFields
      .filter(({ beforeUs }) =>
        shown.some((slice) => slice.source === source && slice.startUs < beforeUs)
      )
      .map(({ field, rule }) => `${source} keeps no ${field} of that time: rule ${rule}.`)
  )
}

/** What keeps a single host from being certain; empty where nothing does. */
function doubts(host: Host, coverage: CoverageJudgement, cut: boolean): string[] {
  const out: string[] = []
  if (host.best.hold === 'assumed') {
    out.push('Nobody saw the connection at the time itself; it lies between two sightings.')
  }
  if (host.best.hold === 'edge') {
    out.push('The records meet only the edge of the window, not the time itself.')
  }
  const basis = basisOf(host.best)
  if (basis !== undefined) out.push(basisSentences[basis])
  if (host.best.lost.length > 0) {
    const names = host.best.lost.join(' or ')
    out.push(`The inside address is the public side of ${names}, which shows no such connection.`)
  }
  if (coverage.state !== 'complete') out.push(coverageSentences[coverage.state])
  if (cut) out.push(cutSentence)
  return out
}

type Ruling = Pick<Judgement, 'verdict' | 'reasons'>

function ruleOnNobody(others: readonly Host[], coverage: CoverageJudgement, cut: boolean): Ruling {
  const reasons = others.length > 0 ? [mismatchSentence] : []
  if (cut) reasons.push(cutSentence)
  reasons.push(coverageSentences[coverage.state])
  const proven = coverage.state === 'complete' && !cut
  return { verdict: proven ? 'no-match' : 'no-data', reasons }
}

function ruleOnOne(
  host: Host,
  others: readonly Host[],
  coverage: CoverageJudgement,
  cut: boolean
): Ruling {
  const reasons = doubts(host, coverage, cut)
  if (reasons.length > 0) return { verdict: 'inferred', reasons }
  if (others.length > 0) {
    const reason = `The destination rules out ${others.length} of the hosts that met the window.`
    return { verdict: 'unique-after-destination', reasons: [reason] }
  }
  return { verdict: 'unique', reasons: ['One host, seen at the time itself, and nobody else.'] }
}

function ruleOnSeveral(hosts: readonly Host[], coverage: CoverageJudgement, cut: boolean): Ruling {
  const reasons = cut ? [cutSentence] : []
  if (coverage.state !== 'complete') reasons.push(coverageSentences[coverage.state])
  if (sourcesDisagree(hosts)) {
    const reason = 'Two sources give the same connection to different hosts; one of them is wrong.'
    return { verdict: 'conflict', reasons: [reason, ...reasons] }
  }
  const reason = `${hosts.length} hosts meet the window; a destination, port or exacter time helps.`
  return { verdict: 'multiple', reasons: [reason, ...reasons] }
}

/** True where the slice is of the address, port and protocol asked for, whoever handed it in. */
const isAsked = (query: LookupQuery, slice: Slice): boolean =>
  query.ip.every((word, i) => word === slice.public.ip[i]) &&
  (query.port === undefined || query.port === slice.public.port) &&
  (query.protocol === undefined || query.protocol === slice.protocol)

/** The sightings that meet the window, of whatever destination. */
export function findSightings({ query, slices, sources }: Evidence): Sighting[] {
  const asked = slices.filter((slice) => isAsked(query, slice))
  return mergeTwins(sightAll(asked, query, sources))
}

/** The connections of the slices that meet the window, each by the clock of its source. */
export function sightAll(
  slices: readonly Slice[],
  window: Window,
  sources: readonly SourceCoverage[]
): Sighting[] {
  const skews = new Map(sources.map(({ source, skewUs }) => [source, skewUs]))
  return joinSlices(slices).flatMap((connection) => {
    const sighting = sight(connection, window, skews.get(connection.source) ?? 0)
    return sighting === undefined ? [] : [sighting]
  })
}

/**
 * A binding of a whole address says who may have had a port of it. Where a record of the port
 * itself holds T, that is who had it.
 */
function withoutWeaker(sightings: readonly Sighting[]): readonly Sighting[] {
  const isAddress = (sighting: Sighting): boolean => basisOf(sighting) === 'address'
  const isKnown = sightings.some((one) => !isAddress(one) && one.hold === 'holds')
  return isKnown ? sightings.filter((one) => !isAddress(one)) : sightings
}

/** Splits hosts into those with a connection to the destination asked for, and the others. */
function splitByDestination(
  sightings: readonly Sighting[],
  { destination }: LookupQuery,
  hash: string | undefined
): { hosts: Host[]; others: Host[] } {
  if (destination === undefined) return { hosts: groupByHost(sightings), others: [] }
  const matching = sightings.filter(({ connection }) =>
    matchesDestination(connection, destination, hash)
  )
  const hosts = groupByHost(matching)
  const isKept = (host: Host): boolean =>
    hosts.some(({ ip, zone }) => zone === host.zone && ip.every((word, i) => word === host.ip[i]))
  return { hosts, others: groupByHost(sightings).filter((host) => !isKept(host)) }
}

/**
 * Judges a question by its evidence alone; no I/O. A host whose records contradict the destination
 * given is never answered: naming it would accuse somebody on evidence that clears them.
 */
export function judge(evidence: Evidence): Judgement {
  const { query, sources, reached, cut, networks } = evidence
  const required = sourcesOf(networks, query.ip)
  const { fromUs, toUs, nowUs } = query
  const coverage = judgeCoverage({
    fromUs,
    toUs,
    nowUs,
    sources,
    reached,
    ...(required === undefined ? {} : { required }),
  })
  const sightings = withoutWeaker(throughHops(findSightings(evidence), evidence.inner))
  const { hosts, others } = splitByDestination(sightings, query, evidence.destinationHash)
  if (isForeign(networks, query.ip)) {
    const nearMisses = [...hosts, ...others]
    const reasons = [foreignSentence]
    if (nearMisses.length > 0) reasons.push('There are records of it: correct `networks` if it is.')
    return { verdict: 'no-data', reasons, hosts: [], nearMisses, coverage }
  }
  const [first] = hosts
  const ruling =
    first === undefined
      ? ruleOnNobody(others, coverage, cut)
      : hosts.length === 1
        ? ruleOnOne(first, others, coverage, cut)
        : ruleOnSeveral(hosts, coverage, cut)
  const reasons = [...ruling.reasons, ...purgedSentences(hosts, sources)]
  // Imports too: they prove nothing, but what they had may be what is missing.
  if (sources.some(({ keptFromUs = -Infinity }) => keptFromUs > fromUs)) {
    reasons.push(retentionSentence)
  }
  return { ...ruling, reasons, hosts, nearMisses: others, coverage }
}

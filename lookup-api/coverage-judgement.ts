import type { GapReason, Progress, SourceCoverage } from '../model/coverage.ts'

/**
 * Why a part of the window is not proven, where it is not a gap that the source itself recorded.
 */
export const doubtReasons = [
  /** The source began to watch only after that. */
  'before-watching',
  /** What the source had seen is past its retention, and was purged. */
  'before-retention',
  /** What the source has seen is not in the ledger yet. */
  'past-watermark',
  /** The collector could not be asked, and the ledger is not complete up to there. */
  'out-of-reach',
  /** A source that has records, or that the configuration names, is not known to the ledger. */
  'not-registered',
  /** The configuration names a source that proves nothing: an import. */
  'not-live',
] as const

export type DoubtReason = (typeof doubtReasons)[number]

/** A time in which a source may have missed something; microseconds since 1970. */
export interface CoverageGap {
  readonly source: string
  readonly fromUs: number
  readonly toUs: number
  readonly reason: GapReason | DoubtReason
  readonly lost?: number
}

export interface CoverageJudgement {
  /** `complete` proves that nothing was missed; `none`: no live source saw any of it. */
  readonly state: 'complete' | 'partial' | 'none'
  /** Up to where every source that counts is known; undefined where none counts. */
  readonly watermarkUs: number | undefined
  readonly gaps: readonly CoverageGap[]
}

/** What is known of the sources when a question is judged. */
export interface CoverageEvidence {
  readonly fromUs: number
  readonly toUs: number
  /** When it was asked: no source can have seen more. */
  readonly nowUs: number
  readonly sources: readonly SourceCoverage[]
  /** Progress of the sources whose open flows were read; undefined: no collector could be asked. */
  readonly reached: ReadonlyMap<string, Progress> | undefined
  /** Sources that see the address, where the configuration says so; left out: every live one. */
  readonly required?: readonly string[]
}

/** How one source covers the window. */
interface SourceJudgement {
  readonly gaps: readonly CoverageGap[]
  /** True where some part of the window lies outside the gaps. */
  readonly sawSome: boolean
  readonly horizonUs: number
}

/** True where the gaps leave something of [fromUs, toUs]. */
function leavesSome(gaps: readonly CoverageGap[], fromUs: number, toUs: number): boolean {
  let coveredTo = fromUs
  let touched = false
  for (const gap of [...gaps].sort((a, b) => a.fromUs - b.fromUs)) {
    if (gap.fromUs > coveredTo) return true
    coveredTo = Math.max(coveredTo, gap.toUs)
    touched = true
  }
  return !touched || coveredTo < toUs
}

/** The window as the source's clock, which may be off by the skew, would have shown it. */
function widened(source: SourceCoverage, evidence: CoverageEvidence): [from: number, to: number] {
  return [
    evidence.fromUs - source.skewUs,
    Math.max(evidence.fromUs, Math.min(evidence.toUs + source.skewUs, evidence.nowUs)),
  ]
}

function judgeSource(source: SourceCoverage, evidence: CoverageEvidence): SourceJudgement {
  const { source: name, watchedFromUs = Infinity } = source
  const [fromUs, toUs] = widened(source, evidence)
  const progress = evidence.reached?.get(name)
  const horizonUs = progress?.watermarkUs ?? source.closedThroughUs
  const gaps: CoverageGap[] = source.gaps
    .filter((gap) => gap.fromUs <= toUs && gap.toUs >= fromUs)
    .map((gap) => Object.assign({ source: name }, gap))
  const { keptFromUs = -Infinity } = source
  if (keptFromUs > fromUs) {
    const until = Math.min(keptFromUs, toUs)
    gaps.push({ source: name, fromUs, toUs: until, reason: 'before-retention' })
  }
  if (watchedFromUs > fromUs) {
    const until = Math.min(watchedFromUs, toUs)
    gaps.push({ source: name, fromUs, toUs: until, reason: 'before-watching' })
  }
  if (horizonUs < toUs) {
    const reason = progress === undefined ? 'out-of-reach' : 'past-watermark'
    gaps.push({ source: name, fromUs: Math.max(horizonUs, fromUs), toUs, reason })
  }
  return { gaps, sawSome: leavesSome(gaps, fromUs, toUs), horizonUs }
}

const isLive = (source: SourceCoverage): boolean =>
  source.kind !== 'import' && source.watchedFromUs !== undefined

/** Sources that ought to be there and are not: what they saw cannot be known. */
function missingSources(evidence: CoverageEvidence): CoverageGap[] {
  const { fromUs, toUs, sources, required, reached } = evidence
  const known = new Map(sources.map((source) => [source.source, source]))
  const expected = required ?? [...(reached?.keys() ?? [])]
  return expected.flatMap((name): CoverageGap[] => {
    const source = known.get(name)
    if (source !== undefined && (isLive(source) || required === undefined)) return []
    const reason = source === undefined ? 'not-registered' : 'not-live'
    return [{ source: name, fromUs, toUs, reason }]
  })
}

/**
 * Says whether the sources prove that nothing was missed in [fromUs, toUs]. Only live sources can:
 * an import is as complete as the file that somebody chose. A source that first began to watch
 * after the window has no say in it, since a new gateway does not make older answers doubtful.
 */
export function judgeCoverage(evidence: CoverageEvidence): CoverageJudgement {
  const { required, sources } = evidence
  const live = sources.filter(
    (source) => isLive(source) && (required === undefined || required.includes(source.source))
  )
  const counted = live.filter(
    (source) => (source.watchedFromUs ?? Infinity) <= widened(source, evidence)[1]
  )
  const judged = counted.map((source) => judgeSource(source, evidence))
  const late = counted.length > 0 ? [] : live.map((source) => judgeSource(source, evidence))
  const missing = missingSources(evidence)
  const gaps = [...missing, ...[...judged, ...late].flatMap((judgement) => judgement.gaps)]
  const sawSome = judged.some((judgement) => judgement.sawSome)
  const complete = judged.length > 0 && gaps.length === 0
  return {
    state: complete ? 'complete' : sawSome ? 'partial' : 'none',
    watermarkUs:
      judged.length === 0 ? undefined : Math.min(...judged.map((judgement) => judgement.horizonUs)),
    gaps,
  }
}

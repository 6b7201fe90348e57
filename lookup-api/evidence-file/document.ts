import type { SourceCoverage } from '../../model/coverage.ts'
import { parseInstant } from '../../model/time.ts'
import { answerDigest } from '../answer.ts'
import type { Answer } from '../contract.ts'
import type { AnswerDependencies, IdentityCoverage } from '../dependencies.ts'
import { formatKnown } from '../present.ts'
import type { LookupInput } from '../query.ts'
import type { ConfigurationInForce } from './configuration.ts'
import { limitsOf } from './limits.ts'

/** A source at the time of the export; its skew is how far its clock may be off. */
export interface EvidenceSource {
  readonly source: string
  readonly kind: string
  readonly watched_from: string | null
  readonly watermark: string | null
  readonly skew_seconds: number
}

/** A source of who held inside addresses; the skew of each stands in the links that rest on it. */
export interface EvidenceIdentitySource {
  readonly source: string
  readonly kind: string
  readonly heard_from: string | null
  readonly last_heard: string | null
}

/** What is signed of an answer: the document of the kind `answer`. */
export interface AnswerDocument {
  /** The question as it was received, before it was read. */
  readonly received: LookupInput
  /** The body of `GET /v1/lookup`: question as understood, verdict, candidates, coverage. */
  readonly answer: Answer
  /** SHA-256 that the audit entry has of the answer. */
  readonly answer_sha256: string
  /** The audit's entry of this look-up, and the hash that chains it to all before it. */
  readonly audit: { readonly id: string | number; readonly hash: string }
  /** Who asked, as the audit names them. */
  readonly officer: string
  /** Records that the answer rests on. */
  readonly records: readonly string[]
  readonly sources: readonly EvidenceSource[]
  readonly identity_sources: readonly EvidenceIdentitySource[]
  readonly configuration: ConfigurationInForce
  readonly software: {
    readonly name: 'flowledger'
    readonly version: string
    readonly node: string
  }
  /** What the answer does not show. */
  readonly limits: readonly string[]
}

const sourceJson = (source: SourceCoverage): EvidenceSource => ({
  source: source.source,
  kind: source.kind,
  watched_from: formatKnown(source.watchedFromUs),
  watermark: formatKnown(source.watermarkUs),
  skew_seconds: source.skewUs / 1e6,
})

const identitySourceJson = (source: IdentityCoverage): EvidenceIdentitySource => ({
  source: source.name,
  kind: source.kind,
  heard_from: formatKnown(source.heardFromUs),
  last_heard: formatKnown(source.lastHeardUs),
})

/** Records of the candidates and of the near misses, each once. */
export function recordsOf({ candidates, near_misses: near }: Answer): string[] {
  const links = [...candidates, ...near].flatMap((candidate) => candidate.links)
  return [...new Set(links.map(({ record }) => record))]
}

const instant = (text: string): number => parseInstant(text, { tz: undefined, nowUs: 0 }).atUs

/** What there is to know of an answer, as it is signed. */
export async function makeAnswerDocument(
  answered: {
    readonly received: LookupInput
    readonly answer: Answer
    readonly audit: AnswerDocument['audit']
    readonly officer: string
  },
  deps: AnswerDependencies,
  configuration: ConfigurationInForce
): Promise<AnswerDocument> {
  const { answer } = answered
  const [fromUs, toUs] = [instant(answer.query.from), instant(answer.query.to)]
  const sources = await deps.ledger.readCoverage(fromUs, toUs)
  const people = (await deps.identity?.sources(fromUs, toUs)) ?? []
  return {
    ...answered,
    answer_sha256: answerDigest(answer),
    records: recordsOf(answer),
    sources: sources.map(sourceJson),
    identity_sources: people.map(identitySourceJson),
    configuration,
    software: { name: 'flowledger', version: deps.version, node: process.version },
    limits: limitsOf(answer),
  }
}

import { hash } from 'node:crypto'
import { canonicalJson } from '../model/canonical-json.ts'
import { FlowledgerError } from '../model/errors.ts'
import { maxCandidates } from '../model/limits.ts'
import { actorOf } from '../model/principal.ts'
import type { Principal } from '../model/principal.ts'
import { followHops } from './chain/follow-hops.ts'
import { identify, revealedRecords } from './chain/identify.ts'
import type { Identified } from './chain/identify.ts'
import { withToldUsers } from './chain/told-users.ts'
import { authorityMember } from './authority-text.ts'
import type { Answer } from './contract.ts'
import type { AnswerDependencies, AuditEntry, AuditLog } from './dependencies.ts'
import { gather } from './evidence.ts'
import type { Host } from './hosts.ts'
import { answerJson, recordOf } from './present.ts'
import { admitQuestion, admitWidth } from './question-gate.ts'
import { readLookup } from './query.ts'
import type { LookupInput } from './query.ts'
import { judge } from './verdict.ts'
import type { Evidence, Judgement } from './verdict.ts'

/** Longest text of a field that the audit keeps of a question that could not be read. */
const maxGivenLength = 200

/**
 * Writes an entry, or fails so that nothing is answered.
 *
 * @throws FlowledgerError `audit-unwritable`
 */
export async function recordAct(
  audit: Pick<AuditLog, 'appendAudit'>,
  entry: AuditEntry
): Promise<{ id: string | number; hash: string }> {
  try {
    return await audit.appendAudit(entry)
  } catch (cause) {
    throw new FlowledgerError('audit-unwritable', 'The audit cannot be written.', {
      fix: 'Nothing is answered without it: see to the database of the audit, then ask again.',
      cause,
    })
  }
}

const records = (hosts: readonly Host[]): string[] =>
  hosts.slice(0, maxCandidates).map((host) => recordOf(host.best))

/**
 * Text as the audit can hold it: cut where somebody sent a book, and without halves of characters.
 */
const auditable = (text: string): string =>
  text.slice(0, maxGivenLength).replaceAll(/\p{Surrogate}/gu, '\uFFFD')

/** The question as it came. */
const asGiven = (input: LookupInput): Record<string, string> =>
  Object.fromEntries(
    Object.entries(input).map(([field, text]) => [auditable(field), auditable(text)])
  )

/** SHA-256 (hexadecimal) of an answer without its number in the audit, in canonical JSON. */
export function answerDigest(whole: Omit<Answer, 'audit_id'> & { audit_id?: unknown }): string {
  const { audit_id: _, ...body } = whole
  return hash('sha256', canonicalJson(body), 'hex')
}

function lookupEntry(
  actor: string,
  given: LookupInput,
  body: Omit<Answer, 'audit_id'>,
  judgement: Judgement,
  identified: Identified,
  version: string
): AuditEntry {
  return {
    actor,
    action: identified.revealed ? 'reveal' : 'lookup',
    detail: {
      given: asGiven(given),
      query: body.query,
      verdict: body.verdict,
      coverage: body.coverage.state,
      records: records(judgement.hosts),
      near_misses: records(judgement.nearMisses),
      ...(identified.revealed ? revealedRecords(identified) : {}),
      answer_sha256: answerDigest(body),
      version,
    },
  }
}

/** A look-up that gave no answer is an act too: it goes into the audit with its reason. */
export async function recordFailure(
  error: unknown,
  input: LookupInput,
  { audit, version }: AnswerDependencies,
  principal: Principal
): Promise<void> {
  const known = error instanceof FlowledgerError
  // The reason why nothing was written cannot be written either.
  if (known && error.code === 'audit-unwritable') return
  const reason = known
    ? { code: error.code, message: auditable(error.message) }
    : { code: 'internal' }
  const detail = { given: asGiven(input), ...reason, version }
  await recordAct(audit, { actor: actorOf(principal), action: 'lookup-failed', detail })
}

/** Evidence with the hash that the destination asked for has where that alone is kept. */
async function withDestinationHash(
  evidence: Evidence,
  { hashDestination }: AnswerDependencies
): Promise<Evidence> {
  const { destination } = evidence.query
  if (destination?.ip === undefined || hashDestination === undefined) return evidence
  if (!evidence.slices.some(({ remoteHash }) => remoteHash !== undefined)) return evidence
  const destinationHash = await hashDestination(destination.ip, destination.port ?? 0)
  return destinationHash === undefined ? evidence : { ...evidence, destinationHash }
}

/**
 * Judges a question by what was gathered for it. The answer is in the audit before it is returned.
 *
 * @throws FlowledgerError `audit-unwritable`
 */
export async function conclude(
  gathered: Evidence,
  input: LookupInput,
  deps: AnswerDependencies,
  principal: Principal
): Promise<Answer> {
  const evidence = await withDestinationHash(await followHops(gathered, deps), deps)
  const judgement = judge(evidence)
  const { query } = evidence
  const named = judgement.hosts.length + judgement.nearMisses.length
  const width = await admitWidth(query, named, principal, deps.access)
  const found = await identify(evidence, judgement, deps, principal)
  const identified = await withToldUsers(found, judgement, query, principal, deps.access)
  const body = {
    ...answerJson(query, input, judgement, identified),
    ...authorityMember(width, identified.authority),
  }
  const entry = lookupEntry(actorOf(principal), input, body, judgement, identified, deps.version)
  const { id } = await recordAct(deps.audit, entry)
  return { ...body, audit_id: id }
}

/**
 * Answers who had an address (and port) at a time. The answer is in the audit before it is
 * returned, and so is a failure.
 *
 * @param input the question as text, see {@link LookupInput}
 * @param principal who asks
 * @throws FlowledgerError `audit-unwritable` where nothing may be said; the codes of
 *   {@link readLookup} for a question that cannot be read; what the ledger throws
 */
export async function answer(
  input: LookupInput,
  deps: AnswerDependencies,
  principal: Principal
): Promise<Answer> {
  try {
    const query = readLookup(input, deps.nowUs())
    admitQuestion(query, principal, deps.access)
    return await conclude(await gather(query, deps), input, deps, principal)
  } catch (error) {
    await recordFailure(error, input, deps, principal)
    throw error
  }
}

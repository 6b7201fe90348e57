import type { CaseStore } from '../../store/cases.ts'
import type { HoldStore } from '../../store/holds.ts'
import type { CaseFile } from '../../model/case.ts'
import { canonicalJson } from '../../model/canonical-json.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { actorOf } from '../../model/principal.ts'
import type { Principal } from '../../model/principal.ts'
import { recordAct } from '../answer.ts'
import type { AnswerDependencies } from '../dependencies.ts'
import { sha256 } from '../evidence-file/envelope.ts'
import type { EvidenceDependencies } from '../evidence-file/export.ts'

/** What the work on cases needs beside look-ups; the wiring hands it in. */
export interface Desk {
  readonly cases: CaseStore
  readonly holds: HoldStore
  readonly evidence: EvidenceDependencies
}

/** Who does something, and with what: the same for the API and the command line. */
export interface DeskContext extends Desk {
  readonly deps: AnswerDependencies
  readonly principal: Principal
}

/** What the history of a case gets of an act. */
export interface RecordedDetail {
  readonly actor: string
  readonly auditId: string | number
  readonly detail: Readonly<Record<string, unknown>>
}

/**
 * Writes an act into the audit before it takes effect. The audit has the SHA-256 of the detail and
 * not its text, so that what people write can be shown to be unchanged, and goes with its case.
 *
 * @param more what the audit is to have in words
 * @throws FlowledgerError `audit-unwritable`
 */
export async function recordDeskAct(
  { deps, principal }: Pick<DeskContext, 'deps' | 'principal'>,
  action: string,
  detail: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>>
): Promise<RecordedDetail> {
  const actor = actorOf(principal)
  const entry = { ...more, detail_sha256: sha256(canonicalJson(detail)), version: deps.version }
  const { id } = await recordAct(deps.audit, { actor, action, detail: entry })
  return { actor, auditId: id, detail }
}

/**
 * Refuses a change that was made on another version of the case, before it is in the audit; the
 * store refuses it again, for two that come at once.
 *
 * @throws FlowledgerError `case-conflict`
 */
export function requireVersion(file: CaseFile, version: number | undefined): void {
  if (version === undefined || version === file.version) return
  throw new FlowledgerError(
    'case-conflict',
    `The case is at version ${file.version}, not ${version}: somebody else changed it.`,
    { fix: 'Read it again, then decide.' }
  )
}

/**
 * Refuses to add to a closed case, before it is in the audit.
 *
 * @throws FlowledgerError `case-conflict`
 */
export function requireNotClosed({ status }: CaseFile): void {
  if (status !== 'closed') return
  throw new FlowledgerError('case-conflict', 'The case is closed.', {
    fix: 'Open it again with a reason, then add to it.',
  })
}

import type { Principal } from '../../model/principal.ts'
import type { ApprovalAct } from '../../model/rights.ts'
import { formatInstant } from '../../model/time.ts'
import { subjectOf } from '../access-subject.ts'
import type { AnswerDependencies, Authority } from '../dependencies.ts'
import { requireAllowed } from '../question-gate.ts'
import type { SubjectQuestion } from './subject-spans.ts'

/**
 * Sees that an act on somebody's records is allowed; the subject of an approval is spelt as that of
 * `GET /v1/holdings`.
 *
 * @throws FlowledgerError `not-allowed`, `approval-needed`
 */
export async function requireSubjectAct(
  { access, nowUs }: Pick<AnswerDependencies, 'access' | 'nowUs'>,
  principal: Principal,
  act: ApprovalAct,
  { kind, value, fromUs, toUs }: SubjectQuestion,
  approval: string | undefined
): Promise<Authority | undefined> {
  const given = { [kind]: value, from: formatInstant(fromUs), to: formatInstant(toUs) }
  const decision = await access.decide(principal, act, subjectOf(given, nowUs()), approval)
  requireAllowed(decision, `What is held on somebody cannot be ${done[act] ?? 'used'} so.`)
  return decision.authority
}

const done: Readonly<Partial<Record<ApprovalAct, string>>> = { reverse: 'shown', purge: 'deleted' }

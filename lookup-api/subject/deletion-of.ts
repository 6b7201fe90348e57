import { createHmac } from 'node:crypto'
import type { RetentionKeys } from '../../store/retention/keys.ts'
import type { Deletion } from '../../store/subject/deletion.ts'
import type { AnswerDependencies, Authority } from '../dependencies.ts'
import { findSubject } from './subject-spans.ts'
import type { SubjectQuestion } from './subject-spans.ts'

/** Why somebody's records are deleted, and who allowed it beside the one who does it. */
export interface DeletionGrounds {
  readonly reason: string
  readonly authority?: Authority | undefined
}

/** What proofs name as the rule of a deletion. */
const rule = 'what is held on a person, deleted on request'

/**
 * What is to be deleted of somebody. Proofs stay for ever, so they do not have the name: a keyed
 * digest of it shows, to who has the key, whom they are about.
 *
 * @throws FlowledgerError `usage`
 */
export async function deletionOf(
  question: SubjectQuestion,
  { reason, authority }: DeletionGrounds,
  deps: AnswerDependencies,
  keys: RetentionKeys
): Promise<Deletion> {
  const { held, spans } = await findSubject(question, deps)
  const digest = createHmac('sha256', keys.digest)
    .update(`${question.kind} ${question.value}`)
    .digest('hex')
  return {
    spans,
    holdings: held.map(({ holding }) => holding.id),
    rule,
    authority: {
      reason,
      subject_hmac: digest,
      ...(authority === undefined
        ? {}
        : { approval: authority.approval, approved_by: authority.approvedBy }),
    },
  }
}

import type { CaseStore } from '../../store/cases.ts'
import type { AuditEntry, AuditLog } from '../dependencies.ts'

/** Acts of an answer: one that names whoever was there, and one that does not. */
const answers: ReadonlySet<string> = new Set(['lookup', 'reveal'])

/** True for an entry of the audit that was made for the answer to a look-up. */
export const isAnswer = ({ action }: Pick<AuditEntry, 'action'>): boolean => answers.has(action)

/** The case that an entry of a look-up names. */
function caseOf(entry: AuditEntry): string | undefined {
  const { detail } = entry
  if (!isAnswer(entry)) return undefined
  const { query } = detail as { query?: { case?: unknown } }
  return typeof query?.case === 'string' ? query.case : undefined
}

/**
 * The audit, which also notes each look-up in the case that it names, where there is such a case.
 * It stands here because every look-up passes here, be it of the API, of a batch, of a notice or
 * of the command line. A look-up whose case cannot be told of it is not answered.
 */
export function linkToCases(audit: AuditLog, cases: CaseStore): AuditLog {
  return {
    ...audit,
    async appendAudit(entry) {
      const receipt = await audit.appendAudit(entry)
      const reference = caseOf(entry)
      if (reference !== undefined) {
        const { verdict, answer_sha256: digest } = entry.detail
        const detail = { lookup: receipt.id, verdict, answer_sha256: digest }
        await cases.link(reference, { actor: entry.actor, auditId: receipt.id, detail })
      }
      return receipt
    },
  }
}

import { FlowledgerError } from '../../model/errors.ts'
import type { AuditLog } from '../dependencies.ts'
import { isAnswer } from './link.ts'

/**
 * What a case notes of a look-up that was made before.
 *
 * @param id the entry of the audit, as the answer named it
 * @throws FlowledgerError `usage` where that entry is no look-up
 */
export async function earlierLookup(
  audit: AuditLog,
  id: number
): Promise<Readonly<Record<string, unknown>>> {
  const page = await audit.listAudit({ limit: 1, cursor: String(id + 1) })
  const entry = page.items.find((one) => String(one.id) === String(id))
  if (entry === undefined || !isAnswer(entry)) {
    throw new FlowledgerError('usage', `The audit has no look-up ${id}.`, {
      fix: 'Take the audit_id of the answer.',
      details: { field: 'audit_id' },
    })
  }
  const { verdict, answer_sha256: digest } = entry.detail
  return { lookup: id, verdict, answer_sha256: digest, asked_by: entry.actor, asked: entry.at }
}

import { actorOf } from '../../model/principal.ts'
import { recordAct } from '../answer.ts'
import { sha256 } from '../evidence-file/envelope.ts'
import type { Envelope, SealedEvidence } from '../evidence-file/envelope.ts'
import type { DeskContext } from './desk.ts'
import { requireReadable } from './reading.ts'

/**
 * The signed copy of the rows that a hold is about, as it was made when the hold was placed. That
 * it is read is in the audit before it is given out.
 *
 * @returns undefined where there is no such hold, or it keeps none
 * @throws FlowledgerError `not-allowed`, `audit-unwritable`
 */
export async function readHoldCopy(
  { holds, deps, principal }: Pick<DeskContext, 'holds' | 'deps' | 'principal'>,
  id: number
): Promise<SealedEvidence | undefined> {
  const text = await holds.document(id)
  if (text === undefined) return undefined
  const envelope = JSON.parse(text) as Envelope
  requireReadable(principal, envelope)
  const digest = sha256(text)
  const detail = { hold: id, file_sha256: digest, version: deps.version }
  await recordAct(deps.audit, { actor: actorOf(principal), action: 'evidence-read', detail })
  return { text, sha256: digest, envelope }
}

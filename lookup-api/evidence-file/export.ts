import { FlowledgerError } from '../../model/errors.ts'
import { actorOf } from '../../model/principal.ts'
import type { Principal } from '../../model/principal.ts'
import type { PublicSigningKey } from '../../model/public-signing-key.ts'
import { recordAct } from '../answer.ts'
import type { Answer } from '../contract.ts'
import type { AnswerDependencies, AuditEntry, AuditLog } from '../dependencies.ts'
import type { LookupInput } from '../query.ts'
import type { ConfigurationInForce } from './configuration.ts'
import { makeAnswerDocument } from './document.ts'
import { seal } from './envelope.ts'
import type { EvidenceKind, SealedEvidence, Signer } from './envelope.ts'

/** What signed evidence needs beside the answer; the wiring hands it in. */
export interface EvidenceDependencies {
  /** The key in force. */
  signer(): Promise<Signer>
  /** Every key that ever signed here, oldest first. */
  publicKeys(): Promise<readonly PublicSigningKey[]>
  configuration(): ConfigurationInForce
}

type Receipt = Awaited<ReturnType<AuditLog['appendAudit']>>

/** The audit, and the receipts of what goes into it: an answer has the number alone. */
function withReceipts(audit: AuditLog): { audit: AuditLog; receipts: Receipt[] } {
  const receipts: Receipt[] = []
  const appendAudit = async (entry: AuditEntry): Promise<Receipt> => {
    const receipt = await audit.appendAudit(entry)
    receipts.push(receipt)
    return receipt
  }
  return { audit: { ...audit, appendAudit }, receipts }
}

/** Signs a document and records that it goes out; what cannot be recorded is not given. */
export async function sealRecorded(
  kind: EvidenceKind,
  document: object,
  deps: Pick<AnswerDependencies, 'audit' | 'nowUs' | 'version'>,
  evidence: EvidenceDependencies,
  act: { readonly principal: Principal; readonly detail: Readonly<Record<string, unknown>> }
): Promise<SealedEvidence> {
  const signer = await evidence.signer()
  const sealed = await seal(kind, document, signer, deps.nowUs())
  const detail = {
    ...act.detail,
    kind,
    file_sha256: sealed.sha256,
    key: signer.id,
    version: deps.version,
  }
  const actor = actorOf(act.principal)
  await recordAct(deps.audit, { actor, action: 'evidence-export', detail })
  return sealed
}

/**
 * Looks up and signs the answer. Both the look-up and the export are in the audit before anything
 * is returned; the entry of the export has the digest of the file.
 *
 * @param ask the look-up, given the dependencies to use
 * @throws FlowledgerError what the look-up throws; `audit-unwritable`, `key-unusable`
 */
export async function exportAnswer(
  received: LookupInput,
  deps: AnswerDependencies,
  evidence: EvidenceDependencies,
  principal: Principal,
  ask: (deps: AnswerDependencies) => Promise<Answer>
): Promise<{ answer: Answer; sealed: SealedEvidence }> {
  const { audit, receipts } = withReceipts(deps.audit)
  const answer = await ask({ ...deps, audit })
  const receipt = receipts.find(({ id }) => String(id) === String(answer.audit_id))
  if (receipt === undefined) {
    throw new FlowledgerError('audit-unwritable', 'The answer is not in the audit.')
  }
  const officer = actorOf(principal)
  const answered = { received, answer, audit: receipt, officer }
  const document = await makeAnswerDocument(answered, deps, evidence.configuration())
  const detail = { lookup: answer.audit_id, case: answer.query.case }
  const sealed = await sealRecorded('answer', document, deps, evidence, { principal, detail })
  return { answer, sealed }
}

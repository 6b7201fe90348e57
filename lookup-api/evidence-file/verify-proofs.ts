import type { PublicSigningKey } from '../../model/public-signing-key.ts'
import type { Database } from '../../store/database.ts'
import { readProofs, readUnproven } from '../../store/retention/read-proofs.ts'
import { verifyEvidence } from './verify.ts'

/** Proofs that are read at a time. */
const page = 500

/** What the check of all proofs found. */
export interface ProofVerdict {
  readonly proofs: number
  readonly rows: number
  /** A sentence each. */
  readonly problems: readonly string[]
}

/**
 * Checks every proof: its signature by a key of ours, its digest, its entry in the audit, and that
 * no entry of a purge is without its proof. Whether the audit itself is whole says `verify-audit`.
 *
 * @param database a pool of the log-in `audit`
 * @param watch hears how many were checked, of how many
 */
export async function verifyProofs(
  database: Database,
  keys: readonly PublicSigningKey[],
  watch?: (checked: number, outOf: number) => void
): Promise<ProofVerdict> {
  const problems: string[] = []
  const outOf = watch === undefined ? 0 : await countProofs(database)
  let [proofs, rows, after] = [0, 0, 0]
  for (;;) {
    const found = await readProofs(database, after, page)
    for (const proof of found) {
      proofs += 1
      rows += proof.rows
      after = proof.id
      const checked = verifyEvidence(Buffer.from(proof.text), keys)
      if (checked.state !== 'proven') {
        const why = checked.findings.find(({ state }) => state !== 'proven')?.text ?? ''
        problems.push(`Proof ${proof.id}: ${why}`)
      }
      watch?.(proofs, outOf)
      if (checked.sha256 !== proof.sha256) problems.push(`Proof ${proof.id} is not the one it was.`)
      if (proof.audited !== proof.sha256) {
        problems.push(`Proof ${proof.id}: entry ${proof.auditId} of the audit is not of it.`)
      }
    }
    if (found.length < page) break
  }
  for (const id of await readUnproven(database)) {
    problems.push(`Entry ${id} of the audit tells of a purge, and its proof is not there.`)
  }
  return { proofs, rows, problems }
}

async function countProofs(database: Database): Promise<number> {
  const [row] = await database.query<{ proofs: number }>('count the proofs', {
    text: 'select count(*)::int as proofs from retention.proof',
  })
  return row?.proofs ?? 0
}

import type { Database } from '../database.ts'
import { microseconds } from '../timestamp.ts'

/** A proof as it is kept. Times are microseconds since 1970. */
export interface KeptProof {
  readonly id: number
  readonly atUs: number
  readonly actor: string
  readonly act: string
  readonly kind: string
  readonly subject: string
  readonly rows: number
  readonly auditId: number
  readonly text: string
  readonly sha256: string
  /** What the entry of the audit says of the file; undefined where there is no such entry. */
  readonly audited: string | undefined
}

interface Row {
  readonly id: string
  readonly at: string
  readonly actor: string
  readonly act: string
  readonly kind: string
  readonly subject: string
  readonly row_count: string
  readonly audit_id: string
  readonly document: string
  readonly sha256: string
  readonly audited: string | null
}

/** Proofs after one, oldest first. @param database a pool of the log-in `audit` */
export async function readProofs(
  database: Database,
  after: number,
  limit: number
): Promise<readonly KeptProof[]> {
  const rows = await database.query<Row>('read the proofs', {
    text: `select p.id, ${microseconds('p.at')} as at, p.actor, p.act, p.kind, p.subject,
             p.row_count, p.audit_id, p.document, encode(p.document_sha256, 'hex') as sha256,
             e.detail::json ->> 'file_sha256' as audited
           from retention.proof p left join audit.entry e
             on e.id = p.audit_id and e.action = 'purge'
           where p.id > $1 order by p.id limit $2`,
    values: [after, limit],
  })
  return rows.map((row) => ({
    id: Number(row.id),
    atUs: Number(row.at),
    actor: row.actor,
    act: row.act,
    kind: row.kind,
    subject: row.subject,
    rows: Number(row.row_count),
    auditId: Number(row.audit_id),
    text: row.document,
    sha256: row.sha256,
    audited: row.audited ?? undefined,
  }))
}

/** Entries of the audit that say that something was purged and whose proof is not there. */
export async function readUnproven(database: Database): Promise<readonly number[]> {
  const rows = await database.query<{ id: string }>('compare the audit with the proofs', {
    text: `select e.id from audit.entry e where e.action = 'purge'
             and not exists (select from retention.proof p where p.audit_id = e.id)
           order by e.id limit 1000`,
  })
  return rows.map(({ id }) => Number(id))
}

import type pg from 'pg'
import { canonicalJson } from '../model/canonical-json.ts'
import type { CaseEntryKind } from '../model/case.ts'
import { FlowledgerError } from '../model/errors.ts'

/** What goes into the history of a case. */
export interface NewEntry {
  readonly actor: string
  readonly kind: CaseEntryKind
  /** The audit's entry of the act. */
  readonly auditId?: string | number
  /** JSON values only. */
  readonly detail: Readonly<Record<string, unknown>>
  /** A signed file that belongs to it, and its SHA-256 (hexadecimal). */
  readonly document?: { readonly text: string; readonly sha256: string }
}

const conflict = (message: string, fix: string): FlowledgerError =>
  new FlowledgerError('case-conflict', message, { fix })

/** There is no such case. */
export const unknownCase = (name: string | number): FlowledgerError =>
  new FlowledgerError('case-unknown', `There is no case ${name}.`, {
    fix: '"flowledger case list" and GET /v1/cases show them.',
  })

/**
 * Takes the row of a case for a change: nobody else changes it until the transaction ends.
 *
 * @param version what the change was made on; left out: whatever it is
 * @throws FlowledgerError `case-unknown`, `case-conflict`
 */
export async function takeCase(
  client: pg.ClientBase,
  id: number,
  { version, evenClosed = false }: { version?: number | undefined; evenClosed?: boolean }
): Promise<void> {
  const { rows } = await client.query<{ version: number; status: string }>(
    `update cases.case_file set version = version + 1, changed_at = now() where id = $1
     returning version - 1 as version, status`,
    [id]
  )
  const [row] = rows
  if (row === undefined) throw unknownCase(id)
  if (version !== undefined && row.version !== version) {
    throw conflict(
      `The case is at version ${row.version}, not ${version}: somebody else changed it.`,
      'Read it again, then decide.'
    )
  }
  if (row.status === 'closed' && !evenClosed) {
    throw conflict('The case is closed.', 'Open it again with a reason, then add to it.')
  }
}

/** Text that PostgreSQL can hold: it knows no zero octet. */
const storable = (text: string): string => text.replaceAll('\0', '\uFFFD')

/** Adds to the history; within the transaction of what it tells of. */
export async function insertEntry(
  client: pg.ClientBase,
  caseId: number,
  entry: NewEntry
): Promise<number> {
  const { document } = entry
  const { rows } = await client.query<{ id: string }>(
    `insert into cases.entry (case_id, actor, kind, audit_id, detail, document, document_sha256)
     values ($1, $2, $3, $4, $5, $6, $7) returning id`,
    [
      caseId,
      storable(entry.actor),
      entry.kind,
      entry.auditId ?? null,
      canonicalJson(entry.detail),
      document?.text ?? null,
      document === undefined ? null : Buffer.from(document.sha256, 'hex'),
    ]
  )
  return Number(rows[0]?.id)
}

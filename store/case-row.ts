import type { CaseEntry, CaseEntryKind, CaseFile, CaseStatus, Deadline } from '../model/case.ts'
import { fromInt8, fromNullableInt8, microseconds } from './timestamp.ts'

/** How rows of the schema `cases` are read. */

export interface CaseRow {
  readonly id: string
  readonly reference: string
  readonly title: string
  readonly status: CaseStatus
  readonly version: number
  readonly opened: string
  readonly opened_by: string
  readonly changed: string
  readonly due: string | null
}

/** Columns of a case; its table is called `c`. */
export const caseColumns = `c.id, c.reference, c.title, c.status, c.version, c.opened_by,
  ${microseconds('c.opened_at')} as opened, ${microseconds('c.changed_at')} as changed,
  (select ${microseconds('min(d.due_at)')} from cases.deadline d
   where d.case_id = c.id and d.met_at is null) as due`

export function caseOf(row: CaseRow): CaseFile {
  const dueUs = fromNullableInt8(row.due)
  return {
    id: fromInt8(row.id),
    reference: row.reference,
    title: row.title,
    status: row.status,
    version: row.version,
    openedUs: fromInt8(row.opened),
    openedBy: row.opened_by,
    changedUs: fromInt8(row.changed),
    ...(dueUs === undefined ? {} : { dueUs }),
  }
}

export interface EntryRow {
  readonly id: string
  readonly at: string
  readonly actor: string
  readonly kind: CaseEntryKind
  readonly audit_id: string | null
  readonly detail: string
  readonly document_sha256: Buffer | null
}

export const entryColumns = `id, ${microseconds('at')} as at, actor, kind, audit_id, detail,
  document_sha256`

export function entryOf(row: EntryRow): CaseEntry {
  const auditId = fromNullableInt8(row.audit_id)
  return {
    id: fromInt8(row.id),
    atUs: fromInt8(row.at),
    actor: row.actor,
    kind: row.kind,
    detail: JSON.parse(row.detail) as Record<string, unknown>,
    ...(auditId === undefined ? {} : { auditId }),
    ...(row.document_sha256 === null
      ? {}
      : { documentSha256: row.document_sha256.toString('hex') }),
  }
}

export interface DeadlineRow {
  readonly id: string
  readonly name: string
  readonly preset: string | null
  readonly basis: string
  readonly due: string
  readonly set_by: string
  readonly met: string | null
  readonly met_by: string | null
}

export const deadlineColumns = `id, name, preset, basis, ${microseconds('due_at')} as due, set_by,
  ${microseconds('met_at')} as met, met_by`

export function deadlineOf(row: DeadlineRow): Deadline {
  const metUs = fromNullableInt8(row.met)
  return {
    id: fromInt8(row.id),
    name: row.name,
    dueUs: fromInt8(row.due),
    basis: row.basis,
    setBy: row.set_by,
    ...(row.preset === null ? {} : { preset: row.preset }),
    ...(metUs === undefined ? {} : { metUs }),
    ...(row.met_by === null ? {} : { metBy: row.met_by }),
  }
}

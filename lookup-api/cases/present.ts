import { z } from 'zod'
import { caseEntryKinds, caseStatuses } from '../../model/case.ts'
import type { CaseEntry, CaseFile, Deadline, Hold } from '../../model/case.ts'
import { formatInstant } from '../../model/time.ts'

/** Cases and holds as the API gives them: snake_case, times in RFC 3339 UTC. */

const time = z.string().describe('RFC 3339, UTC')

export const caseSchema = z.object({
  id: z.number().int(),
  reference: z.string().describe('what `case` of a look-up names'),
  title: z.string(),
  status: z.enum(caseStatuses),
  version: z.number().int().describe('to be named in If-Match by who changes the case'),
  opened: time,
  opened_by: z.string(),
  changed: time,
  due: time.nullable().describe('the next deadline that is not met'),
})

export const entrySchema = z.object({
  id: z.number().int(),
  at: time,
  actor: z.string(),
  kind: z.enum(caseEntryKinds),
  audit_id: z.number().int().nullable(),
  detail: z.record(z.string(), z.unknown()),
  document_sha256: z.string().nullable().describe('SHA-256 of the signed file that it keeps'),
})

export const deadlineSchema = z.object({
  id: z.number().int(),
  name: z.string(),
  preset: z.string().nullable(),
  due: time,
  basis: z.string(),
  set_by: z.string(),
  met: time.nullable(),
  met_by: z.string().nullable(),
})

export const holdSchema = z.object({
  id: z.number().int(),
  case: z.string().nullable(),
  address: z.string().nullable(),
  port: z.number().int().nullable(),
  from: time.nullable(),
  to: time.nullable(),
  records: z.array(z.string()),
  reason: z.string(),
  placed: time,
  placed_by: z.string(),
  expires: time.nullable(),
  released: time.nullable(),
  released_by: z.string().nullable(),
  release_reason: z.string().nullable(),
  document_sha256: z.string().nullable().describe('SHA-256 of the signed copy of its rows'),
})

export type CaseJson = z.infer<typeof caseSchema>
export type EntryJson = z.infer<typeof entrySchema>
export type DeadlineJson = z.infer<typeof deadlineSchema>
export type HoldJson = z.infer<typeof holdSchema>

/** A whole case: what it is, its deadlines and holds, and a page of its history. */
export const caseDetailSchema = caseSchema.extend({
  deadlines: z.array(deadlineSchema),
  holds: z.array(holdSchema),
  history: z.array(entrySchema).describe('oldest first'),
  next: z.string().nullable().describe('cursor of the next page of the history'),
})

export const casePageSchema = z.object({ cases: z.array(caseSchema), next: z.string().nullable() })

export const holdPageSchema = z.object({ holds: z.array(holdSchema), next: z.string().nullable() })

const timeOf = (us: number | undefined): string | null =>
  us === undefined ? null : formatInstant(us)

export const caseJson = (file: CaseFile): CaseJson => ({
  id: file.id,
  reference: file.reference,
  title: file.title,
  status: file.status,
  version: file.version,
  opened: formatInstant(file.openedUs),
  opened_by: file.openedBy,
  changed: formatInstant(file.changedUs),
  due: timeOf(file.dueUs),
})

export const entryJson = (entry: CaseEntry): EntryJson => ({
  id: entry.id,
  at: formatInstant(entry.atUs),
  actor: entry.actor,
  kind: entry.kind,
  audit_id: entry.auditId ?? null,
  detail: entry.detail,
  document_sha256: entry.documentSha256 ?? null,
})

export const deadlineJson = (deadline: Deadline): DeadlineJson => ({
  id: deadline.id,
  name: deadline.name,
  preset: deadline.preset ?? null,
  due: formatInstant(deadline.dueUs),
  basis: deadline.basis,
  set_by: deadline.setBy,
  met: timeOf(deadline.metUs),
  met_by: deadline.metBy ?? null,
})

export const holdJson = (hold: Hold): HoldJson => ({
  id: hold.id,
  case: hold.case ?? null,
  address: hold.address ?? null,
  port: hold.port ?? null,
  from: timeOf(hold.fromUs),
  to: timeOf(hold.toUs),
  records: [...hold.records],
  reason: hold.reason,
  placed: formatInstant(hold.placedUs),
  placed_by: hold.placedBy,
  expires: timeOf(hold.expiresUs),
  released: timeOf(hold.releasedUs),
  released_by: hold.releasedBy ?? null,
  release_reason: hold.releaseReason ?? null,
  document_sha256: hold.documentSha256 ?? null,
})

import { FlowledgerError } from '../model/errors.ts'
import type { AuditEntry } from './audit-chain.ts'
import type { Database } from './database.ts'
import { microseconds, toTimestamp } from './timestamp.ts'

/** An entry as it is read back. */
export interface RecordedEntry extends AuditEntry {
  readonly id: number
  /** RFC 3339, UTC. */
  readonly at: string
  /** Hexadecimal SHA-256 that chains this entry to the one before. */
  readonly hash: string
}

/** A page of entries, newest first. */
export interface AuditPage {
  readonly items: readonly RecordedEntry[]
  readonly next?: string
}

/** Entries of one page at most. */
const maxPageEntries = 1000

/**
 * Reads the audit from its end towards its start.
 *
 * @param page `cursor` is `next` of the page before
 * @throws FlowledgerError `usage`, `database-unreachable`, `database-failed`
 */
export async function listAudit(
  database: Database,
  page: { readonly limit: number; readonly cursor?: string | undefined }
): Promise<AuditPage> {
  const { cursor = String(Number.MAX_SAFE_INTEGER) } = page
  if (!/^\d{1,16}$/.test(cursor)) {
    throw new FlowledgerError('usage', 'The cursor is not one that a page gave.', {
      fix: 'Take the cursor of the page before as it is.',
    })
  }
  const limit = Math.min(maxPageEntries, Math.max(1, page.limit))
  const rows = await database.query<{
    id: string
    at: string
    actor: string
    action: string
    detail: string
    hash: Buffer
  }>('read the audit', {
    text: `select id, ${microseconds('at')} as at, actor, action, detail, hash
           from audit.entry where id < $1 order by id desc limit $2`,
    values: [cursor, limit + 1],
  })
  const items = rows.slice(0, limit).map(({ id, at, actor, action, detail, hash }) => ({
    id: Number(id),
    at: toTimestamp(Number(at)),
    actor,
    action,
    detail: JSON.parse(detail) as Record<string, unknown>,
    hash: hash.toString('hex'),
  }))
  const last = items.at(-1)
  return rows.length <= limit || last === undefined ? { items } : { items, next: String(last.id) }
}

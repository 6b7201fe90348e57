import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * Retention of sealed files.
 *
 * - `sealed_file.removed_at`: when a file that is `replaced` or `purged` was taken off the disk,
 *   which is after the transaction that says so.
 * - `sealed_file.dropped_fields`: `destination:hash:3` says that no row of source 3 in the file has
 *   its destination any more, but a hash of it.
 * - `hold.copied_file`: sealed files up to this one were searched for rows of the hold.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table ledger.sealed_file add column removed_at timestamptz`.execute(db)
  await sql`
    create index sealed_file_to_remove on ledger.sealed_file (hour)
      where state <> 'sealed' and removed_at is null`.execute(db)
  await sql`
    alter table cases.hold add column copied_file bigint not null default 0`.execute(db)
}

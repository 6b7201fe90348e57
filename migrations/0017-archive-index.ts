import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * Each sealed file has an index beside it, with a hash of each part of the file: a look-up proves
 * what it reads without reading the rest. The catalogue proves the index. Null: there is none, and
 * the file is proved as a whole.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table ledger.sealed_file
      add column index_sha256 bytea check (length(index_sha256) = 32)`.execute(db)
  await sql`create index sealed_file_starts on ledger.sealed_file (last_start)
    where state = 'sealed'`.execute(db)
}

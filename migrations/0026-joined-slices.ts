import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * Slices of one connection that follow each other stand in one row of a sealed file.
 * `sealed_file.joined`: of `row_count` slices so many stand in the row of another. 0: each has a
 * row, and the file has no column of slices.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table ledger.sealed_file add column joined bigint not null default 0`.execute(db)
  await sql`
    alter table ledger.sealed_file
      add constraint sealed_file_joined check (joined >= 0 and joined < row_count)`.execute(db)
}

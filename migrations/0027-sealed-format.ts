import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * `sealed_file.format`: how a file is laid out (store/archive/sealed-layout.ts). Those that were
 * there before are of 3.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table ledger.sealed_file add column format smallint not null default 3`.execute(db)
  await sql`
    alter table ledger.sealed_file
      add constraint sealed_file_format check (format in (3, 4))`.execute(db)
}

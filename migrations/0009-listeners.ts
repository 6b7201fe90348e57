import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * Many sources can be heard through one listener: exporters through a socket. What the listener
 * missed, all of them may have told, so its gaps count for each.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table ledger.source add listener smallint references ledger.source`.execute(db)
}

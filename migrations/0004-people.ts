import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * The stores of who held an inside address and of who that is stand apart from the ledger from the
 * first day, so that their log-ins and grants are never an afterthought.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create schema identity`.execute(db)
  await sql`create schema directory`.execute(db)
}

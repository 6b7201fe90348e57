import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * Which limit a notice of a gateway is of. `detail` is natQuotaExceededEvent (element 466) or
 * natThresholdEvent (467), by the event; `configured_limit` the value of the limit that goes with
 * it (elements 471 to 481). Null: the gateway did not tell. `id` orders events of one instant.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table ledger.nat_event
      add column id bigint generated always as identity,
      add column detail bigint,
      add column configured_limit bigint`.execute(db)
  await sql`drop index ledger.nat_event_at`.execute(db)
  await sql`create unique index nat_event_at on ledger.nat_event (at, id)`.execute(db)
}

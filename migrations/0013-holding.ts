import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * `identity.holding`: cheaper to write, and found by the line that a relay names.
 *
 * - The source of a row is checked by who writes it, once for each transaction: it locks the row of
 *   the source, which nobody may delete. A foreign key asked the same for each row, which was a
 *   third of the cost of a row with its indexes.
 * - DHCP option 82 (RFC 3046) names the line that a subscriber is connected to: a reverse look-up
 *   may ask by either part of it. Rows of sources without relays are in neither index.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table identity.holding drop constraint holding_source_fkey`.execute(db)
  await sql`
    create function identity.keep_source() returns trigger language plpgsql as $$
    begin
      raise exception 'a source of identities is never deleted: holdings point to it';
    end $$`.execute(db)
  await sql`
    create trigger source_is_kept before delete or truncate on identity.source
    for each statement execute function identity.keep_source()`.execute(db)
  await sql`
    create index holding_circuit on identity.holding (lower(circuit_id), end_week)
    where merged_into is null and circuit_id is not null`.execute(db)
  await sql`
    create index holding_remote on identity.holding (lower(remote_id), end_week)
    where merged_into is null and remote_id is not null`.execute(db)
}

import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * The audit: who asked what and was told what, each entry chained to the one before by its hash.
 * `detail` is the canonical JSON text that was hashed: jsonb would hand back another text. Whoever
 * wants to search it writes `detail::jsonb`.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create schema audit`.execute(db)
  await sql`
    create table audit.entry (
      id bigint primary key,
      at timestamptz not null,
      actor text not null,
      action text not null,
      detail text not null,
      prev_hash bytea not null check (length(prev_hash) = 32),
      hash bytea not null check (length(hash) = 32)
    )`.execute(db)
}

import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * The catalogue of the sealed archive: a row for each Parquet file that rows of `ledger.flow` went
 * into. It is written in the transaction that drops their partition, so that a row is in one of
 * them at any instant, and in both at none.
 *
 * - `hour` and `generation`: rows that come late for a sealed hour are sealed into a further file.
 * - `state`: `sealed` is read by look-ups; `replaced` was written anew as `replaced_by`; of a
 *   `purged` one the row alone is left, as the proof of what was there.
 * - `path` is relative to the archive's directory.
 * - `checksum`: sum over all rows of a 64-bit hash of each, the same in any order
 *   (store/archive/row-checksum.ts).
 * - `dropped_fields`: columns that were emptied when the file was written anew.
 *
 * `archive_version` counts the changes of the catalogue: a look-up that read the same number before
 * and after it read rows and files has read both of one instant.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table ledger.sealed_file (
      id bigint generated always as identity primary key,
      hour timestamptz not null check (hour = date_trunc('hour', hour, 'UTC')),
      generation integer not null check (generation >= 1),
      path text not null unique check (length(path) between 1 and 300),
      state text not null default 'sealed' check (state in ('sealed', 'replaced', 'purged')),
      row_count bigint not null check (row_count > 0),
      octets bigint not null check (octets > 0),
      sha256 bytea not null check (length(sha256) = 32),
      checksum bytea not null check (length(checksum) = 8),
      first_key bigint not null,
      last_key bigint not null,
      first_start timestamptz not null,
      last_start timestamptz not null,
      first_end timestamptz not null,
      last_end timestamptz not null,
      sources smallint[] not null,
      dropped_fields text[] not null default '{}',
      sealed_at timestamptz not null default now(),
      replaced_by bigint references ledger.sealed_file,
      purged_at timestamptz,
      purge_reason text,
      unique (hour, generation),
      check ((state = 'replaced') = (replaced_by is not null)),
      check ((state = 'purged') = (purged_at is not null))
    )`.execute(db)
  await sql`
    create table ledger.archive_version (
      id boolean primary key default true check (id),
      version bigint not null
    )`.execute(db)
  await sql`insert into ledger.archive_version (version) values (0)`.execute(db)
  await sql`
    create function ledger.count_archive_change() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$
    begin
      update ledger.archive_version set version = version + 1;
      return null;
    end
    $$`.execute(db)
  await sql`
    create trigger archive_changes after insert or update or delete or truncate
    on ledger.sealed_file for each statement
    execute function ledger.count_archive_change()`.execute(db)
}

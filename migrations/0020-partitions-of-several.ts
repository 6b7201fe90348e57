import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * Of two collectors that wanted a new partition at the same instant, the second failed: behind the
 * lock it looked again by `to_regclass`, which answers from what this session remembers of the
 * catalogue. A query of the catalogue sees what the first has committed meanwhile.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await replace(db, {
    name: 'ensure_partition',
    argument: 'hour',
    table: 'flow',
    unit: 'hour',
    format: 'YYYYMMDDHH24',
  })
  await replace(db, {
    name: 'ensure_block_partition',
    argument: 'day',
    table: 'port_block',
    unit: 'day',
    format: 'YYYYMMDD',
  })
}

interface Partitions {
  readonly name: string
  readonly argument: string
  readonly table: string
  readonly unit: 'hour' | 'day'
  readonly format: string
}

async function replace(db: Kysely<unknown>, of: Partitions): Promise<void> {
  const { name, argument, table, unit, format } = of
  await sql
    .raw(
      `
    create or replace function ledger.${name}(${argument} timestamptz) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
      from_at constant timestamptz := date_trunc('${unit}', ${argument}, 'UTC');
      partition_name constant text :=
        '${table}_' || to_char(from_at at time zone 'UTC', '${format}');
    begin
      if from_at < '1990-01-01T00:00:00Z' or from_at > now() + interval '3 days' then
        raise exception 'no partition is made for %', ${argument}
          using errcode = 'datetime_field_overflow';
      end if;
      if to_regclass('ledger.' || partition_name) is not null then
        return false;
      end if;
      perform pg_advisory_xact_lock(hashtext('flowledger.ensure_partition'));
      perform from pg_class
        where relnamespace = 'ledger'::regnamespace and relname = partition_name;
      if found then
        return false;
      end if;
      execute format(
        'create table ledger.%I (like ledger.${table} including defaults including constraints)',
        partition_name);
      execute format(
        'alter table ledger.${table} attach partition ledger.%I for values from (%L) to (%L)',
        partition_name, from_at, from_at + interval '1 ${unit}');
      return true;
    end
    $$`
    )
    .execute(db)
}

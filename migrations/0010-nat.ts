import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * What gateways tell of many ports at once, and what is computed instead of told.
 *
 * - `port_block`: intervals in which a block of ports of a public address (or the whole address)
 *   was one inside host's. `address_key` is the key of the address with port 0
 *   (model/public-key.ts); addresses are their 4 or 16 octets. Rows are cut like those of `flow`.
 * - `nat_event`: quotas, exhaustion and thresholds, by the numbers of RFC 8158.
 * - `deterministic_map`: which ports an algorithm gives to whom (RFC 7422), in the times in which
 *   that configuration was in force. A map is never changed: the next one ends it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createPortBlock(db)
  await createPartitionFunction(db)
  await sql`
    create table ledger.nat_event (
      at timestamptz not null,
      source smallint not null references ledger.source,
      event smallint not null,
      protocol smallint not null,
      vrf bigint not null,
      inside_ip inet,
      public_ip inet,
      user_name text not null,
      pool_name text not null
    )`.execute(db)
  await sql`create index nat_event_at on ledger.nat_event (at)`.execute(db)
  await sql`
    create table ledger.deterministic_map (
      id bigint generated always as identity primary key,
      name text not null check (length(name) between 1 and 64),
      definition jsonb not null,
      digest bytea not null check (length(digest) = 32),
      first_address inet not null,
      last_address inet not null check (last_address >= first_address),
      valid_from timestamptz not null,
      valid_to timestamptz check (valid_to > valid_from),
      recorded_at timestamptz not null default now()
    )`.execute(db)
  await sql`
    create unique index deterministic_map_in_force on ledger.deterministic_map (name)
      where valid_to is null`.execute(db)
}

async function createPortBlock(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table ledger.port_block (
      address_key bigint not null,
      start_at timestamptz not null,
      end_at timestamptz not null,
      held_from timestamptz not null,
      flow_id bigint not null,
      vrf bigint not null,
      port_start integer not null,
      port_end integer not null,
      step integer not null check (step > 0),
      source smallint not null,
      protocol smallint not null,
      flags smallint not null,
      is_address boolean not null,
      inside_ip bytea not null,
      public_ip bytea not null,
      user_name text not null,
      pool_name text not null
    ) partition by range (start_at)`.execute(db)
  await sql`create index port_block_key on ledger.port_block (address_key, start_at)`.execute(db)
  await sql`
    create view ledger.port_blocks as
    select s.name as source, b.flow_id, b.protocol, b.vrf,
      ledger.address(b.inside_ip) as inside_ip, ledger.address(b.public_ip) as public_ip,
      b.port_start, b.port_end, b.step, b.held_from, b.start_at, b.end_at, b.is_address,
      b.user_name, b.pool_name,
      (b.flags & 1) = 1 as continues, (b.flags & 2) = 2 as inferred,
      (b.flags & 4) = 4 as start_unknown, (b.flags & 8) = 8 as observed_times
    from ledger.port_block b join ledger.source s on s.id = b.source`.execute(db)
}

/** Makes the partition of one day with its owner's rights, as ensure_partition does for an hour. */
async function createPartitionFunction(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function ledger.ensure_block_partition(day timestamptz) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
      from_at constant timestamptz := date_trunc('day', day, 'UTC');
      partition_name constant text :=
        'port_block_' || to_char(from_at at time zone 'UTC', 'YYYYMMDD');
    begin
      if from_at < '1990-01-01T00:00:00Z' or from_at > now() + interval '3 days' then
        raise exception 'no partition is made for %', day
          using errcode = 'datetime_field_overflow';
      end if;
      if to_regclass('ledger.' || partition_name) is not null then
        return false;
      end if;
      perform pg_advisory_xact_lock(hashtext('flowledger.ensure_partition'));
      if to_regclass('ledger.' || partition_name) is not null then
        return false;
      end if;
      execute format(
        'create table ledger.%I (like ledger.port_block including defaults including constraints)',
        partition_name);
      execute format(
        'alter table ledger.port_block attach partition ledger.%I for values from (%L) to (%L)',
        partition_name, from_at, from_at + interval '1 day');
      return true;
    end
    $$`.execute(db)
  await sql`revoke all on function ledger.ensure_block_partition(timestamptz) from public`.execute(
    db
  )
}

import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * The ledger: what each source saw, and how far it can be trusted.
 *
 * `flow` holds a row for each slice of a connection and each public address it held. It is written
 * by the hundred million, so its columns stand by falling alignment, counters that are almost
 * always zero share one column, and what the key says is not said again:
 *
 * - the public port is the key's low 16 bits, and an IPv4 public address is the rest of it
 *   (model/public-key.ts);
 * - ports are the 16 bits of an int2, ids the 32 bits of an int4, whatever sign that gives;
 * - an address is its 4 or 16 octets;
 * - `extra` is empty, or zone and mark (4 octets each) where one of them is not zero, followed by
 *   the 16 octets of the public address where that is IPv6;
 * - `kind` is natKind + 4 * (1 for the second view of a connection) + 8 * flowEndReason (8 bits)
 *   + 2048 * sliceFlags (4 bits).
 *
 * People read the view `flows`, which shows all of it by plain names.
 *
 * The index holds the key alone; docs/decisions/0002-the-row-of-the-ledger.md has the figures.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create schema ledger`.execute(db)
  await createCoverage(db)
  await createFlow(db)
  await createPartitionFunction(db)
  await createView(db)
}

async function createCoverage(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table ledger.source (
      id smallint generated always as identity primary key,
      name text not null unique check (length(name) between 1 and 200),
      kind text not null,
      skew_us bigint not null default 0 check (skew_us >= 0),
      watched_from timestamptz,
      watermark timestamptz,
      closed_through timestamptz
    )`.execute(db)
  await sql`
    create table ledger.gap (
      id bigint generated always as identity primary key,
      source smallint not null references ledger.source,
      from_at timestamptz not null,
      to_at timestamptz not null check (to_at >= from_at),
      reason text not null,
      lost bigint,
      recorded_at timestamptz not null default now()
    )`.execute(db)
  await sql`
    create index gap_interval on ledger.gap
      using gist (tstzrange(from_at, to_at, '[]'))`.execute(db)
  await sql`
    create table ledger.cursor (
      source smallint not null references ledger.source,
      spool text not null check (length(spool) <= 200),
      segment bigint not null,
      byte_offset bigint not null,
      primary key (source, spool)
    )`.execute(db)
}

async function createFlow(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table ledger.flow (
      public_key bigint not null,
      start_at timestamptz not null,
      end_at timestamptz not null,
      connection_start_at timestamptz not null,
      flow_id bigint not null,
      octets bigint not null,
      reverse_octets bigint not null,
      packets bigint not null,
      reverse_packets bigint not null,
      conntrack_id integer not null,
      last_packet_ms integer not null,
      inside_port smallint not null,
      remote_port smallint not null,
      source smallint not null,
      protocol smallint not null,
      kind smallint not null,
      inside_ip bytea not null,
      remote_ip bytea not null,
      extra bytea not null
    ) partition by range (start_at)`.execute(db)
  await sql`create index flow_public_key on ledger.flow (public_key)`.execute(db)
}

/**
 * The writer may not create tables, but must not wait for somebody who may: this function makes the
 * partition of one hour with its owner's rights. It attaches a finished table, which readers do not
 * notice; `create table ... partition of` would lock them out. The bounds are those of the encoder,
 * checked again because whoever may call this function may call it with anything.
 */
async function createPartitionFunction(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function ledger.ensure_partition(hour timestamptz) returns boolean
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
      from_at constant timestamptz := date_trunc('hour', hour, 'UTC');
      partition_name constant text :=
        'flow_' || to_char(from_at at time zone 'UTC', 'YYYYMMDDHH24');
    begin
      if from_at < '1990-01-01T00:00:00Z' or from_at > now() + interval '3 days' then
        raise exception 'no partition is made for %', hour
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
        'create table ledger.%I (like ledger.flow including defaults including constraints)',
        partition_name);
      execute format(
        'alter table ledger.flow attach partition ledger.%I for values from (%L) to (%L)',
        partition_name, from_at, from_at + interval '1 hour');
      return true;
    end
    $$`.execute(db)
  await sql`revoke all on function ledger.ensure_partition(timestamptz) from public`.execute(db)
}

async function createView(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function ledger.address(octets bytea) returns inet
    language sql immutable strict parallel safe
    return case length(octets)
      when 4 then format('%s.%s.%s.%s', get_byte(octets, 0), get_byte(octets, 1),
        get_byte(octets, 2), get_byte(octets, 3))::inet
      when 16 then trim(trailing ':' from
        regexp_replace(encode(octets, 'hex'), '(....)', '\\1:', 'g'))::inet
    end`.execute(db)
  await sql`
    create function ledger.public_address(public_key bigint, extra bytea) returns inet
    language sql immutable strict parallel safe
    return case
      when public_key >= 0 then '0.0.0.0'::inet + (public_key >> 16)
      else ledger.address(substring(extra from 9))
    end`.execute(db)
  await sql`
    create function ledger.word(octets bytea, at integer) returns bigint
    language sql immutable strict parallel safe
    return case when length(octets) < at + 4 then 0 else
      (get_byte(octets, at)::bigint << 24) + (get_byte(octets, at + 1) << 16)
      + (get_byte(octets, at + 2) << 8) + get_byte(octets, at + 3) end`.execute(db)
  await sql`
    create view ledger.flows as
    select s.name as source, f.flow_id,
      (array['none', 'source', 'destination'])[(f.kind & 3) + 1] as nat,
      f.protocol,
      ledger.address(f.inside_ip) as inside_ip, f.inside_port::integer & 65535 as inside_port,
      ledger.public_address(f.public_key, f.extra) as public_ip,
      (f.public_key & 65535)::integer as public_port,
      ledger.address(f.remote_ip) as remote_ip, f.remote_port::integer & 65535 as remote_port,
      f.connection_start_at, f.start_at, f.end_at,
      f.end_at - f.last_packet_ms * interval '1 millisecond' as last_packet_at,
      f.octets, f.packets, f.reverse_octets, f.reverse_packets,
      ledger.word(f.extra, 0) as zone, ledger.word(f.extra, 4) as mark,
      f.conntrack_id::bigint & 4294967295 as conntrack_id,
      (f.kind >> 2 & 1) as view, (f.kind >> 3 & 255) as end_reason,
      (f.kind >> 11 & 1) = 1 as continues, (f.kind >> 12 & 1) = 1 as inferred,
      (f.kind >> 13 & 1) = 1 as start_unknown, (f.kind >> 14 & 1) = 1 as observed_times
    from ledger.flow f join ledger.source s on s.id = f.source`.execute(db)
}

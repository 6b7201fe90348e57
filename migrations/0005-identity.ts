import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * Who held an inside address: intervals made of what sources said (docs/explanation/identity.md).
 *
 * A row of `holding` keeps what was stated, not what follows from it: the first and last time that
 * it was held (`start_at`, `alive_at`), until when it was promised (`until_at`), when it was said
 * to have ended (`stop_at`), and when something else shows that it had (`bound_at`: the next holder
 * of the same address, the restart of the NAS). A later statement moves these and nothing else;
 * a row that turns out to be part of another one stays and points to it (`merged_into`).
 *
 * `end_at` follows from them and is kept for look-ups, as `end_week`: the week that it lies in, in
 * weeks since 1970. A lease is renewed many times and its end moves each time, but its week seldom,
 * so that most renewals change no index (docs/decisions/0004-holdings-by-address.md).
 *
 * People read the view `holdings`.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createSource(db)
  await createHolding(db)
  await createView(db)
}

async function createSource(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table identity.source (
      id integer generated always as identity primary key,
      name text not null unique check (length(name) between 1 and 200),
      kind text not null,
      skew_us bigint not null default 0 check (skew_us >= 0),
      first_heard timestamptz,
      last_heard timestamptz,
      read_count bigint not null default 0,
      unknown_count bigint not null default 0,
      refused_count bigint not null default 0
    )`.execute(db)
  await sql`
    create table identity.cursor (
      source integer not null references identity.source,
      key text not null check (length(key) <= 500),
      file text not null check (length(file) <= 4096),
      byte_offset bigint not null,
      primary key (source, key)
    )`.execute(db)
  await sql`
    create table identity.gap (
      id bigint generated always as identity primary key,
      source integer not null references identity.source,
      from_at timestamptz not null,
      to_at timestamptz not null check (to_at >= from_at),
      reason text not null,
      recorded_at timestamptz not null default now()
    )`.execute(db)
  await sql`create index gap_time on identity.gap (source, to_at)`.execute(db)
  await sql`
    create table identity.restart (
      source integer not null references identity.source,
      nas text not null,
      at timestamptz not null,
      record text not null,
      primary key (source, nas, at)
    )`.execute(db)
  await sql`
    create table identity.prefix_length (
      family smallint not null check (family in (4, 6)),
      length smallint not null check (length between 0 and 128),
      primary key (family, length)
    )`.execute(db)
}

async function createHolding(db: Kysely<unknown>): Promise<void> {
  // A writer takes numbers by the thousand (store/identity-rows.ts).
  await sql`create sequence identity.holding_id increment by 1024`.execute(db)
  await sql`
    create table identity.holding (
      id bigint primary key default nextval('identity.holding_id'),
      start_at timestamptz not null,
      alive_at timestamptz not null,
      until_at timestamptz not null,
      end_at timestamptz not null,
      stop_at timestamptz,
      bound_at timestamptz,
      merged_into bigint,
      source integer not null references identity.source,
      end_week smallint not null,
      start_known boolean not null,
      stop_told boolean not null,
      weak boolean not null,
      key uuid not null,
      mac macaddr,
      kind text not null,
      prefix cidr,
      duid text,
      client_id text,
      circuit_id text,
      remote_id text,
      hostname text,
      user_name text,
      session text,
      nas text,
      station text,
      first_record text not null,
      last_record text not null
    ) with (fillfactor = 70)`.execute(db)
  await sql`
    create index holding_key on identity.holding (key, start_at)
    where merged_into is null`.execute(db)
  await sql`
    create index holding_prefix on identity.holding (prefix, end_week, start_at)
    where merged_into is null and prefix is not null`.execute(db)
  await sql`
    create index holding_mac on identity.holding (mac, end_week)
    where merged_into is null and mac is not null`.execute(db)
  await sql`
    create index holding_user on identity.holding (lower(user_name), end_week)
    where merged_into is null and user_name is not null`.execute(db)
  await sql`
    create index holding_duid on identity.holding (duid, end_week)
    where merged_into is null and duid is not null`.execute(db)
  // What a restart of a NAS may end: leases outlive it.
  await sql`
    create index holding_nas on identity.holding (source, coalesce(nas, ''), end_week)
    where merged_into is null and stop_at is null
      and kind in ('session', 'neighbour', 'login')`.execute(db)
}

async function createView(db: Kysely<unknown>): Promise<void> {
  await sql`
    create view identity.holdings as
    select h.id, s.name as source, s.kind as source_kind, h.kind, h.prefix,
      h.start_at, h.start_known,
      case when h.stop_told then h.stop_at else h.alive_at end as sure_until,
      h.end_at, h.stop_told and h.alive_at <= h.stop_at as end_known,
      h.mac, h.duid, h.client_id, h.circuit_id, h.remote_id, h.hostname,
      h.user_name, h.session, h.nas, h.station, h.first_record, h.last_record, h.weak
    from identity.holding h join identity.source s on s.id = h.source
    where h.merged_into is null`.execute(db)
}

import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { requireAddress } from '../model/address.ts'
import { keysOfAddress } from '../model/public-key.ts'

/**
 * What is kept how long, and the proof of what is not kept any more.
 *
 * - `retention.proof`: a signed file for each purge, written by the transaction that purges.
 * - `ledger.retention_edge`: up to when rows, or a field of them, are gone for a source, and by
 *   which rule: a look-up that reaches behind it says so. `field` is empty for the rows themselves.
 * - `ledger.held`: copies of the rows that holds are about, which purges do not touch.
 *
 * A hold of an address is found by the keys that rows have, see model/public-key.ts.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create schema retention`.execute(db)
  await sql`
    create table retention.proof (
      id bigint generated always as identity primary key,
      at timestamptz not null,
      actor text not null,
      act text not null,
      kind text not null,
      subject text not null,
      from_at timestamptz,
      to_at timestamptz,
      row_count bigint not null check (row_count > 0),
      digest bytea not null check (length(digest) = 32),
      audit_id bigint not null unique,
      document text not null,
      document_sha256 bytea not null check (length(document_sha256) = 32)
    )`.execute(db)
  await sql`
    create table ledger.retention_edge (
      source smallint not null references ledger.source,
      kind text not null,
      field text not null,
      through_at timestamptz not null,
      rule text not null,
      primary key (source, kind, field)
    )`.execute(db)
  await sql`
    create table ledger.held (
      hold bigint not null,
      like ledger.flow,
      copied_at timestamptz not null default now(),
      primary key (hold, source, flow_id, start_at, public_key, kind)
    )`.execute(db)
  await sql`create index held_key on ledger.held (public_key, start_at)`.execute(db)
  await keyHolds(db)
  await createKeepFunction(db)
}

/** Holds get the keys that the rows of their address have, those that are there already too. */
async function keyHolds(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table cases.hold
      add column first_key bigint,
      add column last_key bigint,
      add column octets bytea check (length(octets) = 16)`.execute(db)
  const { rows } = await sql<{ id: string; address: string; port: number | null }>`
    select id, address, port from cases.hold where address is not null`.execute(db)
  for (const { id, address, port } of rows) {
    const { first, last, octets } = keysOfAddress(requireAddress(address), port ?? undefined)
    await sql`
      update cases.hold set first_key = ${first}, last_key = ${last}, octets = ${octets}
      where id = ${id}`.execute(db)
  }
  await sql`
    alter table cases.hold add constraint hold_keys
      check ((address is null) = (first_key is null) and (address is null) = (last_key is null))
    `.execute(db)
}

/**
 * Copies the rows of a hold that start in [first, last) into the held ones, with the owner's
 * rights: whoever places holds reads no flow. What is copied is what the hold says and nothing
 * else. It runs again before rows are purged, for those that came after the hold was placed.
 */
async function createKeepFunction(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function ledger.keep_held(hold_id bigint, first timestamptz, last timestamptz)
    returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
      held record;
      skew interval;
      copied bigint := 0;
      more bigint;
    begin
      select * into held from cases.hold h where h.id = hold_id and h.released_at is null
        and (h.expires_at is null or h.expires_at > clock_timestamp());
      if not found then return 0; end if;
      select coalesce(max(s.skew_us), 0) * interval '1 microsecond' into skew
        from ledger.source s;
      if held.first_key is not null then
        execute
          'insert into ledger.held select $1, f.* from ledger.flow f
           where f.public_key between $2 and $3
             and ($4::bytea is null or substring(f.extra from 9) = $4)
             and f.start_at >= $5 and f.start_at < $6 and f.start_at <= $7 and f.end_at >= $8
           on conflict do nothing'
          using hold_id, held.first_key, held.last_key, held.octets,
            greatest(first, held.from_at - skew - interval '1 hour'), last,
            held.to_at + skew, held.from_at - skew;
        get diagnostics copied = row_count;
      end if;
      execute
        'insert into ledger.held select distinct $1, f.*, now()
         from unnest($2::text[]) as record,
           lateral regexp_match(record, ''^(.{1,200})/([0-9]{1,20})@([-0-9T:.]{10,30}Z)$'') as part
           join ledger.source s on s.name = part[1]
           join ledger.flow f on f.source = s.id
             and f.flow_id = case when part[2]::numeric >= 9223372036854775808
               then part[2]::numeric - 18446744073709551616 else part[2]::numeric end::bigint
             and f.start_at = part[3]::timestamptz
         where f.start_at >= $3 and f.start_at < $4
         on conflict do nothing'
        using hold_id, held.records, first, last;
      get diagnostics more = row_count;
      return copied + more;
    end
    $$`.execute(db)
  await sql`
    revoke all on function ledger.keep_held(bigint, timestamptz, timestamptz) from public`.execute(
    db
  )
}

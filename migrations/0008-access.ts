import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * Who may do what. A token can name the human who holds it and be narrowed to some rights,
 * addresses and requests. An approval is one person's word that another may do one act on one
 * subject; `digest` is SHA-256 over the canonical JSON of both, so that it is for nothing else.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`update access.token set role = 'api-client' where role = 'lookup'`.execute(db)
  await sql`
    alter table access.token
      add person text check (length(person) between 1 and 200),
      add created_by text,
      add rights text[],
      add prefixes text[],
      add limit_count integer check (limit_count > 0),
      add limit_us bigint check (limit_us > 0),
      add check ((limit_count is null) = (limit_us is null))`.execute(db)
  await sql`
    create table access.person (
      issuer text not null,
      subject text not null,
      name text not null,
      person text not null,
      roles text[] not null,
      first_login_at timestamptz not null default now(),
      last_login_at timestamptz not null default now(),
      primary key (issuer, subject)
    )`.execute(db)
  await sql`
    create table access.session (
      digest bytea primary key check (length(digest) = 32),
      issuer text not null,
      subject text not null,
      created_at timestamptz not null default now(),
      used_at timestamptz not null default now(),
      idle_us bigint not null check (idle_us > 0),
      expires_at timestamptz not null,
      foreign key (issuer, subject) references access.person
    )`.execute(db)
  await sql`
    create table access.approval (
      id bigint generated always as identity primary key,
      act text not null,
      subject text not null,
      digest bytea not null check (length(digest) = 32),
      reason text not null,
      case_ref text,
      state text not null check (state in ('pending', 'approved', 'refused', 'emergency')),
      requester text not null,
      requested_by text not null,
      requested_at timestamptz not null default now(),
      decider text,
      decided_by text,
      decided_at timestamptz,
      note text,
      valid_until timestamptz,
      uses_left integer not null default 0 check (uses_left >= 0),
      acknowledged_by text,
      acknowledged_at timestamptz,
      check (decider is null or decider <> requester),
      check (acknowledged_by is null or acknowledged_by <> requester),
      check (state <> 'approved' or decider is not null)
    )`.execute(db)
  await sql`create index approval_state on access.approval (state, id)`.execute(db)
}

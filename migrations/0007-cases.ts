import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * Cases: what belongs together of notices, look-ups, decisions and deadlines. `cases.entry` is the
 * history, which is only ever added to; the other tables say how things stand at present. `detail`
 * and `document` are texts, not jsonb: a signed file has to come back octet by octet.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create schema cases`.execute(db)
  await sql`create sequence cases.reference`.execute(db)
  await sql`
    create table cases.case_file (
      id bigint generated always as identity primary key,
      reference text not null unique check (length(reference) between 1 and 200),
      title text not null check (length(title) between 1 and 300),
      status text not null default 'open',
      version integer not null default 1,
      opened_at timestamptz not null default now(),
      opened_by text not null,
      changed_at timestamptz not null default now()
    )`.execute(db)
  await sql`
    create table cases.entry (
      id bigint generated always as identity primary key,
      case_id bigint not null references cases.case_file,
      at timestamptz not null default now(),
      actor text not null,
      kind text not null,
      audit_id bigint,
      detail text not null,
      document text,
      document_sha256 bytea check (length(document_sha256) = 32)
    )`.execute(db)
  await sql`create index entry_of_case on cases.entry (case_id, id)`.execute(db)
  await sql`
    create table cases.deadline (
      id bigint generated always as identity primary key,
      case_id bigint not null references cases.case_file,
      name text not null check (length(name) between 1 and 300),
      preset text,
      basis text not null,
      due_at timestamptz not null,
      set_by text not null,
      met_at timestamptz,
      met_by text
    )`.execute(db)
  await sql`create index deadline_of_case on cases.deadline (case_id, due_at)`.execute(db)
  await sql`
    create table cases.hold (
      id bigint generated always as identity primary key,
      case_id bigint references cases.case_file,
      address text,
      port integer check (port between 0 and 65535),
      from_at timestamptz,
      to_at timestamptz,
      records text[] not null,
      reason text not null check (length(reason) between 1 and 1000),
      placed_at timestamptz not null default now(),
      placed_by text not null,
      expires_at timestamptz,
      released_at timestamptz,
      released_by text,
      release_reason text,
      document text,
      document_sha256 bytea check (length(document_sha256) = 32),
      check (address is not null or cardinality(records) > 0)
    )`.execute(db)
  await sql`create index hold_of_case on cases.hold (case_id)`.execute(db)
}

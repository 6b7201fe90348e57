import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * Subscribers, in versions: each load of a directory compares itself with what it said before, and
 * writes what has changed. Nothing is removed. What a record said is true in [from_at, to_at), as
 * far as the directory itself does not give the times: from the load that brought it, to the last
 * load that still had it. Between two loads that differ nobody knows when that changed, so nobody
 * is named for it (docs/how-to/directory.md).
 *
 * A key has an end of its own: where only the name of a subscriber changes, the keys go on.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table directory.source (
      id integer generated always as identity primary key,
      name text not null unique check (length(name) between 1 and 200),
      kind text not null
    )`.execute(db)
  await sql`
    create table directory.version (
      id bigint generated always as identity primary key,
      source integer not null references directory.source,
      loaded_at timestamptz not null,
      digest bytea not null check (length(digest) = 32),
      origin text not null,
      row_count integer not null,
      added integer not null,
      ended integer not null,
      refused integer not null,
      unique (source, loaded_at)
    )`.execute(db)
  await sql`
    create table directory.subscriber (
      id bigint generated always as identity primary key,
      source integer not null references directory.source,
      version bigint not null references directory.version,
      ended_by bigint references directory.version,
      superseded_by bigint references directory.version,
      from_at timestamptz not null,
      to_at timestamptz not null,
      shared boolean not null,
      digest uuid not null,
      subscriber text not null,
      name text,
      contact text,
      attributes jsonb not null default '{}'
    )`.execute(db)
  await sql`
    create index subscriber_current on directory.subscriber (source, digest)
    where ended_by is null`.execute(db)
  await sql`
    create index subscriber_number on directory.subscriber (subscriber, from_at)`.execute(db)
  await sql`
    create table directory.key (
      subscriber bigint not null references directory.subscriber,
      type text not null,
      value text not null,
      prefix cidr,
      to_at timestamptz not null
    )`.execute(db)
  await sql`create index key_value on directory.key (type, value)`.execute(db)
  await sql`
    create index key_prefix on directory.key (prefix) where prefix is not null`.execute(db)
  await sql`create index key_subscriber on directory.key (subscriber)`.execute(db)
}

import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * Access tokens of the API. They stand in a schema of their own: `audit` holds what is never
 * changed, and a token is revoked.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create schema access`.execute(db)
  await sql`
    create table access.token (
      id bigint generated always as identity primary key,
      name text not null unique check (length(name) between 1 and 200),
      role text not null,
      digest bytea not null unique check (length(digest) = 32),
      created_at timestamptz not null default now(),
      expires_at timestamptz,
      revoked_at timestamptz
    )`.execute(db)
}

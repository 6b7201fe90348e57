import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * Sessions of people who log in at the web page with a token, so that no browser keeps the token
 * itself. A session belongs to the secret that it was begun with: it is over once the token is
 * revoked, expired or given a new one.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table access.token_session (
      digest bytea primary key check (length(digest) = 32),
      token_digest bytea not null check (length(token_digest) = 32),
      idle_us bigint not null check (idle_us > 0),
      created_at timestamptz not null default now(),
      used_at timestamptz not null default now(),
      expires_at timestamptz not null
    )`.execute(db)
}

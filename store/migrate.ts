import { setTimeout } from 'node:timers/promises'
import { Kysely, Migrator, PostgresDialect, sql } from 'kysely'
import type { Migration } from 'kysely'
import type pg from 'pg'
import { migrations } from '../migrations/index.ts'
import { FlowledgerError } from '../model/errors.ts'
import { connect } from './connect.ts'
import type { Credentials } from './credentials.ts'
import { codeOf, queryError } from './database-error.ts'
import { makePool } from './pool.ts'
import { applyGrants, ensureRoles } from './roles.ts'

/** Where the list of migrations that ran is kept. */
const bookkeeping = {
  migrationTableSchema: 'flowledger',
  migrationTableName: 'migration',
  migrationLockTableName: 'migration_lock',
} as const

/** Key of the advisory lock that one migrator holds: the letters "flow". */
const migrateLock = 0x666c6f77

/** How the database stands to this program. */
export type SchemaState = 'current' | 'older' | 'newer'

async function appliedMigrations(client: pg.ClientBase): Promise<readonly string[]> {
  const table = `${bookkeeping.migrationTableSchema}.${bookkeeping.migrationTableName}`
  const known = await client.query<{ there: boolean }>(
    'select to_regclass($1) is not null as there',
    [table]
  )
  if (known.rows[0]?.there !== true) return []
  const { rows } = await client.query<{ name: string }>(`select name from ${table} order by name`)
  return rows.map((row) => row.name)
}

function compare(applied: readonly string[]): SchemaState {
  if (applied.some((name) => !(name in migrations))) return 'newer'
  return Object.keys(migrations).every((name) => applied.includes(name)) ? 'current' : 'older'
}

async function stateOf(client: pg.ClientBase): Promise<SchemaState> {
  return compare(await appliedMigrations(client))
}

/**
 * Whether the tables are those that this program knows. Any log-in may ask.
 *
 * @throws FlowledgerError `database-unreachable`, `database-failed`
 */
export async function schemaState(url: string): Promise<SchemaState> {
  const client = await connect(url)
  try {
    return await stateOf(client)
  } catch (error) {
    throw queryError(error, 'say which migrations ran')
  } finally {
    await client.end()
  }
}

/**
 * Sees that the tables are those that this program knows, for who starts without migrating.
 *
 * @throws FlowledgerError `database-newer`, `database-older`, `database-unreachable`
 */
export async function requireCurrentSchema(url: string): Promise<void> {
  const state = await schemaState(url)
  if (state === 'newer') throw newer()
  if (state === 'older') {
    throw new FlowledgerError('database-older', 'The database lacks tables that are needed.', {
      fix: 'Run `flowledger migrate`.',
    })
  }
}

function newer(): FlowledgerError {
  return new FlowledgerError(
    'database-newer',
    'The database was migrated by a newer version of flowledger.',
    { fix: 'Update flowledger on this machine.' }
  )
}

/**
 * How a step waits for tables that others use. Whoever asks for a table after a waiting step waits
 * behind it, so that one long query would stop all look-ups and the collector: a step gives up
 * soon, lets them through and tries again.
 */
export interface LockPatience {
  /** How long a step waits for a lock (ms). */
  readonly waitMs: number
  /** How long others are let through before the step is tried again (ms). */
  readonly pauseMs: number
  /** How often a step is tried. */
  readonly tries: number
}

const patience: LockPatience = { waitMs: 1000, pauseMs: 2000, tries: 30 }

/** SQLSTATE lock_not_available (PostgreSQL, appendix A). */
const lockNotAvailable = '55P03'

/** The migrations, each waiting for its locks no longer than this. */
function waitingAtMost(waitMs: number): Record<string, Migration> {
  const limited = Object.entries(migrations).map(([name, migration]): [string, Migration] => {
    const up: Migration['up'] = async (db) => {
      await sql`select set_config('lock_timeout', ${`${waitMs}ms`}, true)`.execute(db)
      await migration.up(db)
    }
    return [name, { ...migration, up }]
  })
  return Object.fromEntries(limited)
}

function locked(cause: unknown, tries: number): FlowledgerError {
  return new FlowledgerError(
    'database-failed',
    `The database could not be migrated: a table was in use at each of ${tries} tries.`,
    {
      fix: 'End the longest transactions (pg_stat_activity) and migrate again; steps done stay.',
      cause,
      details: { sqlState: lockNotAvailable },
    }
  )
}

/** Runs the next migration; undefined where none is missing. */
async function migrateOne(migrator: Migrator, given: LockPatience): Promise<string | undefined> {
  for (let attempt = 1; ; attempt++) {
    const { error, results = [] } = await migrator.migrateUp()
    if (error === undefined) return results[0]?.migrationName
    if (codeOf(error) !== lockNotAvailable) throw queryError(error, 'be migrated')
    if (attempt >= given.tries) throw locked(error, given.tries)
    await setTimeout(given.pauseMs)
  }
}

/**
 * Runs the missing migrations, each in a transaction of its own: the migrator would otherwise run
 * all of them in one, and the locks of the first would last until the end of the last.
 */
async function runMigrations(
  url: string,
  given: LockPatience,
  watch: (done: number) => void
): Promise<readonly string[]> {
  const pool = makePool({ connectionString: url, max: 2 })
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  try {
    const provider = { getMigrations: async () => waitingAtMost(given.waitMs) }
    const migrator = new Migrator({ db, provider, ...bookkeeping })
    const applied: string[] = []
    for (;;) {
      const name = await migrateOne(migrator, given)
      if (name === undefined) return applied
      applied.push(name)
      watch(applied.length)
    }
  } finally {
    await db.destroy()
  }
}

/** What {@link migrateToLatest} did. */
export interface MigrationReport {
  /** Names of the migrations that ran now. */
  readonly applied: readonly string[]
  /** What the administrator should know, a sentence each. */
  readonly notices: readonly string[]
}

/**
 * Brings tables, log-ins and their rights up to date. Several may run at once: one works, the
 * others wait and find nothing left to do.
 *
 * @param ownerUrl a log-in that owns the schemas, or may create them
 * @param credentials passwords for the log-ins, on the embedded server
 * @param given how long tables in use are waited for
 * @param watch told after each step how many of how many are done
 * @throws FlowledgerError `database-newer`, `database-unreachable`, `database-failed`, also where a
 *   table stayed in use; the steps before it are done then
 */
export async function migrateToLatest(
  ownerUrl: string,
  credentials?: Credentials,
  given: LockPatience = patience,
  watch: (done: number, outOf: number) => void = () => {}
): Promise<MigrationReport> {
  const client = await connect(ownerUrl)
  try {
    await client.query('select pg_advisory_lock($1)', [migrateLock])
    if ((await stateOf(client)) === 'newer') throw newer()
    const notices = await ensureRoles(client, credentials)
    const missing = Object.keys(migrations).length - (await appliedMigrations(client)).length
    const applied = await runMigrations(ownerUrl, given, (done) => watch(done, missing))
    await applyGrants(client)
    return { applied, notices }
  } catch (error) {
    throw queryError(error, 'be migrated')
  } finally {
    await client.end()
  }
}

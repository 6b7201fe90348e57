import { Kysely, Migrator, PostgresDialect } from 'kysely'
import { Pool } from 'pg'
import type pg from 'pg'
import { migrations } from '../migrations/index.ts'
import { FlowledgerError } from '../model/errors.ts'
import { connect } from './connect.ts'
import type { Credentials } from './credentials.ts'
import { queryError } from './database-error.ts'
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

/** Runs the missing migrations; each is a transaction of its own. */
async function runMigrations(url: string): Promise<readonly string[]> {
  const pool = new Pool({ connectionString: url, max: 2 })
  pool.on('error', () => {})
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  try {
    const provider = { getMigrations: async () => ({ ...migrations }) }
    const { error, results = [] } = await new Migrator({
      db,
      provider,
      ...bookkeeping,
    }).migrateToLatest()
    if (error !== undefined) throw queryError(error, 'be migrated')
    return results.map((result) => result.migrationName)
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
 * @throws FlowledgerError `database-newer`, `database-unreachable`, `database-failed`
 */
export async function migrateToLatest(
  ownerUrl: string,
  credentials?: Credentials
): Promise<MigrationReport> {
  const client = await connect(ownerUrl)
  try {
    await client.query('select pg_advisory_lock($1)', [migrateLock])
    if ((await stateOf(client)) === 'newer') throw newer()
    const notices = await ensureRoles(client, credentials)
    const applied = await runMigrations(ownerUrl)
    await applyGrants(client)
    return { applied, notices }
  } catch (error) {
    throw queryError(error, 'be migrated')
  } finally {
    await client.end()
  }
}

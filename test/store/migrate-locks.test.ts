import { describe, expect, it } from 'vitest'
import { Kysely, Migrator, PostgresDialect } from 'kysely'
import { Pool } from 'pg'
import type { Client } from 'pg'
import { migrations } from '../../migrations/index.ts'
import { embeddedUrl } from '../../store/database-url.ts'
import { migrateToLatest, schemaState } from '../../store/migrate.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { useLogIns } from './log-ins.ts'

const logIn = useLogIns()

/** The last migration that did not know what an application is, and that added it to each row. */
const earlier = '0010-nat'
const rows = 50_000

async function migrateTo(url: string, name: string): Promise<void> {
  const db = new Kysely({
    dialect: new PostgresDialect({ pool: new Pool({ connectionString: url, max: 2 }) }),
  })
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableSchema: 'flowledger',
    migrationTableName: 'migration',
    migrationLockTableName: 'migration_lock',
  }).migrateTo(name)
  await db.destroy()
  if (error !== undefined) throw error
}

async function fill(owner: Client): Promise<void> {
  await owner.query("insert into ledger.source (name, kind) values ('gateway', 'conntrack')")
  await owner.query('select ledger.ensure_partition(now())')
  await owner.query(
    `insert into ledger.flow (public_key, start_at, end_at, connection_start_at, flow_id, octets,
       reverse_octets, packets, reverse_packets, conntrack_id, last_packet_ms, inside_port,
       remote_port, source, protocol, kind, inside_ip, remote_ip, extra)
     select n, now(), now(), now(), n, 1, 1, 1, 1, n, 0, 1, 1, 1, 6, 1, '\\x0a000001', '\\x01010101',
       '' from generate_series(1, $1::int) n`,
    [rows]
  )
}

describe.skipIf(skipPostgres)('migrating a ledger that is in use', () => {
  const postgres = usePostgres({ migrated: false })

  /** A ledger of an earlier version with rows, and somebody whose query over them does not end. */
  async function usedLedger(name: string): Promise<{ url: string; owner: Client; long: Client }> {
    const server = await logIn(postgres.urls.owner)
    await server.query(`create database ${name}`)
    const url = embeddedUrl(postgres.server, 'owner', name)
    await migrateTo(url, earlier)
    const owner = await logIn(url)
    await fill(owner)
    const long = await logIn(url)
    await long.query('begin')
    await long.query('select from ledger.flow limit 1')
    return { url, owner, long }
  }

  async function untilMigratorWaits(client: Client): Promise<void> {
    for (;;) {
      const { rowCount } = await client.query(
        `select from pg_locks where relation = 'ledger.flow'::regclass and not granted
           and mode = 'AccessExclusiveLock'`
      )
      if (rowCount !== 0) return
    }
  }

  it('lets those through who ask after it, and goes on when the table is free', async () => {
    const { url, owner, long } = await usedLedger('waits')
    const short = { waitMs: 100, pauseMs: 50, tries: Number.MAX_SAFE_INTEGER }
    const migrating = migrateToLatest(url, postgres.server.credentials, short)
    const reader = await logIn(url)
    for (let read = 0; read < 5; read++) {
      await untilMigratorWaits(owner)
      // Answered although the migrator waits before it, and the long query is still there.
      const { rowCount } = await reader.query('select from ledger.flow where public_key = 7')
      expect(rowCount).toBe(1)
    }
    expect(await schemaState(url)).toBe('older')
    await long.query('commit')
    const { applied } = await migrating
    expect(applied).toEqual(Object.keys(migrations).filter((name) => name > earlier))
    const { rows: counted } = await owner.query<{ rows: string }>(
      'select count(*) as rows from ledger.flow where application is null'
    )
    expect(Number(counted[0]?.rows)).toBe(rows)
  })

  it('gives up clearly, leaves the ledger as it was and can be run again', async () => {
    const { url, owner, long } = await usedLedger('gives_up')
    const impatient = { waitMs: 20, pauseMs: 5, tries: 2 }
    const migrating = migrateToLatest(url, postgres.server.credentials, impatient)
    await expect(migrating).rejects.toMatchObject({
      code: 'database-failed',
      message: expect.stringContaining('a table was in use at each of 2 tries'),
    })
    const done = await owner.query<{ name: string }>(
      'select name from flowledger.migration order by name desc limit 1'
    )
    expect(done.rows[0]?.name).toBe(earlier)
    await long.query('rollback')
    // With the usual patience: PostgreSQL itself may be vacuuming the table just now.
    await migrateToLatest(url, postgres.server.credentials)
    expect(await schemaState(url)).toBe('current')
  })
})

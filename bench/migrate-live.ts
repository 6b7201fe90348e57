/**
 * What a reader and a writer wait for while a ledger of the oldest schema with rows is migrated to
 * the newest: `migrate-live.ts [ROWS]`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely, Migrator, PostgresDialect } from 'kysely'
import { Pool } from 'pg'
import { migrations } from '../migrations/index.ts'
import { connect } from '../store/connect.ts'
import { embeddedUrls } from '../store/database-url.ts'
import { startEmbedded } from '../store/embedded.ts'
import { migrateToLatest } from '../store/migrate.ts'

const rows = Number(process.argv[2] ?? 2_000_000)
const dataDir = mkdtempSync(join(tmpdir(), 'flowledger-migrate-'))
const server = await startEmbedded(dataDir)
const { owner: url } = embeddedUrls(server)

async function toOldest(): Promise<void> {
  const pool = new Pool({ connectionString: url, max: 2 })
  const db = new Kysely({ dialect: new PostgresDialect({ pool }) })
  const provider = { getMigrations: async () => ({ ...migrations }) }
  const names = {
    migrationTableSchema: 'flowledger',
    migrationTableName: 'migration',
    migrationLockTableName: 'migration_lock',
  }
  const { error } = await new Migrator({ db, provider, ...names }).migrateTo('0001-ledger')
  await db.destroy()
  if (error !== undefined) throw error
}

const insert = `
  insert into ledger.flow (public_key, start_at, end_at, connection_start_at, flow_id, octets,
    reverse_octets, packets, reverse_packets, conntrack_id, last_packet_ms, inside_port,
    remote_port, source, protocol, kind, inside_ip, remote_ip, extra)
  select n, now(), now(), now(), n, 1, 1, 1, 1, 1, 0, 1, 1, 1, 6, 1, '\\x0a000001', '\\x01010101',
    '' from generate_series($1::int, $2::int) n`

const over = new AbortController()
/** Runs a statement again and again; gives how often, and the longest it took (ms). */
async function again(text: string, values: readonly number[]): Promise<[number, number]> {
  const client = await connect(url)
  let [longest, count] = [0, 0]
  for (; !over.signal.aborted; count++) {
    const before = performance.now()
    await client.query(text, [...values])
    longest = Math.max(longest, performance.now() - before)
  }
  await client.end()
  return [count, longest]
}

try {
  await toOldest()
  const client = await connect(url)
  await client.query("insert into ledger.source (name, kind) values ('gateway', 'conntrack')")
  await client.query('select ledger.ensure_partition(now())')
  await client.query(insert, [1, rows])
  await client.end()
  const reading = again('select from ledger.flow where public_key = $1', [rows >> 1])
  const writing = again(insert, [rows + 1, rows + 100])
  const before = performance.now()
  const { applied } = await migrateToLatest(url, server.credentials)
  const tookMs = performance.now() - before
  over.abort()
  for (const [name, [count, longest]] of [
    ['reads', await reading],
    ['writes of 100 rows', await writing],
  ] as const) {
    console.log(`${count} ${name}, the longest ${longest.toFixed(0)} ms`)
  }
  console.log(`${applied.length} migrations over ${rows} rows took ${(tookMs / 1000).toFixed(2)} s`)
} finally {
  await server.stop()
  rmSync(dataDir, { recursive: true, force: true })
}

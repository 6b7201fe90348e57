import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { Kysely, Migrator, PostgresDialect } from 'kysely'
import { Pool } from 'pg'
import { describe, expect, test } from 'vitest'
import { requireAddress } from '../../model/address.ts'
import { publicKey } from '../../model/public-key.ts'
import { migrations } from '../../migrations/index.ts'
import { AuditWriter } from '../../store/audit.ts'
import { verifyAudit } from '../../store/audit-verify.ts'
import { openDatabase } from '../../store/database.ts'
import { embeddedUrl } from '../../store/database-url.ts'
import { makeFindSlices } from '../../store/ledger-query.ts'
import { migrateToLatest } from '../../store/migrate.ts'
import { checkToken, createToken } from '../../store/tokens.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { useLogIns } from './log-ins.ts'

/** A full hour that is over, in microseconds. */
const startUs = Date.UTC(2026, 2, 1, 12) * 1000
const rows = 50

const bookkeeping = {
  migrationTableSchema: 'flowledger',
  migrationTableName: 'migration',
  migrationLockTableName: 'migration_lock',
}

/** Brings an empty database to what a version had whose last migration this was. */
async function migrateTo(url: string, name: string): Promise<void> {
  const db = new Kysely({
    dialect: new PostgresDialect({ pool: new Pool({ connectionString: url }) }),
  })
  const provider = { getMigrations: async () => ({ ...migrations }) }
  const { error } = await new Migrator({ db, provider, ...bookkeeping }).migrateTo(name)
  await db.destroy()
  if (error !== undefined) throw error
}

/** One connection of a minute for each port, by the columns that the ledger had from the first on. */
const insertRows = `
  insert into ledger.flow (public_key, start_at, end_at, connection_start_at, flow_id, octets,
    reverse_octets, packets, reverse_packets, conntrack_id, last_packet_ms, inside_port,
    remote_port, source, protocol, kind, inside_ip, remote_ip, extra)
  select $1::int8 + n, $2, $2::timestamptz + '1 minute', $2, n, 100 + n, 200 + n, 3, 4, 5, 0,
    1024 + n, 443, 1, 6, 1, '\\x0a000005', '\\xcb007107', ''
  from generate_series(1, ${rows}) n`

const logIn = useLogIns()

describe.skipIf(skipPostgres)('a ledger of an older version', () => {
  const postgres = usePostgres()
  const versions = [
    '0003-access',
    '0007-cases',
    '0012-nat-events',
    '0015-token-sessions',
    '0018-retention',
  ]

  test.each(versions)(
    'that ended with %s answers the same once it is migrated',
    async (version) => {
      const name = `from_${version.slice(0, 4)}`
      await (await logIn(postgres.urls.owner)).query(`create database ${name}`)
      const url = embeddedUrl(postgres.server, 'owner', name)
      await migrateTo(url, version)
      const owner = await logIn(url)
      const key = publicKey(requireAddress('192.0.2.1'), 40_000)
      const startAt = new Date(startUs / 1000)
      await owner.query("insert into ledger.source (name, kind) values ('gateway', 'conntrack')")
      await owner.query('select ledger.ensure_partition($1::timestamptz)', [startAt])
      await owner.query(insertRows, [key, startAt])
      const pool = openDatabase(url, 2)
      const dataDir = await mkdtemp(join(postgres.dataDir, 'upgraded-'))
      const writer = new AuditWriter(pool, dataDir)
      for (const detail of [{ n: 1 }, { n: 2 }]) {
        await writer.appendAudit({ actor: 'cli:root', action: 'before', detail })
      }
      const counted = (): Promise<readonly object[]> =>
        pool.query('count', {
          text: 'select count(*)::int as n, sum(octets)::int as o from ledger.flow',
        })
      const before = await counted()

      const { applied } = await migrateToLatest(url, postgres.server.credentials)

      const names = Object.keys(migrations)
      expect(applied).toEqual(names.slice(names.indexOf(version) + 1))
      expect(await counted()).toEqual(before)
      const lookup = openDatabase(embeddedUrl(postgres.server, 'lookup', name), 2)
      const find = makeFindSlices(lookup)
      for (const n of [1, rows]) {
        const { slices } = await find({
          address: requireAddress('192.0.2.1'),
          port: 40_000 + n,
          fromUs: startUs + 1e6,
          toUs: startUs + 1e6,
          limit: 10,
        })
        expect(slices).toMatchObject([
          {
            source: 'gateway',
            inside: { ip: requireAddress('10.0.0.5'), port: 1024 + n },
            remote: { ip: requireAddress('203.0.113.7'), port: 443 },
            octets: BigInt(100 + n),
          },
        ])
      }
      await writer.appendAudit({ actor: 'cli:root', action: 'after', detail: {} })
      expect(await verifyAudit(pool, dataDir)).toMatchObject({
        entries: 3,
        problemCount: 0,
      })
      const token = await createToken(pool, { name: 'desk', role: 'auditor' })
      expect(await checkToken(pool, token)).toMatchObject({ name: 'desk' })
      await Promise.all([pool.close(), lookup.close()])
    }
  )
})

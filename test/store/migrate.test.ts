import { describe, expect, it } from 'vitest'
import { migrations } from '../../migrations/index.ts'
import { embeddedUrl } from '../../store/database-url.ts'
import type { Login } from '../../store/logins.ts'
import { migrateToLatest, requireCurrentSchema, schemaState } from '../../store/migrate.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { useLogIns } from './log-ins.ts'

const logIn = useLogIns()

describe.skipIf(skipPostgres)('migrations', () => {
  const postgres = usePostgres({ migrated: false })

  /** A database of its own, since a cluster has one set of log-ins and many databases. */
  async function freshDatabase(name: string): Promise<(login: Login) => string> {
    const owner = await logIn(postgres.urls.owner)
    await owner.query(`create database ${name}`)
    return (login) => embeddedUrl(postgres.server, login, name)
  }

  it('run once, however many start them', async () => {
    const url = await freshDatabase('several')
    expect(await schemaState(url('owner'))).toBe('older')
    await expect(requireCurrentSchema(url('owner'))).rejects.toMatchObject({
      code: 'database-older',
      exitCode: 4,
    })
    const migrate = (): ReturnType<typeof migrateToLatest> =>
      migrateToLatest(url('owner'), postgres.server.credentials)
    const reports = await Promise.all([migrate(), migrate(), migrate()])
    const applied = reports.flatMap((report) => report.applied)
    expect(applied.toSorted()).toEqual(Object.keys(migrations))
    for (const login of ['owner', 'collector', 'lookup', 'audit', 'identity'] as const) {
      expect(await schemaState(url(login)), login).toBe('current')
    }
    await requireCurrentSchema(url('lookup'))
    expect(await migrate()).toEqual({ applied: [], notices: [] })
  })

  it('leave a newer database alone', async () => {
    const url = await freshDatabase('newer')
    await migrateToLatest(url('owner'), postgres.server.credentials)
    const owner = await logIn(url('owner'))
    await owner.query("insert into flowledger.migration values ('9999-later', 'now')")
    expect(await schemaState(url('lookup'))).toBe('newer')
    const newer = { code: 'database-newer', exitCode: 4 }
    await expect(requireCurrentSchema(url('collector'))).rejects.toMatchObject(newer)
    await expect(migrateToLatest(url('owner'))).rejects.toMatchObject(newer)
  })

  it('go without log-ins where the owner may not make them, and say so', async () => {
    await freshDatabase('plain')
    const owner = await logIn(postgres.urls.owner)
    const { rows } = await owner.query<{ rolname: string }>(
      "select rolname from pg_roles where rolname like 'flowledger_%' and not rolsuper"
    )
    // The log-ins of the other tests belong to the cluster: without them it is as a new one is.
    const names = rows.map((row) => row.rolname)
    await owner.query("create role plain login password 'plain-password'")
    await owner.query('alter database plain owner to plain')
    for (const name of names) await owner.query(`alter role ${name} rename to hidden_${name}`)
    try {
      const url = embeddedUrl(postgres.server, 'owner', 'plain')
        .replace('user=flowledger_owner', 'user=plain')
        .replace(/password=[^&]*/, 'password=plain-password')
      const { applied, notices } = await migrateToLatest(url)
      expect(applied).toEqual(Object.keys(migrations))
      expect(notices.join()).toContain('create role flowledger_audit login')
      expect(await schemaState(url)).toBe('current')
      for (const name of names) await owner.query(`alter role hidden_${name} rename to ${name}`)
      // Made by a superuser later, they get what they need by migrating again.
      expect((await migrateToLatest(url)).notices).toEqual([])
      const plain = await logIn(url)
      const granted = await plain.query<{ may: boolean }>(
        "select has_table_privilege('flowledger_lookup', 'ledger.flow', 'select') as may"
      )
      expect(granted.rows[0]?.may).toBe(true)
    } finally {
      const hidden = await owner.query<{ rolname: string }>(
        "select rolname from pg_roles where rolname like 'hidden_%'"
      )
      for (const { rolname } of hidden.rows) {
        await owner.query(`alter role ${rolname} rename to ${rolname.replace('hidden_', '')}`)
      }
    }
  })
})

describe.skipIf(skipPostgres)('the log-ins', () => {
  const postgres = usePostgres()
  const denied = { code: '42501' }

  const refused: Readonly<Partial<Record<Login, readonly string[]>>> = {
    collector: [
      'select * from ledger.flow',
      'delete from ledger.flow',
      'update ledger.flow set octets = 0',
      'delete from ledger.gap',
      'drop table ledger.flow',
      'create table ledger.mine (a int)',
      'select * from audit.entry',
      'select * from access.token',
      'create table identity.mine (a int)',
    ],
    lookup: [
      'insert into ledger.gap (source, from_at, to_at, reason) values (1, now(), now(), $$down$$)',
      'update ledger.source set skew_us = 1',
      'delete from ledger.flow',
      'truncate ledger.flow',
      'select ledger.ensure_partition(now())',
      'select * from ledger.cursor',
      'select * from audit.entry',
      'insert into audit.entry values (1, now(), $$a$$, $$a$$, $$a$$, $$a$$, $$a$$)',
      'select * from access.token',
    ],
    identity: [
      'select * from ledger.flow',
      'select * from audit.entry',
      'create table directory.a ()',
    ],
    directory: [
      'select * from ledger.flow',
      'select * from audit.entry',
      'create table identity.a ()',
    ],
    audit: [
      'update audit.entry set actor = $$nobody$$',
      'delete from audit.entry',
      'truncate audit.entry',
      'alter table audit.entry disable trigger all',
      'drop table audit.entry',
      'delete from access.token',
      'select * from ledger.flow',
    ],
  }

  for (const [login, statements] of Object.entries(refused)) {
    it(`${login} may not`, async () => {
      const client = await logIn(postgres.urls[login as Login])
      for (const statement of statements) {
        const failure = client.query(statement).then(
          () => ({ code: 'done' }),
          (error: unknown) => error
        )
        // A table's owner alone may alter or drop it; that refusal has the same code.
        expect(await failure, statement).toMatchObject(denied)
      }
    })
  }

  it('may do their own work', async () => {
    const collector = await logIn(postgres.urls.collector)
    await collector.query('select ledger.ensure_partition(now())')
    const lookup = await logIn(postgres.urls.lookup)
    await lookup.query('select * from ledger.flow, ledger.source, ledger.gap')
    await lookup.query('select * from ledger.flows')
    const audit = await logIn(postgres.urls.audit)
    await audit.query('select * from audit.entry, access.token')
  })
})

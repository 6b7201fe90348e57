import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../store/connect.ts'
import type { Login } from '../../store/logins.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'

const widths = ['minute', 'five_minutes', 'hour', 'day']
const rollupTables = [
  ...widths.map((width) => `rollup.traffic_${width}`),
  ...['pool', 'gauge'].flatMap((of) => ['minute', 'hour', 'day'].map((w) => `rollup.${of}_${w}`)),
  'rollup.stale',
]
const reportViews = [
  'traffic',
  'applications',
  'categories',
  'protocols',
  'transports',
  'ingress_interfaces',
  'egress_interfaces',
  'nat_events',
  'nat_pool',
  'gauges',
].flatMap((view) => ['minute', 'hour', 'day'].map((width) => `reports.${view}_${width}`))

const allWith = (names: readonly string[], acts: string) =>
  Object.fromEntries(names.map((name) => [name, acts]))

/** What each log-in needs, by table; everything else is refused. */
const needed: Readonly<Record<Exclude<Login, 'owner'>, Readonly<Record<string, string>>>> = {
  collector: {
    'ledger.flow': 'insert',
    'ledger.gap': 'insert',
    'ledger.port_block': 'insert',
    'ledger.nat_event': 'insert',
    'ledger.deterministic_map': 'select insert',
    'ledger.source': 'select insert update',
    'ledger.cursor': 'select insert update',
    ...allWith(rollupTables, 'select insert update delete'),
  },
  lookup: {
    'ledger.sealed_file': 'select',
    'ledger.archive_version': 'select',
    'ledger.held': 'select',
    'ledger.retention_edge': 'select',
    'ledger.flow': 'select',
    'ledger.flows': 'select',
    'ledger.source': 'select',
    'ledger.gap': 'select',
    'ledger.port_block': 'select',
    'ledger.port_blocks': 'select',
    'ledger.nat_event': 'select',
    'ledger.deterministic_map': 'select',
    ...allWith([...rollupTables, ...reportViews], 'select'),
  },
  identity: {
    'identity.source': 'select insert update',
    'identity.cursor': 'select insert update',
    'identity.holding': 'select insert update',
    'identity.gap': 'select insert',
    'identity.restart': 'select insert',
    'identity.prefix_length': 'select insert',
    'identity.holdings': 'select',
  },
  directory: {
    'directory.source': 'select insert update',
    'directory.version': 'select insert',
    'directory.subscriber': 'select insert update',
    'directory.key': 'select insert update',
  },
  audit: { 'retention.proof': 'select' },
}

/** The stores that a log-in may touch at all. */
const stores: Readonly<Record<Exclude<Login, 'owner'>, readonly string[]>> = {
  collector: ['ledger', 'rollup'],
  lookup: ['ledger', 'rollup', 'reports'],
  identity: ['identity'],
  directory: ['directory'],
  audit: ['audit', 'access', 'cases', 'retention'],
}

const acts = ['select', 'insert', 'update', 'delete', 'truncate'] as const
type Act = (typeof acts)[number]

describe.skipIf(skipPostgres)('what each log-in may do with each table', () => {
  const postgres = usePostgres()
  const clients = new Map<Login, Client>()
  let tables: readonly { name: string; store: string; column: string; isView: boolean }[]

  beforeAll(async () => {
    const owner = await connect(postgres.urls.owner)
    const { rows } = await owner.query<(typeof tables)[number]>(
      `select n.nspname || '.' || c.relname as name, n.nspname as store, c.relkind = 'v' as "isView",
         (select a.attname from pg_attribute a
          where a.attrelid = c.oid and a.attnum > 0 and a.attgenerated = ''
            and a.attidentity <> 'a' order by a.attnum limit 1) as column
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p', 'v') and not c.relispartition
         and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'flowledger')
       order by 1`
    )
    tables = rows
    await owner.end()
    for (const login of Object.keys(stores) as Login[]) {
      clients.set(login, await connect(postgres.urls[login]))
    }
  })
  afterAll(async () => {
    for (const client of clients.values()) await client.end()
  })

  function statement(act: Act, { name, column }: (typeof tables)[number]): string {
    if (act === 'select') return `select * from ${name} limit 0`
    if (act === 'insert') return `insert into ${name} (${column}) values (null)`
    if (act === 'update') return `update ${name} set ${column} = ${column} where false`
    return act === 'delete' ? `delete from ${name} where false` : `truncate ${name}`
  }

  /** SQLSTATE of what became of it; `done` where it was allowed. */
  async function tryIt(login: Login, sql: string): Promise<string> {
    const client = clients.get(login)
    await client?.query('begin')
    try {
      await client?.query(sql)
      return 'done'
    } catch (error) {
      return (error as { code?: string }).code ?? String(error)
    } finally {
      await client?.query('rollback')
    }
  }

  it('sees the stores', () => {
    const names = tables.map(({ name }) => name)
    expect(names).toContain('ledger.flow')
    expect(names).toContain('identity.holding')
    expect(names).toContain('directory.subscriber')
    expect(names).toContain('audit.entry')
  })

  for (const login of Object.keys(stores) as Exclude<Login, 'owner'>[]) {
    it(`${login}: its own work and nothing else`, async () => {
      const wrong: string[] = []
      for (const table of tables) {
        for (const act of acts) {
          // That a view cannot be written is found before who asks.
          if (table.isView && act !== 'select') continue
          const sql = statement(act, table)
          const result = await tryIt(login, sql)
          const isForeign = !stores[login].includes(table.store)
          const isNeeded = (needed[login][table.name] ?? '').split(' ').includes(act)
          if (isNeeded && result === '42501') wrong.push(`may not ${sql}`)
          if (isForeign && result !== '42501') wrong.push(`may ${sql}: ${result}`)
          // Within audit, access and cases what is granted is tested where it is used.
          const isListed = login !== 'audit' && !isForeign
          if (isListed && !isNeeded && result !== '42501') wrong.push(`may ${sql}: ${result}`)
        }
      }
      expect(wrong).toEqual([])
    })

    it(`${login}: makes, alters and drops nothing`, async () => {
      const wrong: string[] = []
      for (const store of ['ledger', 'identity', 'directory', 'audit', 'access']) {
        const sql = `create table ${store}.mine (a int)`
        if ((await tryIt(login, sql)) !== '42501') wrong.push(sql)
      }
      for (const { name, isView } of tables) {
        const kind = isView ? 'view' : 'table'
        for (const sql of [`drop ${kind} ${name}`, `alter ${kind} ${name} owner to current_user`]) {
          if ((await tryIt(login, sql)) !== '42501') wrong.push(sql)
        }
      }
      const others = (Object.keys(stores) as Login[]).filter((each) => each !== login)
      for (const other of others) {
        const sql = `set role flowledger_${other}`
        if ((await tryIt(login, sql)) !== '42501') wrong.push(sql)
      }
      expect(wrong).toEqual([])
    })
  }

  it('a grant of what one does not own gives nothing away', async () => {
    for (const login of Object.keys(stores) as Login[]) {
      const grant = 'grant select on ledger.flow, identity.holding to public'
      await clients
        .get(login)
        ?.query(grant)
        .catch(() => {})
    }
    expect(await tryIt('collector', 'select * from ledger.flow limit 0')).toBe('42501')
    expect(await tryIt('lookup', 'select * from identity.holding limit 0')).toBe('42501')
  })

  it('nobody can change or remove what the audit has, or remove history', async () => {
    for (const login of Object.keys(stores) as Login[]) {
      for (const act of ['update', 'delete', 'truncate'] as const) {
        const entry = tables.find(({ name }) => name === 'audit.entry')
        if (entry === undefined) throw new Error('audit.entry is missing')
        expect(await tryIt(login, statement(act, entry)), `${login} ${act}`).toBe('42501')
      }
      for (const name of ['identity.holding', 'directory.subscriber', 'ledger.flow']) {
        expect(await tryIt(login, `delete from ${name}`), `${login} ${name}`).toBe('42501')
      }
    }
  })

  it('the partitions of the ledger are closed as the ledger is', async () => {
    const collector = clients.get('collector')
    await collector?.query("select ledger.ensure_partition('2026-01-01T00:00:00Z')")
    const flow = 'ledger.flow_2026010100'
    for (const login of Object.keys(stores) as Login[]) {
      expect(await tryIt(login, `select * from ${flow} limit 0`), login).toBe('42501')
    }
  })
})

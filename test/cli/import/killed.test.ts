import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type pg from 'pg'
import { identityFormats } from '../../../collector/identity/formats.ts'
import type { IdentityFileKind } from '../../../model/identity-sources.ts'
import { connect } from '../../../store/connect.ts'
import { skipPostgres, usePostgres } from '../../postgres.ts'
import { until } from '../../until.ts'
import { startFlowledger } from '../run-flowledger.ts'
import { conntrackText, identityText, ipfixFile, syslogText } from './texts.ts'

/**
 * Every kind of import, ended by SIGKILL in the middle of its second transaction and run again: the
 * ledger is then what one run that nobody disturbs makes of the same file.
 */

/** Advisory locks that the second transaction of an import waits for: of the name of its source. */
const gate = 77

const gateSql = (schema: string): string => `
  create function ${schema}.gate() returns trigger language plpgsql as $$ begin
    perform pg_advisory_xact_lock_shared(${gate}, hashtext(
      (select name from ${schema}.source where id = new.source)));
    return new;
  end $$;
  create trigger gate before update on ${schema}.cursor
    for each row execute function ${schema}.gate();`

/** Tables of rows by source, what they are compared by, and the text of a row. */
const ledgerTables = ['ledger.flow', 'ledger.port_block', 'ledger.nat_event', 'ledger.gap']
/** Sums that are kept for long enough; percentiles are of those that are not. */
const sums = ['traffic_day', 'pool_day']
const tables: Readonly<Record<'ledger' | 'identity', readonly string[]>> = {
  ledger: [...ledgerTables, ...sums.map((table) => `rollup.${table}`)],
  identity: ['identity.holding', 'identity.gap', 'identity.restart'],
}
/** What tells one run from another: numbers that are given out, and the source. */
const ofRun = ['id', 'source', 'flow_id', 'key', 'merged_into']
const ofMinutes = ['ports_p50', 'ports_p95', 'ports_max', 'subscribers', 'sketch']
const leftOut = [...ofRun, ...ofMinutes].map((name) => `'${name}'`)
const textOf = `(to_jsonb(t) - array[${leftOut.join()}])::text`

interface Import {
  readonly kind: string
  readonly schema: 'ledger' | 'identity'
  /** What the file holds; of NetFlow, an exporter is told by its domain. */
  readonly content: (name: string) => string | Buffer
  readonly options: (name: string) => readonly string[]
  readonly sources: (name: string) => readonly string[]
  /** The source that all files of the kind have their cursor under, where there is one. */
  readonly cursorOf?: string
}

const named = (name: string): readonly string[] => ['--source', name]

const flows: readonly Import[] = [
  {
    kind: 'conntrack',
    schema: 'ledger',
    content: () => conntrackText(10_000),
    options: named,
    sources: (name) => [`import:${name}`],
  },
  {
    kind: 'syslog-nat',
    schema: 'ledger',
    content: () => syslogText(12_000),
    options: named,
    sources: (name) => [`import:${name}`],
  },
  {
    kind: 'netflow-pcap',
    schema: 'ledger',
    // More than the rows of one transaction.
    content: (name) => ipfixFile(domainOf(name), 102_000),
    options: () => [],
    cursorOf: 'import:netflow',
    sources: (name) => [0, 1].map((more) => `import:0.0.0.0 domain ${domainOf(name) + more}`),
  },
]

const domainOf = (name: string): number => (name.endsWith('whole') ? 10 : 20)

const written = ['--at', '2026-03-11T00:00:00Z']
const optionsOf: Readonly<Partial<Record<IdentityFileKind, readonly string[]>>> = {
  'kea-legal': ['--tz', 'Europe/Berlin'],
  dnsmasq: ['--tz', 'UTC', ...written],
  logins: written,
  hostapd: ['--tz', 'UTC', ...written],
}

const identities = (Object.keys(identityFormats) as IdentityFileKind[]).map((kind): Import => ({
  kind,
  schema: 'identity',
  content: () => identityText(kind),
  options: (name) => [...named(name), ...(optionsOf[kind] ?? [])],
  sources: (name) => [`import:${name} ${kind}`],
}))

describe.skipIf(skipPostgres)('an import that is killed and run again', () => {
  const postgres = usePostgres()
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-killed-'))
  let client: pg.Client
  beforeAll(async () => {
    client = await connect(postgres.urls.owner)
    for (const schema of ['ledger', 'identity']) await client.query(gateSql(schema))
  })
  afterAll(async () => {
    await client.end()
    rmSync(folder, { recursive: true, force: true })
  })

  function argvOf({ kind, content, options }: Import, name: string): readonly string[] {
    // Both runs read the same file: where a holding was told names it.
    const path = join(folder, kind === 'netflow-pcap' ? `${name}.ipfix` : kind)
    writeFileSync(path, content(name))
    return ['import', kind, path, '--data-dir', postgres.dataDir, ...options(name)]
  }

  /** Of each table how many rows there are of a run, and a digest of what they say. */
  async function ledgerOf({ schema, sources }: Import, name: string): Promise<unknown> {
    const found: Record<string, unknown> = {}
    for (const table of tables[schema]) {
      const isFlow = table === 'ledger.flow'
      const { rows } = await client.query(
        `select count(*)::int as rows, ${isFlow ? 'count(distinct flow_id)::int' : '0'} as flows,
           md5(string_agg(${textOf}, ' ' order by ${textOf})) as digest
         from ${table} t join ${schema}.source s on s.id = t.source where s.name = any($1)`,
        [sources(name)]
      )
      found[table] = rows[0]
    }
    if (schema === 'ledger') return found
    const { rows } = await client.query(
      // Lines read are none of it: those of a record that the break is in are read twice.
      `select unknown_count, refused_count, first_heard, last_heard
       from identity.source where name = any($1)`,
      [sources(name)]
    )
    return { ...found, source: rows }
  }

  async function finished(argv: readonly string[]): Promise<number | null> {
    const [code] = (await once(startFlowledger(argv), 'close')) as [number | null]
    return code
  }

  /** @param source that the cursor is of */
  async function killInTheMiddle(argv: readonly string[], source: string): Promise<void> {
    const lock = [gate, source]
    await client.query('select pg_advisory_lock($1, hashtext($2))', lock)
    try {
      const child = startFlowledger(argv)
      const over = once(child, 'close')
      let told = ''
      child.stderr?.on('data', (text) => (told += String(text)))
      let isOver = false
      void over.then(() => (isOver = true))
      await until(async () => {
        const { rows } = await client.query(
          `select from pg_locks where locktype = 'advisory' and not granted and classid = $1
             and objid::bigint = hashtext($2)::bigint & 4294967295`,
          lock
        )
        return isOver || rows.length > 0
      })
      child.kill('SIGKILL')
      const [code, signal] = (await over) as [number | null, string | null]
      expect({ signal, code, told }).toMatchObject({ signal: 'SIGKILL' })
    } finally {
      await client.query('select pg_advisory_unlock($1, hashtext($2))', lock)
    }
  }

  test.each([...flows, ...identities])(
    '$kind: nothing is lost, and nothing is there twice',
    async (one) => {
      const [whole, killed] = [`${one.kind} whole`, `${one.kind} killed`]
      const { cursorOf = one.sources(killed)[0] ?? '' } = one
      const argv = argvOf(one, killed)
      const undisturbed = finished(argvOf(one, whole))
      // Where both have one cursor, they must not wait for the same gate.
      if (one.cursorOf !== undefined) await undisturbed
      await killInTheMiddle(argv, cursorOf)
      expect(await undisturbed).toBe(0)
      const wanted = await ledgerOf(one, whole)
      const partly = await ledgerOf(one, killed)
      expect(partly).not.toEqual(wanted)
      const table = tables[one.schema][0] ?? ''
      expect(partly).toMatchObject({ [table]: { digest: expect.any(String) as string } })
      expect(await finished(argv)).toBe(0)
      expect(await ledgerOf(one, killed)).toEqual(wanted)
    }
  )
})

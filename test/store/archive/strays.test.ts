import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { literal, openDuckDb } from '../../../store/archive/duckdb.ts'
import { sealHours } from '../../../store/archive/seal.ts'
import { openDatabase } from '../../../store/database.ts'
import type { Database } from '../../../store/database.ts'
import { sweepArchive } from '../../../store/retention/sweep-archive.ts'
import { skipPostgres, usePostgres } from '../../postgres.ts'
import { fill } from './fill.ts'
import { randomConnections } from './random-flows.ts'

const postgres = usePostgres()

/** What the database is restored to: the partitions and the catalogue as they were. */
const dump = `
  create schema dump;
  create table dump.flow as select * from ledger.flow;`
const restore = `
  truncate ledger.sealed_file cascade;
  do $$ declare name text; begin
    for name in select inhrelid::regclass from pg_inherits
      where inhparent = 'ledger.flow'::regclass
    loop execute 'drop table ' || name; end loop; end $$;`

describe.skipIf(skipPostgres)('an archive that is newer than the database', () => {
  let directory = ''
  let owner: Database
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'flowledger-strays-'))
    owner = openDatabase(postgres.urls.owner)
    await run(restore)
  })
  afterEach(async () => {
    await run('drop schema if exists dump cascade')
    await owner.close()
    await rm(directory, { recursive: true })
  })

  async function run(text: string): Promise<void> {
    for (const one of text.split(/;\n/)) await owner.query('prepare', { text: one })
  }

  const seal = async (told: string[] = []): Promise<void> => {
    await sealHours({
      ownerUrl: postgres.urls.owner,
      dataDir: postgres.dataDir,
      directory,
      actor: 'test',
      nowUs: Date.now() * 1000,
      olderThanUs: 7200e6,
      onAside: (path) => told.push(path),
    })
  }

  const early = randomConnections(51, 300)
  const late = randomConnections(52, 200, 90_000n)

  const named = async (pattern: RegExp): Promise<string[]> =>
    (await readdir(directory, { recursive: true })).filter((name) => pattern.test(name)).toSorted()

  /** Ids of the connections that files hold. */
  async function idsIn(paths: readonly string[]): Promise<Set<string>> {
    const duckDb = await openDuckDb({ directory, memoryBytes: 256 << 20, threads: 1 })
    const ids = new Set<string>()
    for (const path of paths) {
      const from = `read_parquet(${literal(join(directory, path))})`
      const rows = await duckDb.rows(`select distinct flow_id::varchar from ${from}`)
      for (const [id] of rows) ids.add(String(id))
    }
    duckDb.close()
    return ids
  }

  const idsOf = (flows: typeof early): string[] =>
    [...new Set(flows.map(({ id }) => String(id)))].toSorted()

  test('what it alone holds is kept beside, and what came back is sealed', async () => {
    await fill(postgres.urls.collector, early)
    await run(dump)
    await fill(postgres.urls.collector, late)
    await seal()
    const sealed = await named(/\.parquet$/)
    expect(sealed).toHaveLength(3)
    await run(restore)
    await fill(postgres.urls.collector, early, 'gw1')
    const told: string[] = []
    await seal(told)
    const aside = await named(/\.set-aside$/)
    expect(told.toSorted()).toEqual(aside)
    expect(aside).toEqual(sealed.map((path) => `${path}.set-aside`))
    expect([...(await idsIn(aside))].toSorted()).toEqual(idsOf([...early, ...late]))
    expect([...(await idsIn(await named(/\.parquet$/)))].toSorted()).toEqual(idsOf(early))
  })

  test('a purge that looks through the archive leaves it too, and what is known goes', async () => {
    await fill(postgres.urls.collector, early)
    await seal()
    const known = await named(/\.parquet$/)
    await cp(directory, `${directory}.copy`, { recursive: true })
    await run(restore)
    await fill(postgres.urls.collector, early)
    const told: string[] = []
    // Each of its rows is in PostgreSQL again.
    const gone = await sweepArchive(owner, directory, (path) => told.push(path))
    expect(told).toEqual([])
    expect(gone.filter((path) => path.endsWith('.parquet')).toSorted()).toEqual(known)
    // All but one of each hour are.
    await cp(`${directory}.copy`, directory, { recursive: true })
    await rm(`${directory}.copy`, { recursive: true })
    await run(`delete from ledger.flow f using (
      select tableoid as part, min(flow_id) as id from ledger.flow group by 1) one
      where f.tableoid = one.part and f.flow_id = one.id`)
    const left = await sweepArchive(owner, directory, (path) => told.push(path))
    expect(told.toSorted()).toEqual(known.map((path) => `${path}.set-aside`))
    expect(left.filter((path) => path.endsWith('.parquet'))).toEqual([])
    // It is looked at once.
    expect(await sweepArchive(owner, directory, (path) => told.push(path))).toEqual([])
    expect(told).toHaveLength(known.length)
  })
})

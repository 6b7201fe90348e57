import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Archive } from '../../../store/archive/archive.ts'
import { sealHours } from '../../../store/archive/seal.ts'
import type { SealOptions } from '../../../store/archive/seal.ts'
import { verifyAudit } from '../../../store/audit-verify.ts'
import { openDatabase } from '../../../store/database.ts'
import type { Database } from '../../../store/database.ts'
import { makeListAllFlows } from '../../../store/archive/list-flows.ts'
import { sweepArchive } from '../../../store/retention/sweep-archive.ts'
import { skipPostgres, usePostgres } from '../../postgres.ts'
import { until } from '../../until.ts'
import { fill } from './fill.ts'
import { firstHourUs, hourUs, randomFlows } from './random-flows.ts'

const postgres = usePostgres()

describe.skipIf(skipPostgres)('sealing', () => {
  let directory = ''
  let owner: Database
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'flowledger-archive-'))
    owner = openDatabase(postgres.urls.owner)
    await owner.query('empty it', {
      text: `do $$ declare name text; begin
        for name in select inhrelid::regclass from pg_inherits
          where inhparent = 'ledger.flow'::regclass
        loop execute 'drop table ' || name; end loop; end $$`,
    })
    await owner.query('empty it', { text: 'truncate ledger.sealed_file cascade' })
  })
  afterEach(async () => {
    await owner.close()
    await rm(directory, { recursive: true })
  })

  const options = (): SealOptions => ({
    ownerUrl: postgres.urls.owner,
    dataDir: postgres.dataDir,
    directory,
    actor: 'test',
    nowUs: Date.now() * 1000,
    olderThanUs: 7200e6,
  })

  /** All there is, one line a row, through the same list that people read. */
  async function everything(): Promise<string[]> {
    const archive = new Archive(owner, directory)
    const list = makeListAllFlows(owner, archive)
    const lines: string[] = []
    for (let cursor: string | undefined; ;) {
      const window = { fromUs: 0, toUs: Date.now() * 1000 }
      const page = await list({ ...window, limit: 1000, cursor })
      lines.push(
        ...page.items.map((item) =>
          JSON.stringify(item, (_, value: unknown) =>
            typeof value === 'bigint' ? `${value}` : value
          )
        )
      )
      if (page.next === undefined) break
      cursor = page.next
    }
    await archive.close()
    return lines
  }

  const count = async (from: string): Promise<number> => {
    const text = `select count(*)::int as n from ${from}`
    return (await owner.query<{ n: number }>('count', { text }))[0]?.n ?? -1
  }

  test('moves hours to files, with all there was of them', async () => {
    await fill(postgres.urls.collector, randomFlows(1, 3000))
    const before = await everything()
    const sealed = await sealHours(options())
    expect(sealed.map(({ hourUs: hour }) => hour)).toEqual(
      [0, 1, 2].map((hour) => firstHourUs + hour * hourUs)
    )
    expect(await count('ledger.flow')).toBe(0)
    expect(await everything()).toEqual(before)
    const files = await owner.query<{ sha256: Buffer }>('read', {
      text: 'select sha256 from ledger.sealed_file order by hour',
    })
    const audit = await owner.query<{ detail: string }>('read', {
      text: "select detail from audit.entry where action = 'seal' order by id desc limit 3",
    })
    expect(
      audit.map(({ detail }) => (JSON.parse(detail) as { sha256: string }).sha256).toReversed()
    ).toEqual(files.map(({ sha256 }) => sha256.toString('hex')))
    expect((await verifyAudit(owner, postgres.dataDir)).problems).toEqual([])
  })

  test('rows that come meanwhile and later are sealed too, each once', async () => {
    const [early, meanwhile, late] = [1n, 2n, 3n].map((n) => randomFlows(Number(n), 300, n * 5000n))
    await fill(postgres.urls.collector, early ?? [])
    let isFirst = true
    await sealHours({
      ...options(),
      async onStep(step) {
        if (step !== 'published' || !isFirst) return
        isFirst = false
        await fill(postgres.urls.collector, meanwhile ?? [])
      },
    })
    expect(await count('ledger.flow')).toBe(0)
    await fill(postgres.urls.collector, late ?? [])
    const before = await everything()
    expect(new Set(before).size).toBe(before.length)
    await sealHours(options())
    expect(await everything()).toEqual(before)
    expect(await count('ledger.sealed_file where generation = 2')).toBe(3)
  })

  async function endAt(step: string, limits: { readonly fileRows?: number }): Promise<void> {
    const file = fileURLToPath(new URL('./seal-child.ts', import.meta.url))
    const child = spawn(process.execPath, ['--import', 'tsx', file, step], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, SEAL_OPTIONS: JSON.stringify({ ...options(), limits }) },
    })
    const [, signal] = (await once(child, 'close')) as [number | null, string | null]
    expect(signal).toBe('SIGKILL')
    // The server gives up its locks a moment later, and nobody seals before.
    await until(async () => (await count("pg_locks where locktype = 'advisory'")) === 0)
  }

  /** Ends a process that seals when it has reached a step; the next one finishes. */
  async function killAt(
    step: string,
    limits: { readonly fileRows?: number },
    next = limits
  ): Promise<string[]> {
    await fill(postgres.urls.collector, randomFlows(7, 500))
    const before = await everything()
    await endAt(step, limits)
    expect((await everything()).toSorted()).toEqual(before.toSorted())
    await sealHours({ ...options(), limits: next })
    expect(await count('ledger.flow')).toBe(0)
    expect((await everything()).toSorted()).toEqual(before.toSorted())
    expect((await verifyAudit(owner, postgres.dataDir)).problems).toEqual([])
    const names = await readdir(directory, { recursive: true })
    expect(names.filter((name) => name.includes('draft'))).toEqual([])
    return names.filter((name) => name.endsWith('.parquet')).toSorted()
  }

  const steps = ['written', 'published', 'recorded', 'committed']

  test.each(['read', ...steps])(
    'killed when it has %s: nothing is lost and nothing is there twice',
    async (step) => {
      expect(await killAt(step, {})).toHaveLength(3)
    }
  )

  test.each(['named', ...steps])('the same with several files an hour: %s', async (step) => {
    const found = await killAt(step, { fileRows: 60 })
    const files = await owner.query<{ path: string }>('read', {
      text: 'select path from ledger.sealed_file order by path',
    })
    // Each hour goes to more than one, none is left behind, and none has rows of another.
    expect(found).toEqual(files.map(({ path }) => path).toSorted())
    expect(found.length).toBeGreaterThan(3)
    expect(await count('ledger.sealed_file where generation = 2')).toBe(3)
  })

  test('files that have their names when it is killed are no more than those of the next', async () => {
    const found = await killAt('published', { fileRows: 60 }, { fileRows: 10_000 })
    expect(found).toHaveLength(3)
  })

  test('what is left of a seal is gone before rows of its hour are purged', async () => {
    await fill(postgres.urls.collector, randomFlows(7, 500))
    await endAt('published', { fileRows: 60 })
    const left = (await readdir(directory, { recursive: true })).filter((name) =>
      /\.(parquet|index)$/.test(name)
    )
    expect(left.length).toBeGreaterThan(3)
    expect((await sweepArchive(owner, directory)).toSorted()).toEqual(left.toSorted())
    expect(await count('ledger.flow')).toBeGreaterThan(0)
  })
})

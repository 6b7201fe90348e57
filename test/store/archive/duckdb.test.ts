import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { literal, openDuckDb } from '../../../store/archive/duckdb.ts'
import type { DuckDb } from '../../../store/archive/duckdb.ts'

const directory = mkdtempSync(join(tmpdir(), 'flowledger-duckdb-'))
const outside = mkdtempSync(join(tmpdir(), 'flowledger-outside-'))
let duckDb: DuckDb

beforeAll(async () => {
  duckDb = await openDuckDb({ directory, memoryBytes: 64 << 20, threads: 1, readers: 2 })
})
afterAll(() => {
  duckDb.close()
  for (const made of [directory, outside]) rmSync(made, { recursive: true })
})

/** Both readers are asked, since the first has something to do. */
const onBoth = (sql: string): Promise<PromiseSettledResult<unknown[][]>[]> =>
  Promise.allSettled([duckDb.rows(sql), duckDb.rows(sql)])

test('statements that run at a time are of connections of their own', async () => {
  const set = { status: 'fulfilled', value: [['statistics_propagation']] }
  expect(await onBoth("select current_setting('disabled_optimizers')")).toEqual([set, set])
  // What is asked after something that takes seconds does not wait for it.
  let isOver = false
  const long = duckDb
    .rows('select count(*) from range(300000000) where range % 7 = 3')
    .then(() => (isOver = true))
  await duckDb.rows('select 1')
  await sleep(50)
  expect(isOver).toBe(false)
  await long
})

test('no reader opens a file outside of its folder, or may be told to', async () => {
  const file = join(outside, 'private.csv')
  writeFileSync(file, 'a,b\n1,2\n')
  for (const sql of [
    `select * from read_csv(${literal(file)})`,
    `copy (select 1) to ${literal(join(outside, 'new.csv'))}`,
    'set enable_external_access = true',
  ]) {
    const found = await onBoth(sql)
    expect(
      found.map(({ status }) => status),
      sql
    ).toEqual(['rejected', 'rejected'])
  }
})

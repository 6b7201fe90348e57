import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { noNetworks } from '../../model/nat-view.ts'
import { openDatabase } from '../../store/database.ts'
import { embeddedUrl } from '../../store/database-url.ts'
import {
  distributeLedger,
  distributeStatements,
  requireDistributable,
} from '../../store/distribute.ts'
import { findSlicesOfPortSql, findSlicesValues, makeFindSlices } from '../../store/ledger-query.ts'
import { LedgerWriter } from '../../store/ledger-writer.ts'
import { migrateToLatest } from '../../store/migrate.ts'
import { requireAddress } from '../../model/address.ts'
import { runFlowledger } from '../cli/run-flowledger.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { skipUnless } from '../skip.ts'
import { batchOf } from './flow-rows.ts'
import { useLogIns } from './log-ins.ts'

const logIn = useLogIns()
const hourUs = 3_600e6
const baseUs = Math.floor((Date.now() * 1000) / hourUs) * hourUs - 3 * hourUs

/** Several collectors write at the same time, each as a source of its own. */
async function collect(url: string, names: readonly string[]): Promise<void> {
  await Promise.all(
    names.map(async (name, collector) => {
      const writer = new LedgerWriter(url, noNetworks)
      const source = await writer.registerSource(name, 'conntrack')
      await writer.readCursor(source, 's')
      for (let commit = 0; commit < 10; commit++) {
        const startUs = baseUs + (commit % 3) * hourUs
        const flows = Array.from({ length: 20 }, (_, row) => ({
          source: `10.${collector}.0.7 40000`,
          destination: '198.51.100.9 443',
          postNatSource: `192.0.2.${1 + collector} ${2000 + 20 * commit + row}`,
          startUs: startUs + row * 1e6,
          endUs: startUs + row * 1e6 + 5e6,
          id: BigInt(commit * 20 + row),
        }))
        const progress = { watermarkUs: startUs + 60e6, closedThroughUs: startUs + 60e6 }
        const cursor = { segment: 1, offset: commit + 1 }
        const batches = [batchOf(flows)]
        await writer.commit({ source, spool: 's', batches, gaps: [], progress, cursor })
      }
      await writer.close()
    })
  )
}

const question = (collector: number) => ({
  address: requireAddress(`192.0.2.${1 + collector}`),
  port: 2105,
  fromUs: baseUs,
  toUs: baseUs + 3 * hourUs,
  limit: 10,
})

async function answers(url: string, collectors: number): Promise<string[]> {
  const database = openDatabase(url, 2)
  try {
    const find = makeFindSlices(database)
    const asked = Array.from({ length: collectors }, (_, collector) => find(question(collector)))
    return (await Promise.all(asked)).flatMap(({ slices }) => slices.map(({ source }) => source))
  } finally {
    await database.close()
  }
}

describe.skipIf(skipPostgres)('one ledger of several collectors', () => {
  const postgres = usePostgres()

  test('holds what each saw, under its name', async () => {
    await collect(postgres.urls.collector, ['north', 'south', 'east'])
    expect(await answers(postgres.urls.lookup, 3)).toEqual(['north', 'south', 'east'])
    const owner = await logIn(postgres.urls.owner)
    const { rows } = await owner.query<{ n: string }>(
      'select count(*) as n from ledger.flow group by source'
    )
    expect(rows.map(({ n }) => n)).toEqual(['200', '200', '200'])
  })

  test('without the extension nothing is changed, and it is said what to do', async () => {
    await expect(requireDistributable(postgres.urls.owner)).rejects.toMatchObject({
      code: 'database-failed',
      exitCode: 4,
      sentence: expect.stringMatching(/no extension "citus".*create extension/),
    })
  })

  test('--print shows the statements and needs no database', () => {
    const { code, stdout } = runFlowledger(['migrate', '--distributed', '--print'])
    expect(code).toBe(0)
    expect(stdout).toBe(`${distributeStatements.join(';\n')};\n`)
  })

  /*
   * Citus cannot be had here. These functions and tables of this database's own stand in for it,
   * to see that the statements parse and name tables and columns that are there; they say nothing
   * of what Citus does with them.
   */
  test('the statements name tables and columns that are there', async () => {
    const server = await logIn(postgres.urls.owner)
    await server.query('create database stubbed')
    const url = embeddedUrl(postgres.server, 'owner', 'stubbed')
    await migrateToLatest(url, postgres.server.credentials)
    const owner = await logIn(url)
    await owner.query(`
      create table public.pg_dist_partition (logicalrelid regclass, partkey text);
      create table public.pg_dist_node (shouldhaveshards boolean, isactive boolean);
      insert into public.pg_dist_node select true, true from generate_series(1, 3);
      create function public.create_distributed_table(
        table_name regclass, distribution_column text, colocate_with text default 'default'
      ) returns void language plpgsql as $$
      begin
        perform from pg_attribute
          where attrelid = table_name and attname = distribution_column and attnotnull;
        if not found then
          raise exception 'no such column: %', distribution_column;
        end if;
        insert into public.pg_dist_partition values (table_name, distribution_column);
      end $$`)
    expect((await distributeLedger(url)).notices).toEqual([
      'Flows are spread over 64 shards on 3 nodes.',
    ])
    expect((await distributeLedger(url)).notices).toEqual(['The ledger is distributed already.'])
    const { rows } = await owner.query('select logicalrelid::text, partkey from pg_dist_partition')
    expect(rows).toEqual([{ logicalrelid: 'ledger.flow', partkey: 'public_key' }])
  })
})

const citus = process.env['FLOWLEDGER_CITUS_URL']

describe.skipIf(
  skipUnless('program', citus === undefined ? 'FLOWLEDGER_CITUS_URL names no Citus' : undefined)
)('on Citus', () => {
  /** An empty database with the extension, by its owner, who may make roles. */
  const url = citus ?? ''

  test('collectors write to it, and a look-up of a port asks one shard', async () => {
    await requireDistributable(url)
    await migrateToLatest(url)
    await distributeLedger(url)
    const names = ['a', 'b'].map((name) => `${name}-${randomUUID()}`)
    await collect(url, names)
    expect(await answers(url, 2)).toEqual(expect.arrayContaining(names))
    const owner = await logIn(url)
    const values = findSlicesValues(question(0), 0)
    const { rows } = await owner.query<{ 'QUERY PLAN': string }>(
      `explain ${findSlicesOfPortSql}`,
      values
    )
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    expect(plan).toContain('Task Count: 1')
    await expect(distributeLedger(url)).resolves.toMatchObject({
      notices: ['The ledger is distributed already.'],
    })
  })
})

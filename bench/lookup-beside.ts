import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type pg from 'pg'
import { formatWords, v4MappedWord } from '../model/address.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { noNetworks } from '../model/nat-view.ts'
import type { SliceQuery } from '../model/slice.ts'
import { connect } from '../store/connect.ts'
import { openDatabase } from '../store/database.ts'
import { embeddedUrls } from '../store/database-url.ts'
import { startEmbedded } from '../store/embedded.ts'
import { findSlicesOfPortSql, findSlicesValues, makeFindSlices } from '../store/ledger-query.ts'
import { LedgerWriter } from '../store/ledger-writer.ts'
import { migrateToLatest } from '../store/migrate.ts'
import { hourOf, partitionUs } from '../store/partitions.ts'
import { flowsIn, recordWithNfcapd, writeSpool } from './nfcapd-file.ts'
import { quantile } from './process.ts'
import { makeBatches, makeRandom } from './random-flows.ts'
import { tellFigure } from './suite/figure.ts'

/**
 * Who had an address and a port at an instant, among the same flows: our answer from the ledger,
 * nfdump's scan of a file of nfcapd's, and the bound, which is what PostgreSQL itself takes to plan
 * and run the same statement.
 *
 * npx tsx bench/lookup-beside.ts [--rows 1000000] [--lookups 1000] [--rounds 3]
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    lookups: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
  },
})
const lookups = Number(values.lookups)
const batchesPerCommit = 16
const say = (text: string): void => void process.stderr.write(`${text}\n`)

const hourUs = hourOf(Date.now() * 1000) - 2 * partitionUs
const batches = makeBatches(Number(values.rows), hourUs)
const random = makeRandom(31)

/** About a connection of the batches, at its middle. */
function question(): SliceQuery & { readonly port: number; readonly word: number } {
  const { columns, length } = batches[random(batches.length)] as FlowBatch
  const row = random(length)
  const word = columns.postNatSourceAddress[4 * row + 3] ?? 0
  const [from, to] = [columns.flowStartMicroseconds, columns.flowEndMicroseconds]
  const atUs = Math.floor(((from[row] ?? 0) + (to[row] ?? 0)) / 2)
  const port = columns.postNaptSourceTransportPort[row] ?? 0
  const address = [0, 0, v4MappedWord, word] as const
  return { address, word, port, fromUs: atUs - 1e6, toUs: atUs + 1e6, limit: 20_000 }
}

async function fill(writer: LedgerWriter, ownerUrl: string): Promise<void> {
  const source = await writer.registerSource('bench', 'conntrack')
  await writer.readCursor(source, 'bench')
  for (let at = 0; at < batches.length; at += batchesPerCommit) {
    const some = batches.slice(at, at + batchesPerCommit)
    const cursor = { segment: 1, offset: at + some.length }
    await writer.commit({ source, spool: 'bench', batches: some, gaps: [], cursor })
  }
  const owner = await connect(ownerUrl)
  await owner.query('vacuum (analyze) ledger.flow')
  await owner.end()
}

/** Milliseconds of each of some answers, sorted. */
async function timed(count: number, work: () => Promise<number>): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < count; i++) times.push(await work())
  return times.toSorted((a, b) => a - b)
}

async function wall(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

interface Explained {
  readonly 'Planning Time': number
  readonly 'Execution Time': number
}

/** What PostgreSQL says that it took to plan and run the statement, told to nobody (ms). */
async function inPostgres(client: pg.Client): Promise<number> {
  const escape = (value: unknown): string =>
    value === null ? 'null' : client.escapeLiteral(`${value as string | number}`)
  const given = findSlicesValues(question(), 0).map(escape).join(', ')
  const text = `explain (analyze, timing off, format json) execute find(${given})`
  const { rows } = await client.query<{ 'QUERY PLAN': [Explained] }>(text)
  const [plan] = rows[0]?.['QUERY PLAN'] ?? []
  return (plan?.['Planning Time'] ?? NaN) + (plan?.['Execution Time'] ?? NaN)
}

async function prepared(url: string): Promise<pg.Client> {
  const client = await connect(url)
  await client.query('set plan_cache_mode = force_custom_plan')
  const types = 'int8, int8, timestamptz, timestamptz, timestamptz, bytea, int2, int8'
  await client.query(`prepare find(${types}) as ${findSlicesOfPortSql}`)
  return client
}

/** One scan of the file, told nothing of the time, since all is of one hour (ms). */
function scan(file: string): number {
  const { word, port } = question()
  const filter = `src xip ${formatWords([0, 0, v4MappedWord, word])} and src xport ${port}`
  const from = performance.now()
  const { stdout, status } = spawnSync('nfdump', ['-r', file, '-q', filter], { encoding: 'utf8' })
  const took = performance.now() - from
  if (status !== 0 || stdout.trim() === '') throw new Error('nfdump found nothing')
  return took
}

const dataDir = await mkdtemp(join(tmpdir(), 'flowledger-bench-'))
const server = await startEmbedded(dataDir)
const close = async (): Promise<void> => {
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}
// Who takes too long in a row of measurements is told to end, and leaves no server behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void close().finally(() => process.exit(1)))
}
const urls = embeddedUrls(server)
await migrateToLatest(urls.owner, server.credentials)
const writer = new LedgerWriter(urls.collector, noNetworks)
const database = openDatabase(urls.lookup, 1)
const client = await prepared(urls.lookup)
try {
  await fill(writer, urls.owner)
  const spool = join(dataDir, 'bench-spool')
  writeSpool(spool, batches)
  const file = await recordWithNfcapd(spool, dataDir)
  const flows = flowsIn(file)
  say(`nfcapd stored ${flows} flows of ${batches.reduce((sum, { length }) => sum + length, 0)}`)
  const find = makeFindSlices(database)
  const ask = async (): Promise<number> => {
    const asked = question()
    return wall(async () => {
      const { slices } = await find(asked)
      if (slices.length === 0) throw new Error('a connection was not found')
    })
  }
  await timed(lookups, ask)
  await timed(lookups, () => inPostgres(client))
  const ours: { p50: number[]; p99: number[] } = { p50: [], p99: [] }
  const postgres: { p50: number[]; p99: number[] } = { p50: [], p99: [] }
  const scans: number[] = []
  for (let round = 0; round < Number(values.rounds); round++) {
    const [answers, plans] = [
      await timed(lookups, ask),
      await timed(lookups, () => inPostgres(client)),
    ]
    scans.push(scan(file))
    for (const [to, times] of [
      [ours, answers],
      [postgres, plans],
    ] as const) {
      to.p50.push(quantile(times, 0.5))
      to.p99.push(quantile(times, 0.99))
    }
  }
  console.log(JSON.stringify({ flows, ours, postgres, nfdumpMs: scans }))
  const among = `a look-up among ${flows} flows`
  const less = { unit: 'ms', better: 'less' } as const
  tellFigure({ what: `${among}, p50`, ...less, ours: ours.p50, peer: 'nfdump', theirs: scans })
  const alone = { ...less, peer: 'PostgreSQL alone' }
  tellFigure({ what: `${among}, p50`, ...alone, ours: ours.p50, theirs: postgres.p50 })
  tellFigure({ what: `${among}, p99`, ...alone, ours: ours.p99, theirs: postgres.p99 })
} finally {
  await writer.close()
  await database.close()
  await client.end()
  await close()
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { v4MappedWord } from '../model/address.ts'
import { makeFlowBatch } from '../model/flow-batch.ts'
import { batchRows } from '../model/limits.ts'
import { noNetworks } from '../model/nat-view.ts'
import { connect } from '../store/connect.ts'
import { openDatabase } from '../store/database.ts'
import { embeddedUrls } from '../store/database-url.ts'
import { startEmbedded } from '../store/embedded.ts'
import { makeFindSlices } from '../store/ledger-query.ts'
import { LedgerWriter } from '../store/ledger-writer.ts'
import { migrateToLatest } from '../store/migrate.ts'
import { hourOf, partitionUs } from '../store/partitions.ts'
import { fillRandom, makeRandom, randomPublic } from './random-flows.ts'

/**
 * Look-ups of an address, port and instant, one after another, with growing tables over a day of
 * partitions, and the octets that a row takes. The times are those of the process that asks.
 *
 * npx tsx bench/lookup.ts [--rows 2000000,20000000] [--hours 24] [--lookups 3000]
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '2000000,20000000' },
    hours: { type: 'string', default: '24' },
    lookups: { type: 'string', default: '3000' },
  },
})
const steps = values.rows.split(',').map(Number)
const hours = Number(values.hours)
const lookups = Number(values.lookups)
const warmUps = 500
const batchesPerCommit = 16

const dataDir = await mkdtemp(join(tmpdir(), 'flowledger-bench-'))
const server = await startEmbedded(dataDir)
const urls = embeddedUrls(server)
await migrateToLatest(urls.owner, server.credentials)
const owner = await connect(urls.owner)
const writer = new LedgerWriter(urls.collector, noNetworks)
const lookup = openDatabase(urls.lookup, 1)
const find = makeFindSlices(lookup)
const firstUs = hourOf(Date.now() * 1000) - (hours + 1) * partitionUs
const random = makeRandom(777)

/** Adds rows, spread over all hours; gives how many there are then. */
async function fill(source: number, from: number, wanted: number): Promise<number> {
  const batches = Array.from({ length: batchesPerCommit }, () => makeFlowBatch(batchRows))
  const perHour = Math.round((wanted - from) / hours / batchRows)
  let rows = from
  for (let hour = 0; hour < hours; hour++) {
    const startUs = firstUs + hour * partitionUs
    for (let left = perHour; left > 0; left -= batchesPerCommit) {
      const filled = batches.slice(0, left)
      for (const batch of filled) {
        fillRandom(batch, random, rows, startUs, startUs + partitionUs - 1)
        rows += batch.length
      }
      const cursor = { segment: 1, offset: rows }
      await writer.commit({ source, spool: 'bench', batches: filled, gaps: [], cursor })
    }
  }
  return rows
}

/** Waits until PostgreSQL has put the new rows in order; on a gateway that goes on all along. */
async function settled(): Promise<void> {
  await owner.query('checkpoint')
  for (;;) {
    const busy = await owner.query(
      "select from pg_stat_activity where backend_type = 'autovacuum worker'"
    )
    const fresh = await owner.query(
      `select from pg_stat_user_tables
       where relname ~ '^flow_[0-9]{10}$' and last_autoanalyze is null`
    )
    if (busy.rowCount === 0 && fresh.rowCount === 0) return
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

interface Figures {
  p50: number
  p99: number
  max: number
}

/** Milliseconds that `work` takes, over `count` runs. */
async function timed(count: number, work: () => Promise<unknown>): Promise<Figures> {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const from = performance.now()
    await work()
    times.push(performance.now() - from)
  }
  times.sort((a, b) => a - b)
  const at = (share: number): number => times[Math.floor(share * (times.length - 1))] ?? 0
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

/** A random port at a random instant. */
function lookUp(): Promise<unknown> {
  const { word, port } = randomPublic(random)
  const atUs = firstUs + random(hours * 3600) * 1e6
  const [fromUs, toUs] = [atUs - 1e6, atUs + 1e6]
  return find({ address: [0, 0, v4MappedWord, word], port, fromUs, toUs, limit: 20_000 })
}

/** A round trip that reads nothing: what the machine's other work adds to every query. */
const idle = (): Promise<unknown> => lookup.query('ask', { name: 'idle', text: 'select 1' })

try {
  const source = await writer.registerSource('bench', 'conntrack')
  await writer.readCursor(source, 'bench')
  console.log(
    'rows\tpartitions\twrite rows/s\tp50 ms\tp99 ms\tmax ms\tselect 1 p50\tp99\t' +
      'heap B/row\tindex B/row'
  )
  let rows = 0
  for (const step of steps) {
    const before = rows
    const from = performance.now()
    rows = await fill(source, rows, step)
    const perSecond = Math.round(((rows - before) * 1000) / (performance.now() - from))
    await settled()
    await timed(warmUps, lookUp)
    const { p50, p99, max } = await timed(lookups, lookUp)
    const empty = await timed(lookups, idle)
    const sizes = await owner.query<{ heap: string; index: string; n: string }>(
      `select sum(pg_table_size(inhrelid)) heap, sum(pg_indexes_size(inhrelid)) "index", count(*) n
       from pg_inherits where inhparent = 'ledger.flow'::regclass`
    )
    const { heap, index, n } = sizes.rows[0] ?? { heap: '0', index: '0', n: '0' }
    const figures = [p50, p99, max, empty.p50, empty.p99].map((ms) => ms.toFixed(2))
    const octets = [heap, index].map((total) => (Number(total) / rows).toFixed(1))
    console.log([rows, n, perSecond, ...figures, ...octets].join('\t'))
  }
} finally {
  await writer.close()
  await lookup.close()
  await owner.end()
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}

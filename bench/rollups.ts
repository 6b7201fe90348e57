import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { FlowBatch } from '../model/flow-batch.ts'
import { batchRows } from '../model/limits.ts'
import { inlineMore } from '../model/inlining.ts'
import { noNetworks } from '../model/nat-view.ts'
import { reportsConfigOf, reportsSchema } from '../model/reports-settings.ts'
import { connect } from '../store/connect.ts'
import { embeddedUrls } from '../store/database-url.ts'
import { startEmbedded } from '../store/embedded.ts'
import { LedgerWriter } from '../store/ledger-writer.ts'
import { migrateToLatest } from '../store/migrate.ts'
import { hourOf, partitionUs } from '../store/partitions.ts'
import { Rollups } from '../store/rollups/rollups.ts'
import { namedBatch } from './named-flows.ts'
import { median, postmasterOf, serverCpu } from './process.ts'
import { makeRandom, shiftTimes } from './random-flows.ts'

/**
 * What sums for reports cost: the same rows written with and without them, in turn. CPU is that of
 * the writer and of every process of PostgreSQL. Rows come as they do at `--rate` a second: a
 * commit is what 200 ms of them are (`--rate 0`: as many as the pump takes at once), and sums are
 * written each minute of them.
 *
 * npx tsx bench/rollups.ts [--rows N] [--rate N] [--rounds N]
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '630000' },
    rate: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    warm: { type: 'string', default: '2' },
  },
})
// As a process that collects does.
inlineMore()
const rows = Number(values.rows)
const rate = Number(values.rate)
/** Where nothing else bounds it, some 100 000 rows a second are written. */
const rowsPerSecond = rate === 0 ? 100_000 : rate
const batchesPerCommit = rate === 0 ? 64 : Math.max(1, Math.round((rate * 0.2) / batchRows))
const settings = reportsConfigOf(reportsSchema.parse({}))

const dataDir = await mkdtemp(join(tmpdir(), 'flowledger-bench-'))
const server = await startEmbedded(dataDir)
try {
  const urls = embeddedUrls(server)
  await migrateToLatest(urls.owner, server.credentials)
  const owner = await connect(urls.owner)
  const postmaster = postmasterOf(dataDir)
  const random = makeRandom(99)
  const firstUs = hourOf(Date.now() * 1000) - 40 * partitionUs + 900e6
  const count = Math.ceil(rows / batchRows)
  const stepUs = (batchRows / rowsPerSecond) * 1e6
  const batches: FlowBatch[] = Array.from({ length: count }, (_, i) =>
    namedBatch(batchRows, random, i * batchRows, firstUs + i * stepUs, firstUs + (i + 1) * stepUs)
  )

  /** Writes everything; microseconds of CPU a row. */
  async function write(round: number, withSums: boolean) {
    let streamMs = Date.now()
    const options = { ...settings, nowMs: () => streamMs }
    const rollups = withSums ? new Rollups(options) : undefined
    const writer = new LedgerWriter(urls.collector, noNetworks, undefined, rollups)
    const source = await writer.registerSource(`bench ${round} ${withSums}`, 'netflow')
    await writer.readCursor(source, 'bench')
    const commit = async (at: number): Promise<void> => {
      streamMs += ((batchesPerCommit * batchRows) / rowsPerSecond) * 1000
      const part = batches.slice(at, at + batchesPerCommit)
      const wanted = { batches: part, areKept: true, gaps: [] }
      const cursor = { segment: 1, offset: at }
      await writer.commit({ source, spool: 'bench', ...wanted, cursor })
    }
    // The first commit of a spool makes partitions, and writes its own sums.
    await commit(0)
    await owner.query('checkpoint')
    const from = process.cpuUsage()
    const serverFrom = serverCpu(postmaster)
    for (let at = batchesPerCommit; at < batches.length; at += batchesPerCommit) await commit(at)
    const { user, system } = process.cpuUsage(from)
    const written = (batches.length - batchesPerCommit) * batchRows
    const cpu = { client: (user + system) / written, server: 0 }
    cpu.server = ((serverCpu(postmaster) - serverFrom) * 1e6) / written
    await writer.close()
    shiftTimes(batches, partitionUs)
    return { ...cpu, sumRows: rollups?.rows ?? 0 }
  }

  const without: number[] = []
  const withThem: number[] = []
  let sumRows = 0
  const warm = Number(values.warm)
  for (let round = -warm; round < Number(values.rounds); round++) {
    // In turn, and who is first changes: caches and checkpoints favour nobody.
    for (const withSums of round % 2 === 0 ? [false, true] : [true, false]) {
      const cost = await write(round, withSums)
      if (round >= 0) (withSums ? withThem : without).push(cost.client + cost.server)
      sumRows = Math.max(sumRows, cost.sumRows)
      process.stderr.write(`${withSums ? 'with' : 'without'}: ${JSON.stringify(cost)}\n`)
    }
  }
  console.log(
    JSON.stringify({
      rows: batches.length * batchRows,
      rate,
      cpuUsARow: { without: median(without), with: median(withThem) },
      ratio: Number((median(withThem) / median(without)).toFixed(3)),
      sumRows,
    })
  )
  await owner.end()
} finally {
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}

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
import { hourOf } from '../store/partitions.ts'
import { Rollups } from '../store/rollups/rollups.ts'
import { namedBatch } from './named-flows.ts'
import { median, postmasterOf, serverCpu } from './process.ts'
import { makeRandom, shiftTimes } from './random-flows.ts'

/**
 * What sums for reports cost: the same rows written with and without them, by two writers in turns
 * of a few seconds of stream time, so that what else the machine does meets both alike. CPU is that
 * of the writer and of every process of PostgreSQL. Rows come as they do at `--rate` a second: a
 * commit is what 200 ms of them are (`--rate 0`: as many as the pump takes at once), and sums are
 * written each minute of them. A round is `--rows` of one stream, which goes on to the next.
 *
 * npx tsx bench/rollups.ts [--rows N] [--rate N] [--rounds N] [--warm N]
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '630000' },
    rate: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    warm: { type: 'string', default: '1' },
  },
})
// As a process that collects does.
inlineMore()
const rows = Number(values.rows)
const rate = Number(values.rate)
/** Where nothing else bounds it, some 100 000 rows a second are written. */
const rowsPerSecond = rate === 0 ? 100_000 : rate
const batchesPerCommit = rate === 0 ? 64 : Math.max(1, Math.round((rate * 0.2) / batchRows))
/** Whole commits of some 40 000 rows: as long as a tick of PostgreSQL's CPU clock is little. */
const batchesPerTurn = batchesPerCommit * Math.max(1, Math.round(40 / batchesPerCommit))
const settings = reportsConfigOf(reportsSchema.parse({}))
/**
 * How often sums are written in rounds that do not count: a process that collects has compiled that
 * code long ago, and would have it compiled in what is measured here.
 */
const warmEveryMs = 2000

/** Microseconds of CPU a row. */
interface Cost {
  client: number
  server: number
}

/** One of the two writers; its clock is the stream's. */
class Side {
  readonly name: 'with' | 'without'
  readonly rollups: Rollups | undefined
  readonly #writer: LedgerWriter
  readonly #options = {
    keep: settings.keep,
    writeEveryMs: warmEveryMs,
    nowMs: () => this.#streamMs,
  }
  #source = 0
  #commits = 0
  #streamMs = Date.now()

  constructor(url: string, name: 'with' | 'without') {
    this.name = name
    this.rollups = name === 'with' ? new Rollups(this.#options) : undefined
    this.#writer = new LedgerWriter(url, noNetworks, undefined, this.rollups)
  }

  /** From now on sums are written as often as a process that collects writes them. */
  count(): void {
    this.#options.writeEveryMs = settings.writeEveryMs
  }

  async open(): Promise<void> {
    this.#source = await this.#writer.registerSource(`bench ${this.name}`, 'netflow')
    await this.#writer.readCursor(this.#source, 'bench')
  }

  async commit(batches: readonly FlowBatch[]): Promise<void> {
    this.#streamMs += ((batches.length * batchRows) / rowsPerSecond) * 1000
    const cursor = { segment: 1, offset: ++this.#commits }
    const wanted = { batches, areKept: true, gaps: [], cursor }
    await this.#writer.commit({ source: this.#source, spool: 'bench', ...wanted })
  }

  close(): Promise<void> {
    return this.#writer.close()
  }
}

const dataDir = await mkdtemp(join(tmpdir(), 'flowledger-bench-'))
const server = await startEmbedded(dataDir)
try {
  const urls = embeddedUrls(server)
  await migrateToLatest(urls.owner, server.credentials)
  const owner = await connect(urls.owner)
  const postmaster = postmasterOf(dataDir)
  const random = makeRandom(99)
  const count = Math.ceil(rows / batchRows)
  const stepUs = (batchRows / rowsPerSecond) * 1e6
  const firstUs = hourOf(Date.now() * 1000) - 40 * 3600e6 + 900e6
  const batches: FlowBatch[] = Array.from({ length: count }, (_, i) =>
    namedBatch(batchRows, random, i * batchRows, firstUs + i * stepUs, firstUs + (i + 1) * stepUs)
  )
  const summing = new Side(urls.collector, 'with')
  const sides = [new Side(urls.collector, 'without'), summing]
  for (const side of sides) await side.open()

  /** Adds what a turn of a side takes. */
  async function take(side: Side, part: readonly FlowBatch[], cost: Cost): Promise<void> {
    const from = process.cpuUsage()
    const serverFrom = serverCpu(postmaster)
    for (let at = 0; at < part.length; at += batchesPerCommit) {
      await side.commit(part.slice(at, at + batchesPerCommit))
    }
    const { user, system } = process.cpuUsage(from)
    cost.client += (user + system) / (count * batchRows)
    cost.server += ((serverCpu(postmaster) - serverFrom) * 1e6) / (count * batchRows)
  }

  const all = { without: [] as number[], with: [] as number[] }
  const warm = Number(values.warm)
  let turn = 0
  let sumRows = 0
  // Whoever is first after a checkpoint writes whole pages of what both touch: not in what counts.
  await owner.query('checkpoint')
  for (let round = -warm; round < Number(values.rounds); round++) {
    if (round === 0) for (const side of sides) side.count()
    const cost = { without: { client: 0, server: 0 }, with: { client: 0, server: 0 } }
    const rowsBefore = summing.rollups?.rows ?? 0
    for (let at = 0; at < count; at += batchesPerTurn) {
      // Who is first changes: caches and checkpoints favour nobody.
      for (const side of turn++ % 2 === 0 ? sides : sides.toReversed()) {
        await take(side, batches.slice(at, at + batchesPerTurn), cost[side.name])
      }
    }
    sumRows = (summing.rollups?.rows ?? 0) - rowsBefore
    shiftTimes(batches, count * stepUs)
    process.stderr.write(
      `${round < 0 ? 'not counted: ' : ''}${JSON.stringify({ ...cost, sumRows })}\n`
    )
    if (round < 0) continue
    for (const name of ['without', 'with'] as const) {
      all[name].push(cost[name].client + cost[name].server)
    }
  }
  const ratios = all.with.map((cost, i) => Number((cost / (all.without[i] ?? NaN)).toFixed(3)))
  console.log(
    JSON.stringify({
      rows: count * batchRows,
      rate,
      cpuUsARow: { without: median(all.without), with: median(all.with) },
      ratios,
      ratio: median(ratios),
      sumRows,
    })
  )
  for (const side of sides) await side.close()
  await owner.end()
} finally {
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}

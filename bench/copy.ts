import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { FlowBatch } from '../model/flow-batch.ts'
import { noNetworks } from '../model/nat-view.ts'
import { connect } from '../store/connect.ts'
import { CopyEncoder } from '../store/copy-encoder.ts'
import { embeddedUrls } from '../store/database-url.ts'
import { startEmbedded } from '../store/embedded.ts'
import { flowColumns } from '../store/flow-table.ts'
import { LedgerWriter } from '../store/ledger-writer.ts'
import { migrateToLatest } from '../store/migrate.ts'
import { ensurePartitions, hourOf, partitionUs } from '../store/partitions.ts'
import { postmasterOf, serverCpu } from './process.ts'
import { makeBatches, shiftTimes } from './random-flows.ts'
import { tellFigure } from './suite/figure.ts'

/**
 * The COPY path (columns -> encoder -> socket -> PostgreSQL, with cursor and progress) beside
 * PostgreSQL's own `COPY ... FROM file` of the same rows. Each round writes a partition of its own,
 * in turn; medians are told.
 *
 * npx tsx bench/copy.ts [--rows N] [--rounds N]
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
  },
})
const rows = Number(values.rows)
const rounds = Number(values.rounds)
const batchesPerCommit = 16

function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
}

async function encodeFile(path: string, batches: readonly FlowBatch[]): Promise<number> {
  const encoder = new CopyEncoder()
  const file = await open(path, 'w', 0o644)
  const from = performance.now()
  encoder.begin(1, noNetworks, Date.now() * 1000)
  for (const batch of batches) {
    encoder.append(batch)
    await file.write(encoder.bytes)
    encoder.clear()
  }
  encoder.finish()
  await file.write(encoder.bytes)
  await file.close()
  return (performance.now() - from) / 1000
}

const dataDir = await mkdtemp(join(tmpdir(), 'flowledger-bench-'))
const server = await startEmbedded(dataDir)
try {
  const urls = embeddedUrls(server)
  await migrateToLatest(urls.owner, server.credentials)
  const owner = await connect(urls.owner)
  const writer = new LedgerWriter(urls.collector, noNetworks)
  const source = await writer.registerSource('bench', 'conntrack')
  const firstHour = hourOf(Date.now() * 1000) - 1000 * partitionUs
  const batches = makeBatches(rows, firstHour)
  const written = batches.length * (batches[0]?.length ?? 0)
  const client: number[] = []
  const file: number[] = []
  const cpu: number[] = []
  const together: number[] = []
  const alone: number[] = []
  const postmaster = postmasterOf(dataDir)
  const usPerRow = (seconds: number): number => (seconds * 1e6) / written
  for (let round = 0; round < rounds; round++) {
    await owner.query('checkpoint')
    await writer.readCursor(source, 'bench')
    const [cpuFrom, databaseFrom] = [process.cpuUsage(), serverCpu(postmaster)]
    const from = performance.now()
    for (let at = 0; at < batches.length; at += batchesPerCommit) {
      await writer.commit({
        source,
        spool: 'bench',
        batches: batches.slice(at, at + batchesPerCommit),
        gaps: [],
        cursor: { segment: round, offset: at },
      })
    }
    client.push(written / ((performance.now() - from) / 1000))
    const { user, system } = process.cpuUsage(cpuFrom)
    cpu.push((user + system) / written)
    together.push((user + system) / written + usPerRow(serverCpu(postmaster) - databaseFrom))
    shiftTimes(batches, partitionUs)
    const path = join(dataDir, 'rows.copy')
    await encodeFile(path, batches)
    await ensurePartitions(owner, [firstHour + (2 * round + 1) * partitionUs])
    await owner.query('checkpoint')
    const [serverFrom, aloneFrom] = [performance.now(), serverCpu(postmaster)]
    await owner.query(`copy ledger.flow (${flowColumns.join(', ')}) from '${path}' (format binary)`)
    file.push(written / ((performance.now() - serverFrom) / 1000))
    alone.push(usPerRow(serverCpu(postmaster) - aloneFrom))
    shiftTimes(batches, partitionUs)
    process.stderr.write(`round ${round + 1}: client ${client.at(-1)} server ${file.at(-1)}\n`)
  }
  const { rows: sizes } = await owner.query<{ heap: string; index: string }>(
    `select sum(pg_table_size(inhrelid)) as heap, sum(pg_indexes_size(inhrelid)) as index
     from pg_inherits where inhparent = 'ledger.flow'::regclass`
  )
  const total = written * rounds * 2
  console.log(
    JSON.stringify(
      {
        rows: written,
        rounds,
        clientRowsPerSecond: Math.round(median(client)),
        serverRowsPerSecond: Math.round(median(file)),
        ratio: Number((median(client) / median(file)).toFixed(3)),
        cpuUsPerRow: { together: median(together), copyAlone: median(alone) },
        clientCpuUsPerRow: Number(median(cpu).toFixed(2)),
        heapBytesPerRow: Number((Number(sizes[0]?.heap) / total).toFixed(1)),
        indexBytesPerRow: Number((Number(sizes[0]?.index) / total).toFixed(1)),
      },
      undefined,
      2
    )
  )
  const [what, peer] = ['columns to rows', 'COPY FROM a file on the server']
  const unit = 'us CPU a row, PostgreSQL included'
  tellFigure({
    what: `${what}, all work`,
    unit,
    better: 'less',
    ours: together,
    peer,
    theirs: alone,
  })
  tellFigure({ what, unit: 'rows/s', better: 'more', ours: client, peer, theirs: file })
  await writer.close()
  await owner.end()
} finally {
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}

import { writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { to } from 'pg-copy-streams'
import { v4MappedWord } from '../model/address.ts'
import { ingestWhileSealing } from './archive-ingest.ts'
import { endedCpuSeconds, postmasterOf, serverCpu } from './process.ts'
import { makeBatches } from './random-flows.ts'
import { NfcapdHours } from './sealed-beside.ts'
import { octetsByColumn, SealedHours } from './sealed-rows.ts'
import { noNetworks } from '../model/nat-view.ts'
import { Archive } from '../store/archive/archive.ts'
import { partitionName } from '../store/archive/commit-seal.ts'
import { sealHours } from '../store/archive/seal.ts'
import { literal } from '../store/archive/duckdb.ts'
import { connect } from '../store/connect.ts'
import { openDatabase } from '../store/database.ts'
import { embeddedUrls } from '../store/database-url.ts'
import { startEmbedded } from '../store/embedded.ts'
import { makeFindSlices } from '../store/ledger-query.ts'
import { flowColumns } from '../store/flow-table.ts'
import { LedgerWriter } from '../store/ledger-writer.ts'
import { migrateToLatest } from '../store/migrate.ts'
import { hourOf, partitionUs } from '../store/partitions.ts'
import { SourceList } from '../store/source-list.ts'

/**
 * The sealed archive: how fast an hour is sealed, from PostgreSQL to the dropped partition; octets
 * a record of realistic sessions; and look-ups over many hours, cold and warm.
 *
 * npx tsx bench/archive.ts [--seal 1000000] [--rows 6000000] [--hours 4,16] [--lookups 200]
 * npx tsx bench/archive.ts --seal 0 --hours 2,17,167 --lookups 400 [--archive FOLDER] [--nfdump]
 * npx tsx bench/archive.ts --minutes 10 [--rate 60000]
 *
 * Cold: the kernel's page cache is dropped (root), and the process has opened no file yet; first:
 * each file is opened and proved as it is met; warm: the same questions again. With `--archive`
 * files are made in that folder and left there, and those that are there are not made again. With
 * `--nfdump` the sessions of the first hour go into a file of nfcapd's too, and nfdump scans it as
 * often as there are hours. With `--minutes` it does that alone: see bench/archive-ingest.ts.
 */
const { values } = parseArgs({
  options: {
    seal: { type: 'string', default: '1000000' },
    rows: { type: 'string', default: '6000000' },
    hours: { type: 'string', default: '4,16' },
    lookups: { type: 'string', default: '200' },
    minutes: { type: 'string', default: '0' },
    rate: { type: 'string', default: '60000' },
    nfdump: { type: 'boolean', default: false },
    archive: { type: 'string' },
  },
})
const rowsAnHour = Number(values.rows)
const steps = values.hours.split(',').map(Number)
const lookups = Number(values.lookups)

const dataDir = await mkdtemp(join(tmpdir(), 'flowledger-bench-'))
const directory = values.archive ?? join(dataDir, 'archive')
await mkdir(directory, { recursive: true })
const server = await startEmbedded(dataDir)
const urls = embeddedUrls(server)
await migrateToLatest(urls.owner, server.credentials)
const owner = await connect(urls.owner)
const lookup = openDatabase(urls.lookup, 2)
const lastHourUs = hourOf(Date.now() * 1000) - 4 * partitionUs
const firstHourUs = lastHourUs - (Math.max(...steps) + 1) * partitionUs

const postmaster = postmasterOf(dataDir)

/** CPU seconds of PostgreSQL, ended processes too. */
const databaseCpu = (): number => serverCpu(postmaster) + endedCpuSeconds(postmaster)

/** What bounds it: the same rows by COPY, of which nothing is looked at. */
async function readAlone(): Promise<void> {
  const [cpu, serverBefore] = [process.cpuUsage(), databaseCpu()]
  const text = `copy ledger.${partitionName(lastHourUs)} (${flowColumns.join(', ')}) to stdout`
  let octets = 0
  const copy = owner.query(to(`${text} (format binary)`))
  for await (const chunk of copy) octets += (chunk as Buffer).length
  const used = process.cpuUsage(cpu)
  const [own, theirs] = [used.user + used.system, (databaseCpu() - serverBefore) * 1e6]
  const rows = Number((await owner.query(`select count(*) from ledger.flow`)).rows[0]?.count)
  console.log(
    `reading alone: us of CPU a row, ${(theirs / rows).toFixed(2)} of PostgreSQL, ` +
      `${(own / rows).toFixed(2)} of this process, ${(octets / rows).toFixed(0)} octets`
  )
}

/** Seals an hour of random rows, and says where the time went. */
async function seal(rows: number): Promise<void> {
  const writer = new LedgerWriter(urls.collector, noNetworks)
  const source = await writer.registerSource('bench', 'conntrack')
  await writer.readCursor(source, 'bench')
  const batches = makeBatches(rows, lastHourUs)
  await writer.commit({
    source,
    spool: 'bench',
    batches,
    gaps: [],
    cursor: { segment: 1, offset: 1 },
  })
  await writer.close()
  await readAlone()
  const marks: string[] = []
  const [cpu, serverBefore] = [process.cpuUsage(), databaseCpu()]
  const from = performance.now()
  const [sealed] = await sealHours({
    ownerUrl: urls.owner,
    dataDir,
    directory,
    actor: 'bench',
    nowUs: Date.now() * 1000,
    olderThanUs: 3_600e6,
    hourUs: lastHourUs,
    onStep: (step) =>
      void marks.push(`${step} ${((performance.now() - from) / 1000).toFixed(2)} s`),
  })
  const seconds = (performance.now() - from) / 1000
  const used = process.cpuUsage(cpu)
  const cpuSeconds = (used.user + used.system) / 1e6
  const serverSeconds = databaseCpu() - serverBefore
  const count = sealed?.rows ?? 0
  console.log(
    `sealed ${count} rows in ${seconds.toFixed(2)} s: ${Math.round(count / seconds)} rows/s, ` +
      `${Math.round(count / cpuSeconds)} a second of this process's CPU, ` +
      `${Math.round(count / (cpuSeconds + serverSeconds))} of that and PostgreSQL's; ` +
      marks.join(', ')
  )
}

/** Key and start of a session of the first hour. */
type Sample = readonly [key: number, startUs: number]

interface Figures {
  readonly p50: number
  readonly p99: number
}

async function timed(
  count: number,
  work: () => Promise<number>
): Promise<Figures & { hits: number }> {
  const times: number[] = []
  let hits = 0
  for (let i = 0; i < count; i++) {
    const from = performance.now()
    hits += await work()
    times.push(performance.now() - from)
  }
  times.sort((a, b) => a - b)
  const at = (share: number): number => times[Math.floor(share * (times.length - 1))] ?? 0
  return { p50: at(0.5), p99: at(0.99), hits }
}

const seed = 4711
let state = seed
const random = (below: number): number => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
  return Math.floor((state / 2 ** 32) * below)
}

/** The same questions each time. */
async function again(one: () => Promise<number>): ReturnType<typeof timed> {
  state = seed
  return await timed(lookups, one)
}

async function measure(hours: number, sample: readonly Sample[]): Promise<void> {
  const open = (): [Archive, () => Promise<number>] => {
    const archive = new Archive(lookup, directory)
    const find = makeFindSlices(lookup, new SourceList(lookup), archive)
    const one = async (): Promise<number> => {
      const [key, startUs] = sample[random(sample.length)] ?? [0, 0]
      const atUs = startUs + random(hours) * partitionUs
      const address = [0, 0, v4MappedWord, Math.floor(key / 65_536)] as const
      const port = key % 65_536
      const window = { fromUs: atUs - 1e6, toUs: atUs + 1e6, limit: 20_000 }
      return (await find({ address, port, ...window })).slices.length
    }
    return [archive, one]
  }
  const cold = await timed(10, async () => {
    writeFileSync('/proc/sys/vm/drop_caches', '1')
    const [archive, one] = open()
    const found = await one()
    await archive.close()
    return found
  })
  const [archive, one] = open()
  // Each file is opened, and the parts that are asked for are proved, when they are first met.
  const first = await again(one)
  const warm = await again(one)
  await archive.close()
  const text = ({ p50, p99 }: Figures): string => `${p50.toFixed(1)} / ${p99.toFixed(1)} ms`
  console.log(
    `${hours * rowsAnHour} rows, ${hours} hours: p50 / p99 cold ${text(cold)}, ` +
      `first ${text(first)}, warm ${text(warm)} (${warm.hits} of ${lookups} found)`
  )
}

async function sampleOf(sealed: SealedHours): Promise<readonly Sample[]> {
  const rows = await sealed.duckDb.rows(
    `select public_key, epoch_us(start_at)
     from read_parquet([${sealed.first.map(literal).join(', ')}])
     where hash(flow_id) % ${Math.ceil(rowsAnHour / 1000)} = 0`
  )
  return rows.map(([key, startUs]) => [Number(key), Number(startUs)])
}

/** nfdump's scan of as many records, which are the same sessions. */
async function scanBeside(sealed: SealedHours, hours: number): Promise<void> {
  const beside = await NfcapdHours.record(sealed.duckDb, sealed.first, hours, dataDir)
  const [key] = (await sampleOf(sealed))[0] ?? [0]
  const ms = beside.scan(Math.floor(key / 65_536), key % 65_536)
  console.log(`nfdump: ${hours} files of ${beside.flows} flows scanned in ${ms.toFixed(0)} ms`)
}

/** Files of many hours: their sizes, and look-ups. */
async function measureFiles(): Promise<void> {
  const sealed = await SealedHours.open(directory, owner)
  await owner.query("insert into ledger.source (name, kind) values ('made', 'conntrack')")
  let [hour, octets] = [0, 0]
  for (const step of steps) {
    const from = performance.now()
    for (; hour < step; hour++) octets += await sealed.add(rowsAnHour, firstHourUs, hour)
    const seconds = (performance.now() - from) / 1000
    console.log(`${step} hours made by then in ${seconds.toFixed(0)} s, ${octets} octets`)
    await measure(step, await sampleOf(sealed))
  }
  if (values.nfdump) await scanBeside(sealed, hour)
  const each = await octetsByColumn(sealed.duckDb, sealed.first, rowsAnHour)
  const sum = (without: readonly string[]): string =>
    [...each]
      .filter(([name]) => !without.includes(name))
      .reduce((all, [, one]) => all + one, 0)
      .toFixed(1)
  const counters = ['octets', 'packets', 'reverse_octets', 'reverse_packets']
  const ids = ['flow_id', 'conntrack_id']
  console.log(`octets a record: all ${sum([])}; without counters ${sum(counters)}`)
  console.log(`  without the kernel's number ${sum(['conntrack_id'])}`)
  console.log(
    `  with counters, without ids ${sum(ids)}; without both ${sum([...ids, ...counters])}`
  )
  const list = [...each].sort((a, b) => b[1] - a[1]).filter(([, one]) => one >= 0.05)
  console.log(`  ${list.map(([name, one]) => `${name} ${one.toFixed(2)}`).join(', ')}`)
  sealed.duckDb.close()
}

try {
  if (Number(values.minutes) > 0) {
    const [minutes, rate] = [Number(values.minutes), Number(values.rate)]
    await ingestWhileSealing({ dataDir, directory, urls, minutes, rate })
  } else {
    if (Number(values.seal) > 0) await seal(Number(values.seal))
    await measureFiles()
  }
} finally {
  await lookup.close()
  await owner.end()
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}

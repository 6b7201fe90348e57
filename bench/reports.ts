import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { reports } from '../lookup-api/reports/reports.ts'
import { reportsConfigOf, reportsSchema } from '../model/reports-settings.ts'
import { rollupDimensions } from '../model/rollup.ts'
import { connect } from '../store/connect.ts'
import { openDatabase } from '../store/database.ts'
import { embeddedUrls } from '../store/database-url.ts'
import { startEmbedded } from '../store/embedded.ts'
import { migrateToLatest } from '../store/migrate.ts'
import { median, postmasterOf, serverCpu } from './process.ts'

/**
 * How long each report takes, and how much CPU of both processes (mean), over a year of sums: as
 * many as are kept by default of a gateway with 200 applications that are seen in each minute, 64
 * public addresses and 12 interfaces. With `--read` only those of them that are read where no step
 * is asked for: a fifth of the rows.
 *
 * npx tsx bench/reports.ts [--read]
 */
const { values: flags } = parseArgs({ options: { read: { type: 'boolean', default: false } } })
const widths = {
  minute: ['1 minute', '3 days'],
  five_minutes: ['5 minutes', '40 days'],
  hour: ['1 hour', '366 days'],
  day: ['1 day', '366 days'],
} as const

/** What is read of the finer widths where no step is asked for; of all that percentiles are of. */
const readOf: Readonly<Record<string, string>> = {
  minute: '1 day',
  five_minutes: '2 days',
  hour: '40 days',
}
const ofPercentiles = new Set(['total', 'transport', 'ingress', 'egress'])

/** Items of each dimension: their number, and how they are called. */
const items = {
  total: [1, "''"],
  application: [200, "'application-' || i"],
  category: [25, "'category-' || i"],
  protocol: [30, "'protocol-' || i"],
  transport: [4, '(array[1, 6, 17, 58])[i]::text'],
  ingress: [8, 'i::text'],
  egress: [4, '(100 + i)::text'],
  inside: [101, "case i when 101 then 'other' else '10.0.0.' || i end"],
} as const

const dataDir = await mkdtemp(join(tmpdir(), 'flowledger-bench-'))
const server = await startEmbedded(dataDir, { settings: { fsync: 'off' } })
try {
  const urls = embeddedUrls(server)
  await migrateToLatest(urls.owner, server.credentials)
  const owner = await connect(urls.owner)
  await owner.query("insert into ledger.source (name, kind) values ('gw1', 'netflow')")
  for (const [width, [step, kept]] of Object.entries(widths)) {
    for (const [dimension, [count, name]] of Object.entries(items)) {
      if (dimension === 'inside' && !['hour', 'day'].includes(width)) continue
      const isWhole = !flags.read || (width !== 'minute' && ofPercentiles.has(dimension))
      const span = isWhole ? kept : (readOf[width] ?? kept)
      await owner.query(
        `insert into rollup.traffic_${width} (at, octets, reverse_octets, packets, reverse_packets,
           connections, slices, dimension, source, item)
         select at, 1e9 * random() / i, 1e10 * random() / i, 1e6 / i, 1e7 / i, 1e4 / i, 1e4 / i,
           $1, 1, ${name}
         from generate_series(date_trunc('day', now()) - interval '${span}', now(), '${step}') at,
           generate_series(1, ${count}) i`,
        [rollupDimensions[dimension as keyof typeof items]]
      )
    }
    if (width === 'five_minutes') continue
    const span = flags.read ? (readOf[width] ?? kept) : kept
    const derived = width === 'minute' ? '' : ', ports_p50, ports_p95, ports_max, subscribers'
    const values = width === 'minute' ? '' : ', 20000, 30000, 40000 + random() * 1000, 500'
    await owner.query(
      `insert into rollup.pool_${width} (at, held_us, connections, block_us, block_port_us, source,
         address ${derived})
       select at, extract(epoch from interval '${step}') * 1e6 * 30000 * random(), 1e5, 0, 0, 1,
         '192.0.2.0'::inet + i ${values}
       from generate_series(date_trunc('day', now()) - interval '${span}', now(), '${step}') at,
         generate_series(0, 63) i`
    )
    await owner.query(
      `insert into rollup.gauge_${width} (at, total, highest, last, ceiling, samples, source, gauge)
       select at, 1e9, 1e9 * random(), 1e9, 1e12, 1, 1, gauge
       from generate_series(date_trunc('day', now()) - interval '${kept}', now(), '${step}') at,
         unnest('{conntrack-entries,database-octets,spool-octets,free-octets}'::text[]) gauge`
    )
  }
  await owner.query('vacuum analyze')
  const { rows } = await owner.query<{ rows: string; size: string }>(
    `select sum(n_live_tup) as rows, pg_size_pretty(sum(pg_total_relation_size(relid))) as size
     from pg_stat_user_tables where schemaname = 'rollup'`
  )
  process.stderr.write(`${rows[0]?.rows} rows, ${rows[0]?.size}\n`)
  const database = openDatabase(urls.lookup, 4)
  const settings = reportsConfigOf(reportsSchema.parse({}))
  const worst: Record<string, number> = {}
  const cpuMs: Record<string, number> = {}
  const postmaster = postmasterOf(dataDir)
  for (const [name, kind] of Object.entries(reports)) {
    for (const by of kind.by) {
      for (const from of ['-6h', '-1d', '-7d', '-30d', '-90d', '-366d']) {
        const took: number[] = []
        const fromCpu = process.cpuUsage()
        const fromServer = serverCpu(postmaster)
        for (let round = 0; round < 5; round++) {
          const start = performance.now()
          await kind.make({ from, by }, { database, settings, nowUs: Date.now() * 1000 })
          took.push(performance.now() - start)
        }
        const { user, system } = process.cpuUsage(fromCpu)
        const all = (user + system) / 1e3 + (serverCpu(postmaster) - fromServer) * 1e3
        cpuMs[`${name} ${by} ${from}`] = Math.round(all / took.length)
        worst[`${name} ${by} ${from}`] = Number(median(took).toFixed(1))
      }
    }
  }
  const slowest = Object.entries(worst).toSorted(([, a], [, b]) => b - a)
  console.log(
    JSON.stringify({ rows: rows[0], slowest: slowest.slice(0, 12), all: worst, cpuMs }, null, 1)
  )
  await database.close()
  await owner.end()
} finally {
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}

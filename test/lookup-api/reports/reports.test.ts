import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reportSchema } from '../../../lookup-api/reports/contract.ts'
import { reports } from '../../../lookup-api/reports/reports.ts'
import { trendOf, untilFull } from '../../../lookup-api/reports/trend.ts'
import { reportsConfigOf, reportsSchema } from '../../../model/reports-settings.ts'
import { connect } from '../../../store/connect.ts'
import { openDatabase } from '../../../store/database.ts'
import type { Database } from '../../../store/database.ts'
import { skipPostgres, usePostgres } from '../../postgres.ts'
import { makeLedgerRows } from '../../store/rollups/report-rows.ts'

describe.skipIf(skipPostgres)('every report', () => {
  const postgres = usePostgres()
  const settings = reportsConfigOf(reportsSchema.parse({ thresholds: { storage_days: 9 } }))
  let nowUs: number
  let owner: Client
  let database: Database

  beforeAll(async () => {
    owner = await connect(postgres.urls.owner)
    // Who reads sums alone: a report that looked at a flow would be refused.
    await owner.query(`
      create role sums login password 'nothing-else';
      grant connect on database flowledger to sums;
      grant usage on schema ledger, rollup to sums;
      grant select on ledger.source to sums;
      grant select on all tables in schema rollup to sums`)
    await makeLedgerRows(postgres.urls.collector)
    // Measurements are of the moment at which they are written.
    nowUs = Date.now() * 1000
    const url = postgres.urls.lookup
      .replace(/user=[^&]*/, 'user=sums')
      .replace(/password=[^&]*/, 'password=nothing-else')
    database = openDatabase(url, 4)
  })
  afterAll(async () => {
    await database?.close()
    await owner?.end()
  })

  const make = (name: string, input: Record<string, string>) =>
    reports[name]?.make(input, { database, settings, nowUs })

  const all = Object.entries(reports).flatMap(([name, { by, metric }]) =>
    by.flatMap((one) => metric.map((of) => ({ name, by: one, metric: of })))
  )

  test.each(all)('$name by $by of $metric is made of sums alone', async ({ name, by, metric }) => {
    for (const from of ['-8h', '-30d', '-300d']) {
      const report = reportSchema.parse(await make(name, { by, metric, from }))
      expect(report.table.rows.length, from).toBeGreaterThan(0)
      for (const { values } of report.series) expect(values.length).toBe(report.times.length)
      for (const row of report.table.rows) {
        expect(Object.keys(row)).toEqual(report.table.columns.map(({ key }) => key))
      }
    }
  })

  test('series are rates whose sum is the table', async () => {
    const report = await make('traffic', { from: '-8h', step: '1h' })
    const [row] = report?.table.rows ?? []
    expect(row).toMatchObject({ octets: 9_000_000, reverse_octets: 3_000_000, connections: 3 })
    const bits = (report?.series[0]?.values ?? []).reduce<number>((sum, v) => sum + (v ?? 0), 0)
    expect(bits * 3600).toBeCloseTo(8 * 12_000_000, -3)
  })

  test('a host of gateway gw1 held a port for ten minutes of an hour', async () => {
    const report = await make('nat-pool', { from: '-8h', step: '1h' })
    expect(report?.table.rows[0]).toMatchObject({ address: '192.0.2.1', subscribers: 1 })
    expect(Math.max(...(report?.series[0]?.values ?? []).map(Number))).toBeLessThan(0.1667)
    expect(report?.figures.map(({ key }) => key)).toContain('event_ports_exhausted')
  })

  test('a pool that grows by 1000 ports a day is full when the line says', async () => {
    const text = `
      insert into rollup.pool_day (at, held_us, connections, block_us, block_port_us, ports_max,
        source, address)
      select date_trunc('day', to_timestamp($1), 'UTC') - interval '1 day' * i, 0, 0, 0, 0,
        30000 - 1000 * i, 1, '192.0.2.77' from generate_series(1, 10) i`
    await owner.query(text, [nowUs / 1e6])
    const report = await make('nat-pool', { from: '-300d' })
    const row = report?.table.rows.find(({ address }) => address === '192.0.2.77')
    expect(row).toMatchObject({ growth: 1000, days_left: Math.floor((64_512 - 30_000) / 1000) })
    const still = report?.table.rows.find(({ address }) => address === '192.0.2.1')
    expect(still).toMatchObject({ growth: null, days_left: null })
  })

  test('storage lasts for what is free by what grows, and few days are told of', async () => {
    const hour = "date_trunc('hour', to_timestamp($1))"
    const columns = 'at, total, highest, last, ceiling, samples, source, gauge'
    await owner.query('delete from rollup.gauge_hour')
    for (const text of [
      `insert into rollup.gauge_hour (${columns})
       select ${hour} - interval '1 hour' * i, 1, 1, 100e9 - 1e9 * i, null, 1, 1, 'database-octets'
       from generate_series(0, 48) i`,
      `insert into rollup.gauge_hour (${columns})
       values (${hour}, 1, 1, 120e9, 1e12, 1, 1, 'free-octets')`,
    ]) {
      await owner.query(text, [nowUs / 1e6])
    }
    const report = await make('storage', { from: '-2d' })
    expect(report?.figures[0]).toMatchObject({ key: 'storage_days_left', value: 5 })
    expect(report?.notes.join(' ')).toContain('fewer than the 9')
  })
})

test('a trend that does not grow is never full', () => {
  const line = (slope: number) => trendOf([0, 1, 2, 3].map((x) => [x, 10 + slope * x] as const))
  expect(untilFull(line(2), 3, 20)).toBeCloseTo(2)
  expect(untilFull(line(0), 3, 20)).toBeNull()
  expect(untilFull(line(-1), 3, 20)).toBeNull()
  expect(untilFull(line(20), 3, 20)).toBe(0)
  expect(
    trendOf([
      [0, 1],
      [1, 2],
    ])
  ).toBeUndefined()
  expect(
    trendOf([
      [1, 1],
      [1, 2],
      [1, 3],
    ])
  ).toBeUndefined()
})

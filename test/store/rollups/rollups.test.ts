import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeLedgerPump } from '../../../appliance/ledger-pump.ts'
import { makeRandom } from '../../../bench/random-flows.ts'
import { configSchema } from '../../../model/config-schema.ts'
import { toConfig } from '../../../model/config.ts'
import { noNetworks } from '../../../model/nat-view.ts'
import { connect } from '../../../store/connect.ts'
import { openDatabase } from '../../../store/database.ts'
import type { Database } from '../../../store/database.ts'
import { LedgerWriter } from '../../../store/ledger-writer.ts'
import { writeNatRows } from '../../../store/nat-rows.ts'
import { readTraffic } from '../../../store/rollups/read-traffic.ts'
import { Rollups } from '../../../store/rollups/rollups.ts'
import type { SpoolPump } from '../../../store/spool-pump.ts'
import { SpoolSources } from '../../../store/spool-sources.ts'
import { SpoolWriter } from '../../../store/spool-writer.ts'
import { skipPostgres, usePostgres } from '../../postgres.ts'
import { hostsOfAddresses, poolByMinute, trafficByMinute, widen } from './day-oracle.ts'
import type { Sums } from './day-oracle.ts'
import { expectPool, expectTraffic, flowReports } from './report-oracle.ts'
import { blockBatch, dayBatch, dayExtras, makeRandomDay } from './random-day.ts'

/** In CI the same for the same tree, by test/global-setup.ts. */
const seed = fc.readConfigureGlobal().seed ?? Date.now() % 1e9
const dayUs = Math.floor(Date.now() / 86_400e3 - 1) * 86_400e6
const minutesOf = { minute: 1, five_minutes: 5, hour: 60, day: 1440 } as const
type Width = keyof typeof minutesOf

const log = { info: () => {}, warn: () => {}, error: () => {} }

describe.skipIf(skipPostgres)(`sums of a random day (seed ${seed})`, () => {
  const postgres = usePostgres()
  const random = makeRandom(seed)
  const day = makeRandomDay(seed, dayUs, 2500)
  const directory = mkdtempSync(join(tmpdir(), 'flowledger-rollups-'))
  let owner: Client
  let deaths = 0
  const traffic = trafficByMinute(day)
  const pool = poolByMinute(day)

  /**
   * A pump as a process has it, which dies in the middle: with a commit that it never sends, or one
   * whose answer it does not live to see.
   */
  async function run(commits: number, feed?: (pump: SpoolPump) => Promise<void>): Promise<void> {
    const config = toConfig(configSchema.parse({ data_dir: directory }))
    const options = {
      writeEveryMs: !feed && random(3) === 0 ? 1 : 60_000,
      keep: config.reports.keep,
    }
    const { collector } = postgres.urls
    const writer = new LedgerWriter(collector, noNetworks, writeNatRows, new Rollups(options))
    const commit = writer.commit.bind(writer)
    let left = commits
    const died = new Promise<void>((resolve) => {
      writer.commit = async (wanted) => {
        left--
        if (left < 0 && random(2) === 0) await commit(wanted)
        if (left >= 0) return await commit(wanted)
        deaths++
        resolve()
        return await new Promise<never>(() => {})
      }
    })
    const pumped = { directory, source: 'listener', kind: 'netflow', spool: 'n' } as const
    const pump = makeLedgerPump(writer, config, { ...pumped, extras: dayExtras }, log)
    const running = pump.run()
    await feed?.(pump)
    const reached = pump.reach(spool.position, 60_000)
    reached.catch(() => {})
    if ((await Promise.race([died.then(() => 'died'), reached.then(() => 'done')])) === 'died')
      return
    pump.stop()
    // It may die with the last sums, too.
    if ((await Promise.race([died.then(() => 'died'), running])) === 'died') return
    await writer.close()
  }

  const spool = new SpoolWriter({
    directory,
    source: 'x',
    maxBytes: 1 << 30,
    syncBytes: 1 << 20,
    extras: dayExtras,
  })

  beforeAll(async () => {
    owner = await connect(postgres.urls.owner)
    const sources = new SpoolSources(directory)
    for (const name of ['gw1', 'gw2']) sources.indexOf(name, 'netflow')
    const none = { watermarkUs: 0, closedThroughUs: 0 }
    // More frames than one commit takes, in no order: each lands in hours that were written before.
    const write = (at: number): void => {
      spool.append('slices', dayBatch(day.flows.slice(at, at + 3)), none)
      if (at % 90 > 0) return
      spool.append('nat', blockBatch(day.blocks.slice(at / 20, at / 20 + 4.5)), none)
    }
    const late = 1890
    for (let at = 0; at < late; at += 3) write(at)
    for (const lifetime of [1, 2, 3, 0, 2]) await run(lifetime)
    // The rest in small commits, whose rows wait for one another before they are added up.
    await run(Infinity, async (pump) => {
      for (let at = late; at < day.flows.length; at += 3) {
        write(at)
        if (random(4) === 0) await pump.reach(spool.position, 60_000)
      }
    })
  })
  afterAll(async () => {
    await owner?.end()
    rmSync(directory, { recursive: true, force: true })
  })

  const ids = `(select id, case name when 'gw1' then 1 else 2 end as number from ledger.source) s`

  async function stored(width: Width, what: 'traffic' | 'pool'): Promise<Sums> {
    const columns = {
      traffic: ['octets', 'reverse_octets', 'packets', 'reverse_packets', 'connections', 'slices'],
      pool: ['held_us', 'connections', 'block_us', 'block_port_us'],
    }[what]
    const { rows } = await owner.query<Record<string, string>>(
      `select ${what === 'traffic' ? 'dimension,' : ''} s.number,
         (extract(epoch from at) / 60)::int as minute,
         ${what === 'traffic' ? 'item' : 'host(address) as item'}, ${columns.join(', ')}
       from rollup.${what}_${width} r join ${ids} on s.id = r.source`
    )
    const entries = rows.map(({ dimension, number, minute, item, ...sums }) => {
      const key = [...(dimension === undefined ? [] : [dimension]), number, minute, item].join(' ')
      return [key, columns.map((name) => BigInt(sums[name] ?? -1))] as const
    })
    return new Map(entries.filter(([, numbers]) => numbers.some((number) => number !== 0n)))
  }

  const sorted = (sums: Sums): string[] =>
    [...sums].map(([key, numbers]) => `${key}: ${numbers.join(' ')}`).toSorted()

  test('the writer died in the middle of it', () => {
    expect(deaths).toBeGreaterThan(0)
  })

  test.each(Object.keys(minutesOf) as Width[])(
    'of each %s and item are those of the flows',
    async (width) => {
      const isFine = minutesOf[width] < 60
      const wanted = new Map(
        [...widen(traffic, minutesOf[width], 2)].filter(([key]) => !isFine || !key.startsWith('7 '))
      )
      expect(sorted(await stored(width, 'traffic'))).toEqual(sorted(wanted))
    }
  )

  test.each(['minute', 'hour', 'day'] as const)(
    'of each %s and public address too',
    async (width) => {
      expect(sorted(await stored(width, 'pool'))).toEqual(sorted(widen(pool, minutesOf[width], 1)))
    }
  )

  test.each(['total', 'application', 'category', 'transport', 'ingress'] as const)(
    'a time by %s is the same of coarser widths, and series add up to it',
    async (dimension) => {
      const fromUs = dayUs - 3600e6 + random(300) * 60e6
      const toUs = dayUs + 86_400e6 - random(300) * 60e6
      const ask = { dimension, width: 'minute', fromUs, toUs, stepUs: 60e6, by: 'item' } as const
      const database = openDatabase(postgres.urls.lookup)
      const query = { ...ask, metric: 'slices', limit: 3 } as const
      const fine = await readTraffic(database, query)
      const coarser = ['five_minutes', 'hour', 'day'] as const
      expect(await readTraffic(database, { ...query, coarser })).toEqual(fine)
      await database.close()
      for (const { values, slices } of fine) {
        expect(values.reduce((sum, value) => sum + value, 0)).toBe(slices)
      }
      expect(fine.length).toBeGreaterThan(0)
    }
  )

  describe('as reports tell them', () => {
    const fromUs = dayUs + random(8) * 3600e6
    const span = { fromUs, toUs: dayUs + (18 + random(7)) * 3600e6 }
    let database: Database
    beforeAll(() => {
      database = openDatabase(postgres.urls.lookup)
    })
    afterAll(() => database.close())

    test.each(flowReports)('%s by %s', (name, by) =>
      expectTraffic(database, [name, by], traffic, span)
    )
    test('nat-pool by address, with what gateways told of', () =>
      expectPool(database, pool, traffic, span))
  })

  test('whatever they are by, they add up to the ledger', async () => {
    const sums = (of: string) =>
      ['octets', 'reverse_octets', 'packets', 'reverse_packets']
        .map((name) => `sum(${of}.${name})::text as ${name}`)
        .join(', ')
    const { rows: ledger } = await owner.query(
      `select ${sums('f')}, count(*)::text as slices from ledger.flow f where kind >> 2 & 1 = 0`
    )
    const dimensions = { minute: 7, five_minutes: 7, hour: 8, day: 8 } as const
    for (const width of Object.keys(minutesOf) as Width[]) {
      const { rows } = await owner.query(
        `select ${sums('r')}, sum(slices)::text as slices from rollup.traffic_${width} r
         where dimension < 8 group by dimension`
      )
      expect(rows.length, width).toBe(dimensions[width])
      for (const row of rows) expect(row, width).toEqual(ledger[0])
    }
    const { rows: held } = await owner.query(
      `select sum(extract(epoch from end_at - start_at) * 1e6)::int8::text as us
       from ledger.flow where kind & 3 > 0`
    )
    const { rows: ports } = await owner.query(
      'select sum(held_us)::text as us from rollup.pool_hour'
    )
    expect(ports).toEqual(held)
  })

  test.each(['hour', 'day'] as const)(
    'percentiles of a %s are those of its minutes',
    async (width) => {
      const minutes = minutesOf[width]
      const present = new Map<string, Set<number>>()
      const ports = new Map<string, number[]>()
      for (const [key, [held = 0n]] of pool) {
        const [source, minute, address] = key.split(' ')
        const start = Math.floor(Number(minute) / minutes) * minutes
        const span = present.get(`${source} ${start}`) ?? new Set()
        present.set(`${source} ${start}`, span.add(Number(minute)))
        const of = `${source} ${start} ${address}`
        ports.set(of, [...(ports.get(of) ?? []), Number(held) / 60e6])
      }
      const rank = (values: readonly number[], n: number, share: number): number => {
        const zeros = Array.from({ length: n - values.length }, () => 0)
        return [...zeros, ...values].sort((a, b) => a - b)[Math.ceil(share * n) - 1] ?? NaN
      }
      const { rows } = await owner.query<Record<string, number> & { address: string }>(
        `select s.number, (extract(epoch from at) / 60)::int as minute, host(address) as address,
         ports_p50, ports_p95, ports_max, subscribers
       from rollup.pool_${width} r join ${ids} on s.id = r.source`
      )
      const hosts = hostsOfAddresses(day, minutes)
      expect(rows.length).toBeGreaterThanOrEqual(ports.size)
      for (const row of rows) {
        const key = `${row['number']} ${row['minute']} ${row.address}`
        const n = present.get(`${row['number']} ${row['minute']}`)?.size ?? 0
        const values = ports.get(key)
        if (values !== undefined) {
          expect(row['ports_p50'], key).toBeCloseTo(rank(values, n, 0.5), 4)
          expect(row['ports_p95'], key).toBeCloseTo(rank(values, n, 0.95), 4)
          expect(row['ports_max'], key).toBeCloseTo(Math.max(...values), 4)
        }
        const count = hosts.get(key)?.size ?? 0
        expect(Math.abs((row['subscribers'] ?? 0) - count), key).toBeLessThanOrEqual(
          2 + count * 0.1
        )
      }
    }
  )
})

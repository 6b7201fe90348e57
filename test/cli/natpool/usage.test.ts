import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readUsage } from '../../../cli/natpool/usage.ts'
import { openDatabase } from '../../../store/database.ts'
import type { Database } from '../../../store/database.ts'
import { connect } from '../../../store/connect.ts'
import { skipPostgres, usePostgres } from '../../postgres.ts'

const hourUs = 3600e6
const nowUs = Date.UTC(2026, 2, 4, 12, 30) * 1000

describe.skipIf(skipPostgres)('how evenly a pool is used', () => {
  const postgres = usePostgres()
  let database: Database

  beforeAll(async () => {
    database = openDatabase(postgres.urls.collector, 1)
    const owner = await connect(postgres.urls.owner)
    const source = `insert into ledger.source (name, kind) values ('gw', 'conntrack') returning id`
    const { rows } = await owner.query<{ id: number }>(source)
    const sums = [
      ['192.0.2.1', 300, 12, 0],
      ['192.0.2.1', 100, 8, 1],
      ['192.0.2.2', 200, 10, 0],
      ['192.0.2.3', 9000, 99, 40],
    ] as const
    for (const [address, connections, hosts, hoursAgo] of sums) {
      await owner.query(
        `insert into rollup.pool_hour (at, source, address, connections, held_us, subscribers, ports_max,
          block_us, block_port_us)
         values (to_timestamp($1), $2, $3, $4, $5, $6, $7, 0, 0)`,
        [
          (Math.floor(nowUs / hourUs) - hoursAgo) * 3600,
          rows[0]?.id,
          address,
          connections,
          10 * hourUs,
          hosts,
          2 * hosts,
        ]
      )
    }
    await owner.end()
  })
  afterAll(() => database.close())

  test('is told by address, the most used first, and against the mean', async () => {
    const { addresses, fullest, summary } = await readUsage(database, nowUs - 23 * hourUs, nowUs)
    expect(addresses).toMatchObject([
      { address: '192.0.2.1', connections: 400, hosts: 12, peak: 24 },
      { address: '192.0.2.2', connections: 200, hosts: 10, peak: 20 },
    ])
    expect(fullest).toBeCloseTo(4 / 3)
    expect(summary).toBe(
      '600 connections by 2 public addresses in 24 hours; the fullest carried 1.333 times the mean.'
    )
    const nothing = await readUsage(database, nowUs + 99 * hourUs, nowUs + 100 * hourUs)
    expect(nothing.addresses).toEqual([])
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../store/connect.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import { LedgerWriter } from '../../store/ledger-writer.ts'
import { missingPartitions } from '../../store/partitions.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { fillLedger, hourUs, nowUs } from './ledger-fixture.ts'

describe.skipIf(skipPostgres)('the table of flows', () => {
  const postgres = usePostgres()
  let lookup: Database

  beforeAll(async () => {
    lookup = openDatabase(postgres.urls.lookup)
    await fillLedger(postgres.urls.collector)
  })
  afterAll(() => lookup.close())

  it('knows which partitions are missing', async () => {
    expect(await missingPartitions(lookup, nowUs, 3)).toEqual([])
    const missing = await missingPartitions(lookup, nowUs, 5)
    expect(missing.map((us) => us % hourUs)).toEqual([0, 0])
    expect(missing[0]).toBe(Math.floor(nowUs / hourUs) * hourUs + 3 * hourUs)
  })

  it('has enough of them ahead until they are made again, over the end of an hour too', async () => {
    const writer = new LedgerWriter(postgres.urls.collector, { inside: [], local: [] })
    const lastUs = Math.floor((Date.now() * 1000) / hourUs) * hourUs + hourUs - 1
    await writer.ensureAhead(lastUs)
    await writer.close()
    expect(await missingPartitions(lookup, lastUs + 600e6)).toEqual([])
  })

  it('makes no partition that is out of bounds', async () => {
    const collector = await connect(postgres.urls.collector)
    for (const time of ['1989-12-31T23:00:00Z', '2999-01-01T00:00:00Z', 'infinity']) {
      const made = collector.query('select ledger.ensure_partition($1)', [time])
      await expect(made, time).rejects.toThrow()
    }
    await collector.end()
  })

  it('shows the same by plain names to people', async () => {
    const connection = await connect(postgres.urls.lookup)
    const { rows } = await connection.query(
      `select inside_ip, inside_port, public_ip, public_port, remote_ip, nat, zone, mark, continues,
         observed_times, end_reason, conntrack_id, last_packet_at = end_at - interval '10 s' as last
       from ledger.flows where flow_id = $1`,
      [(2n ** 60n + 1n).toString()]
    )
    expect(rows).toEqual([
      {
        inside_ip: '10.0.0.7',
        inside_port: 40_000,
        public_ip: '192.0.2.1',
        public_port: 61_284,
        remote_ip: '198.51.100.9',
        nat: 'source',
        zone: '7',
        mark: String(0x80000001),
        continues: true,
        observed_times: true,
        end_reason: 2,
        conntrack_id: String(0xfedcba98),
        last: true,
      },
    ])
    const v6 = await connection.query(
      'select inside_ip, public_ip, remote_ip from ledger.flows where flow_id = 4'
    )
    expect(v6.rows).toEqual([
      { inside_ip: 'fd00::7', public_ip: 'fd00::7', remote_ip: '2001:db8::9' },
    ])
    await connection.end()
  })
})

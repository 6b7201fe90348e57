import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requireAddress } from '../../model/address.ts'
import { maxSliceUs } from '../../model/limits.ts'
import { publicKey } from '../../model/public-key.ts'
import type { SliceQuery } from '../../model/slice.ts'
import { connect } from '../../store/connect.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import {
  findSlicesSql,
  findSlicesValues,
  makeFindManySlices,
  makeFindSlices,
} from '../../store/ledger-query.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { baseUs, fillLedger, short } from './ledger-fixture.ts'

/** A query at one instant, a second into the flows. */
const query = (address: string, more: Partial<SliceQuery> = {}): SliceQuery => ({
  address: requireAddress(address),
  fromUs: baseUs + 1e6,
  toUs: baseUs + 1e6,
  limit: 100,
  ...more,
})

describe.skipIf(skipPostgres)('the ledger', () => {
  const postgres = usePostgres()
  let lookup: Database
  let owner: Client

  const find = async (address: string, more: Partial<SliceQuery> = {}): Promise<string[]> => {
    const { slices, cut } = await makeFindSlices(lookup)(query(address, more))
    expect(cut).toBe(false)
    return slices.map(short)
  }

  beforeAll(async () => {
    lookup = openDatabase(postgres.urls.lookup)
    owner = await connect(postgres.urls.owner)
    await fillLedger(postgres.urls.collector)
  })
  afterAll(async () => {
    await lookup.close()
    await owner.end()
  })

  it('gives back every field of a slice exactly', async () => {
    const { slices } = await makeFindSlices(lookup)(query('192.0.2.1', { port: 61_284 }))
    expect(slices).toEqual([
      {
        source: 'gw1',
        flowId: 2n ** 60n + 1n,
        open: false,
        natKind: 1,
        protocol: 6,
        zone: 7,
        inside: { ip: requireAddress('10.0.0.7'), port: 40_000 },
        public: { ip: requireAddress('192.0.2.1'), port: 61_284 },
        remote: { ip: requireAddress('198.51.100.9'), port: 443 },
        connectionStartUs: baseUs - 86_400_000_001,
        startUs: baseUs,
        endUs: baseUs + 1800e6,
        lastPacketUs: baseUs + 1790e6,
        octets: 2n ** 53n + 1n,
        packets: 4n,
        reverseOctets: 5n,
        reversePackets: 6n,
        conntrackId: 0xfedcba98,
        mark: 0x80000001,
        endReason: 2,
        flags: 9,
      },
    ])
  })

  it('finds by port, by whole address, by protocol, whichever way it was translated', async () => {
    const at = { fromUs: baseUs + 15e6, toUs: baseUs + 300.5e6 }
    expect(await find('192.0.2.1', { ...at, port: 80 })).toEqual([
      '2: 10.0.0.8 8080 > 192.0.2.1 80 > 203.0.113.5 5555',
    ])
    expect(await find('192.0.2.1', at)).toHaveLength(3)
    expect(await find('192.0.2.1', { ...at, protocol: 17 })).toEqual([
      '3: 10.0.0.9 40001 > 192.0.2.1 61284 > 203.0.113.77 53',
    ])
    expect(await find('192.0.2.2', at)).toEqual([])
    expect(await find('fd00::7')).toEqual(['4: fd00::7 1024 > fd00::7 1024 > 2001:db8::9 443'])
    expect(await find('2001:db8:2::9', { port: 443 })).toEqual([
      '5: 2001:db8:2::9 443 > 2001:db8:2::9 443 > 2001:db8:1::7 1024',
    ])
  })

  it('holds an interval to the microsecond at both ends, across an hour too', async () => {
    for (const [us, found] of [
      [baseUs - 1, 0],
      [baseUs, 1],
      [baseUs + 1800e6, 1],
      [baseUs + 1800e6 + 1, 0],
    ] as const) {
      const at = { port: 61_284, protocol: 6, fromUs: us, toUs: us }
      expect(await find('192.0.2.1', at), String(us - baseUs)).toHaveLength(found)
    }
  })

  it('widens by the skew of the source', async () => {
    await owner.query("update ledger.source set skew_us = 2000000 where name = 'gw1'")
    const at = { port: 80, fromUs: baseUs + 21.9e6, toUs: baseUs + 21.9e6 }
    expect(await find('192.0.2.1', at)).toHaveLength(1)
    expect(await find('192.0.2.1', { ...at, fromUs: baseUs + 23e6, toUs: baseUs + 23e6 })).toEqual(
      []
    )
    await owner.query('update ledger.source set skew_us = 0')
  })

  it('tells an IPv6 address from another with the same hash', async () => {
    const key = publicKey(requireAddress('2001:db8:bad::1'), 1024)
    await owner.query(
      `insert into ledger.flow select $1, start_at, end_at, connection_start_at, 99, 0, 0, 0, 0, 0, 0,
         inside_port, remote_port, source, protocol, kind, inside_ip, remote_ip, extra
       from ledger.flow where flow_id = 4`,
      [key.toString()]
    )
    expect(await find('2001:db8:bad::1', { port: 1024 })).toEqual([])
  })

  it('says when the limit cut the list', async () => {
    const wide = query('192.0.2.1', { fromUs: baseUs, toUs: baseUs + 400e6, limit: 2 })
    expect(await makeFindSlices(lookup)(wide)).toMatchObject({ cut: true })
    const found = await makeFindSlices(lookup)({ ...wide, limit: 3 })
    expect(found.cut).toBe(false)
    expect(found.slices).toHaveLength(3)
  })

  it('gives many questions what each gets alone; times far apart share no statement', async () => {
    const statements: string[] = []
    const counting: Database = {
      ...lookup,
      query: (what, asked) => {
        if (asked.name === 'find many slices') statements.push(String(asked.values?.[6]))
        return lookup.query(what, asked)
      },
    }
    const day = 86_400e6
    const queries = [0, -400 * day, 5e6, -400 * day + 60e6, 300e6, -30 * day, 15e6].flatMap((us) =>
      ['192.0.2.1 61284', '192.0.2.1 80', '2001:db8:1::7 1024', '192.0.2.9 1'].map((end) => {
        const [address = '', port] = end.split(' ')
        const atUs = baseUs + us
        return query(address, { port: Number(port), fromUs: atUs, toUs: atUs + 1e6 })
      })
    )
    const alone = await Promise.all(queries.map(makeFindSlices(lookup)))
    expect(await makeFindManySlices(counting)(queries)).toEqual(alone)
    expect(alone.filter(({ slices }) => slices.length > 0).length).toBeGreaterThan(5)
    expect(statements).toHaveLength(3)
  })

  it('touches the partitions of its time alone, by the index', async () => {
    for (let hour = 1; hour <= 40; hour++) {
      const at = new Date(baseUs / 1000 - hour * 3_600_000)
      await owner.query('select ledger.ensure_partition($1)', [at])
    }
    const values = findSlicesValues(query('192.0.2.1', { port: 80 }), 0)
    await owner.query('set enable_seqscan = off')
    const { rows } = await owner.query<{ 'QUERY PLAN': string }>(`explain ${findSlicesSql}`, values)
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    expect(new Set(plan.match(/flow_\d{10}(?=\b)/g)).size).toBeLessThanOrEqual(2)
    expect(plan).toMatch(/Index.* Cond: .*public_key/)
    expect(plan).not.toContain('Seq Scan')
  })

  it('reaches back by the length of a slice and not more', () => {
    const values = findSlicesValues(query('192.0.2.1'), 5e6)
    const times = values.slice(2, 5).map((value) => Date.parse(String(value)) * 1000)
    expect(times).toEqual([baseUs - 4e6 - maxSliceUs, baseUs + 6e6, baseUs - 4e6])
  })
})

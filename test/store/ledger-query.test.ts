import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatWords, requireAddress } from '../../model/address.ts'
import { maxSliceUs } from '../../model/limits.ts'
import { noNetworks } from '../../model/nat-view.ts'
import { publicKey } from '../../model/public-key.ts'
import type { Endpoint, Slice, SliceQuery } from '../../model/slice.ts'
import { connect } from '../../store/connect.ts'
import { makeReadCoverage } from '../../store/coverage-query.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import { makeListFlows } from '../../store/flow-list.ts'
import { findSlicesSql, findSlicesValues, makeFindSlices } from '../../store/ledger-query.ts'
import { LedgerWriter } from '../../store/ledger-writer.ts'
import { missingPartitions } from '../../store/partitions.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { batchOf } from './flow-rows.ts'
import type { TestFlow } from './flow-rows.ts'

const hourUs = 3_600e6
const nowUs = Date.now() * 1000
/** Ten minutes before a full hour, so that slices cross it. */
const baseUs = Math.floor(nowUs / hourUs) * hourUs - 10 * hourUs - 600e6

const flows: readonly TestFlow[] = [
  {
    source: '10.0.0.7 40000',
    destination: '198.51.100.9 443',
    postNatSource: '192.0.2.1 61284',
    startUs: baseUs,
    endUs: baseUs + 1800e6,
    connectionStartUs: baseUs - 86_400_000_001,
    lastPacketUs: baseUs + 1790e6,
    id: 2n ** 60n + 1n,
    octets: 2n ** 53n + 1n,
    packets: 4n,
    reverseOctets: 5n,
    reversePackets: 6n,
    conntrackId: 0xfedcba98,
    mark: 0x80000001,
    zone: 7,
    flags: 9,
    endReason: 2,
  },
  // A port forward: asked for by the address that was addressed.
  {
    source: '203.0.113.5 5555',
    destination: '192.0.2.1 80',
    postNatDestination: '10.0.0.8 8080',
    startUs: baseUs + 10e6,
    endUs: baseUs + 20e6,
    id: 2n,
  },
  // The same public port towards another destination, by another protocol.
  {
    source: '10.0.0.9 40001',
    destination: '203.0.113.77 53',
    postNatSource: '192.0.2.1 61284',
    protocol: 17,
    startUs: baseUs + 300e6,
    endUs: baseUs + 301e6,
    id: 3n,
  },
  // IPv6, not translated; inside by its prefix (RFC 4193), then both ends unknown: two views.
  {
    source: 'fd00::7 1024',
    destination: '2001:db8::9 443',
    startUs: baseUs,
    endUs: baseUs + 5e6,
    id: 4n,
    zone: 1,
  },
  {
    source: '2001:db8:1::7 1024',
    destination: '2001:db8:2::9 443',
    startUs: baseUs,
    endUs: baseUs + 5e6,
    id: 5n,
  },
]

function text({ ip, port }: Endpoint): string {
  return `${formatWords(ip)} ${port}`
}

function short(slice: Slice): string {
  return `${slice.flowId}: ${text(slice.inside)} > ${text(slice.public)} > ${text(slice.remote)}`
}

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
    const writer = new LedgerWriter(postgres.urls.collector, noNetworks)
    await writer.ensureAhead(nowUs, 3)
    const source = await writer.registerSource('gw1', 'conntrack')
    await writer.registerSource('file', 'import')
    await writer.readCursor(source, 's')
    await writer.commit({
      source,
      spool: 's',
      batches: [batchOf(flows)],
      gaps: [
        { fromUs: baseUs, toUs: baseUs + 10, reason: 'overrun', lost: 3 },
        { fromUs: baseUs + 100, toUs: baseUs + 200, reason: 'down' },
      ],
      progress: { watermarkUs: baseUs + 2, closedThroughUs: baseUs + 1 },
      watchedFromUs: baseUs - 7,
      cursor: { segment: 0, offset: 1 },
    })
    await writer.close()
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

  it('lists flows page by page, each row once', async () => {
    const list = makeListFlows(lookup)
    const all = { fromUs: baseUs, toUs: baseUs + hourUs, limit: 1000 }
    const whole = (await list(all)).items.map(short)
    expect(whole).toHaveLength(7)
    const paged: string[] = []
    let cursor: string | undefined
    do {
      const page = await list({ ...all, limit: 2, cursor })
      expect(page.items.length).toBeLessThanOrEqual(2)
      paged.push(...page.items.map(short))
      cursor = page.next
    } while (cursor !== undefined)
    expect(paged).toEqual(whole)
    const inside = requireAddress('10.0.0.8')
    expect((await list({ ...all, inside })).items.map(short)).toHaveLength(1)
    const outside = { ...all, public: requireAddress('192.0.2.1') }
    expect((await list(outside)).items).toHaveLength(3)
    const outsideV6 = { ...all, public: requireAddress('2001:db8:1::7') }
    expect((await list(outsideV6)).items.map(short)).toHaveLength(1)
    expect((await list({ ...all, toUs: baseUs })).items).toEqual([])
    await expect(list({ ...all, cursor: '1; drop' })).rejects.toMatchObject({ code: 'usage' })
  })

  it('reads the coverage with the gaps that meet the time', async () => {
    const read = makeReadCoverage(lookup)
    expect(await read(baseUs + 5, baseUs + 50)).toEqual([
      {
        source: 'file',
        kind: 'import',
        watchedFromUs: undefined,
        watermarkUs: -Infinity,
        closedThroughUs: -Infinity,
        skewUs: 0,
        gaps: [],
      },
      {
        source: 'gw1',
        kind: 'conntrack',
        watchedFromUs: baseUs - 7,
        watermarkUs: baseUs + 2,
        closedThroughUs: baseUs + 1,
        skewUs: 0,
        gaps: [{ fromUs: baseUs, toUs: baseUs + 10, reason: 'overrun', lost: 3 }],
      },
    ])
    const gaps = async (from: number, to: number): Promise<number> =>
      (await read(baseUs + from, baseUs + to))[1]?.gaps.length ?? -1
    expect(await gaps(10, 100)).toBe(2)
    expect(await gaps(11, 99)).toBe(0)
  })

  it('shows the same by plain names to people', async () => {
    const { rows } = await owner.query(
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
    const v6 = await owner.query(
      'select inside_ip, public_ip, remote_ip from ledger.flows where flow_id = 4'
    )
    expect(v6.rows).toEqual([
      { inside_ip: 'fd00::7', public_ip: 'fd00::7', remote_ip: '2001:db8::9' },
    ])
  })

  it('knows which partitions are missing', async () => {
    expect(await missingPartitions(lookup, nowUs, 3)).toEqual([])
    const missing = await missingPartitions(lookup, nowUs, 5)
    expect(missing.map((us) => us % hourUs)).toEqual([0, 0])
    expect(missing[0]).toBe(Math.floor(nowUs / hourUs) * hourUs + 3 * hourUs)
  })

  it('makes no partition that is out of bounds', async () => {
    const collector = await connect(postgres.urls.collector)
    for (const time of ['1989-12-31T23:00:00Z', '2999-01-01T00:00:00Z', 'infinity']) {
      const made = collector.query('select ledger.ensure_partition($1)', [time])
      await expect(made, time).rejects.toThrow()
    }
    await collector.end()
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAddress, parsePrefix } from '../../model/address.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import {
  makeFindHoldings,
  makeHoldingsOf,
  makeIdentitySources,
} from '../../store/identity-query.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { eventOf } from './identity-events.ts'
import { at, m1, m2, makeSource, text } from './identity-fixture.ts'

describe.skipIf(skipPostgres)('look-ups of who held what', () => {
  const postgres = usePostgres()
  let database: Database

  beforeAll(() => {
    database = openDatabase(postgres.urls.identity)
  })
  afterAll(() => database.close())

  it('finds prefixes by the addresses in them, of both families', async () => {
    const { write, held } = makeSource(database)
    const delegated = '2001:db8:77::/48'
    await write(
      { kind: 'delegation', what: 'start', at: 0, until: 60, duid: '00', prefix: delegated },
      { what: 'start', at: 0, until: 60, mac: m1, prefix: '2001:db8:77::9' },
      { what: 'start', at: 0, until: 60, mac: m2, prefix: '10.77.0.0/24' }
    )
    expect(await held('2001:db8:77::9')).toEqual(['- 0..0..60?', `${m1} 0..0..60?`])
    expect(await held('2001:db8:77:1::1')).toEqual(['- 0..0..60?'])
    expect(await held('2001:db8:78::1')).toEqual([])
    expect(await held('10.77.0.200')).toEqual([`${m2} 0..0..60?`])
    const prefix = parsePrefix('2001:db8:77::/48')
    if (prefix === undefined) throw new Error('no prefix')
    const query = { prefix, fromUs: at(0), toUs: at(10), limit: 10 }
    expect((await makeHoldingsOf(database)(query)).map(text)).toHaveLength(2)
  })

  it('widens by the skew of the source, and says so', async () => {
    const { write, held, address } = makeSource(database, 'dhcpd', 120e6)
    await write({ what: 'start', at: 10, mac: m1 }, { what: 'end', at: 20, mac: m1 })
    expect(await held(address, 22, 23)).toEqual([`${m1} 10..20..20`])
    expect(await held(address, 22.5, 23)).toEqual([])
    expect(await held(address, 0, 8)).toEqual([`${m1} 10..20..20`])
    expect(await held(address, 0, 7.5)).toEqual([])
    const words = parseAddress(address)
    if (words === undefined) throw new Error(address)
    const query = { address: words, fromUs: at(15), toUs: at(15), limit: 1 }
    expect((await makeFindHoldings(database)(query))[0]?.skewUs).toBe(120e6)
  })

  it('looks up what a device or user held', async () => {
    const { write } = makeSource(database)
    const mac = '02:00:00:00:ff:01'
    await write(
      { what: 'start', at: 0, until: 60, mac, prefix: '10.99.0.1' },
      { what: 'start', at: 100, until: 160, mac, prefix: '10.99.0.2', user: 'Ann@Example' }
    )
    const of = makeHoldingsOf(database)
    const when = { fromUs: at(0), toUs: at(200), limit: 10 }
    expect((await of({ mac, ...when })).map(text)).toEqual([
      `${mac} 0..0..60?`,
      'Ann@Example 100..100..160?',
    ])
    expect((await of({ user: 'ann@eXample', ...when })).map(text)).toHaveLength(1)
    expect(await of({ mac, fromUs: at(61), toUs: at(99), limit: 10 })).toEqual([])
    expect(await of({ mac: mac.toUpperCase(), ...when })).toHaveLength(2)
    expect(await of({ mac: 'nobody', ...when })).toEqual([])
  })

  it('finds names with letters outside ASCII in whatever case, composed or not', async () => {
    const { write } = makeSource(database)
    const session = (user: string, from: number, prefix: string) =>
      write({ what: 'start', at: from, until: from + 9, user, prefix })
    await session('JÖRG.MÜLLER@isp', 0, '10.97.0.1')
    await session('Jörg.Müller@isp', 20, '10.97.0.2')
    await session('jörg.müller@ISP'.normalize('NFD'), 40, '10.97.0.3')
    await session('Jorg.Muller@isp', 60, '10.97.0.4')
    const of = makeHoldingsOf(database)
    for (const user of ['jörg.müller@isp', 'JÖRG.MÜLLER@ISP', 'Jörg.Müller@isp']) {
      for (const form of ['NFC', 'NFD']) {
        const held = await of({ user: user.normalize(form), fromUs: at(0), toUs: at(99), limit: 9 })
        expect([user, form, held.length]).toEqual([user, form, 3])
      }
    }
    const circuit = 'Straße Ä 7'
    await write({ what: 'start', at: 0, until: 60, mac: m1, prefix: '10.97.0.5', circuit })
    const when = { fromUs: at(0), toUs: at(99), limit: 9 }
    expect(await of({ circuitId: 'straße ä 7', ...when })).toHaveLength(1)
  })

  it('looks up what a line held, by either part of option 82', async () => {
    const { write } = makeSource(database)
    const line = { circuit: 'OLT1 0/1/7', remote: 'cpe-a7' }
    await write(
      { what: 'start', at: 0, until: 60, mac: m1, prefix: '10.98.0.1', ...line },
      { what: 'start', at: 100, until: 160, mac: m2, prefix: '10.98.0.2', ...line },
      { what: 'start', at: 0, until: 60, mac: m2, prefix: '10.98.0.3', circuit: 'OLT1 0/1/70' }
    )
    const of = makeHoldingsOf(database)
    const when = { fromUs: at(0), toUs: at(200), limit: 10 }
    const both = [`${m1} 0..0..60?`, `${m2} 100..100..160?`]
    expect((await of({ circuitId: 'olt1 0/1/7', ...when })).map(text)).toEqual(both)
    expect((await of({ remoteId: 'CPE-A7', ...when })).map(text)).toEqual(both)
    expect(await of({ circuitId: 'OLT1 0/1/7', fromUs: at(61), toUs: at(99), limit: 10 })).toEqual(
      []
    )
    const plan = await database.query<{ 'QUERY PLAN': string }>('explain', {
      text: `explain select 1 from identity.holding h where h.merged_into is null and h.end_week >= 1
             and h.circuit_id is not null
             and lower(h.circuit_id) = any(array(select lower(one) from unnest('{x}'::text[]) one))`,
    })
    expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toContain('holding_circuit')
  })

  it('counts, keeps cursors and gaps, and says how well a source was heard', async () => {
    const { writer, name, address } = makeSource(database)
    expect(await writer.readCursor('inode 7')).toBeUndefined()
    const cursor = { file: '/leases', key: 'inode 7', offset: 2 ** 40 }
    const wild = { ...eventOf({ at: 0, prefix: address }), atUs: NaN }
    await writer.write([eventOf({ at: 5, prefix: address }), wild], {
      atUs: at(9),
      counters: { read: 3, unknown: 1, refused: 0 },
      cursor,
      gaps: [{ fromUs: at(1), toUs: at(2), reason: 'not-running' }],
    })
    await writer.write([], { atUs: at(8), counters: { read: 1, unknown: 0, refused: 0 } })
    expect(await writer.readCursor('inode 7')).toBe(2 ** 40)
    const sourcesAt = async (from: number, to: number) =>
      (await makeIdentitySources(database)(at(from), at(to))).find((each) => each.name === name)
    expect(await sourcesAt(0, 9)).toEqual({
      name,
      kind: 'dhcpd',
      skewUs: 0,
      heardFromUs: at(5),
      lastHeardUs: at(9),
      read: 4,
      unknown: 1,
      refused: 1,
      gaps: [{ fromUs: at(1), toUs: at(2), reason: 'not-running' }],
    })
    expect((await sourcesAt(3, 9))?.gaps).toEqual([])
  })
})

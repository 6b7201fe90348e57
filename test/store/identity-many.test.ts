import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requireAddress } from '../../model/address.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import { makeFindManyHoldings, makeManyIdentitySources } from '../../store/identity-many.ts'
import { makeFindHoldings, makeIdentitySources } from '../../store/identity-query.ts'
import { IdentityWriter } from '../../store/identity-writer.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { baseUs, eventOf, minuteUs } from './identity-events.ts'

const at = (minutes: number): number => baseUs + minutes * minuteUs

describe.skipIf(skipPostgres)('many questions in one round trip', () => {
  const postgres = usePostgres()
  let database: Database

  beforeAll(async () => {
    database = openDatabase(postgres.urls.identity)
    for (const [name, skewUs] of [['leases', 0] as const, ['sessions', 90e6] as const]) {
      const writer = new IdentityWriter(database, { name, kind: 'dhcpd', skewUs })
      const leases = Array.from({ length: 40 }, (_, i) => {
        const mac = `02:00:00:00:00:${String(10 + i)}`
        return { at: 7 * i, until: 7 * i + 5, prefix: `10.0.0.${i % 3}`, mac, key: `${name} ${i}` }
      })
      const line = { at: 0, until: 900, prefix: '2001:db8::/56', user: name, key: 'line' }
      const events = [...leases, line].map((one) => eventOf({ ...one, what: 'start' as const }))
      const counters = { read: 41, unknown: 0, refused: 0 }
      await writer.write(events, { atUs: at(300), counters })
    }
    await database.query('break off', {
      text: `insert into identity.gap (source, from_at, to_at, reason)
             select id, to_timestamp($1), to_timestamp($2), 'down' from identity.source`,
      values: [at(50) / 1e6, at(60) / 1e6],
    })
  })
  afterAll(() => database.close())

  const addresses = ['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.9', '2001:db8:0:7::1', '::1']
  const questions = addresses.flatMap((address) =>
    [0, 30, 55, 280].flatMap((minute) =>
      [1, 3, 100].map((limit) => ({
        address: requireAddress(address),
        fromUs: at(minute),
        toUs: at(minute + 20),
        limit,
      }))
    )
  )

  it('finds for each the holdings that it finds alone', async () => {
    const find = makeFindHoldings(database)
    const alone = await Promise.all(questions.map(find))
    expect(await makeFindManyHoldings(database)(questions)).toEqual(alone)
    expect(new Set(alone.map(({ length }) => length)).size).toBeGreaterThan(3)
  })

  it('lists for each the sources with the gaps of its time', async () => {
    const sources = makeIdentitySources(database)
    const alone = await Promise.all(questions.map(({ fromUs, toUs }) => sources(fromUs, toUs)))
    expect(await makeManyIdentitySources(database)(questions)).toEqual(alone)
    expect(new Set(alone.flat().map(({ gaps }) => gaps.length))).toEqual(new Set([0, 1]))
  })
})

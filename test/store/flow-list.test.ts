import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requireAddress } from '../../model/address.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import { makeListFlows } from '../../store/flow-list.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { baseUs, fillLedger, hourUs, short } from './ledger-fixture.ts'

describe.skipIf(skipPostgres)('the list of flows', () => {
  const postgres = usePostgres()
  let lookup: Database

  beforeAll(async () => {
    lookup = openDatabase(postgres.urls.lookup)
    await fillLedger(postgres.urls.collector)
  })
  afterAll(() => lookup.close())

  it('lists flows page by page, each row once', async () => {
    const list = makeListFlows(lookup)
    const all = { fromUs: baseUs, toUs: baseUs + hourUs, limit: 1000 }
    const whole = (await list(all)).items.map(short)
    expect(whole).toHaveLength(6)
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
})

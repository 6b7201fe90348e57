import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import { makeReadCoverage } from '../../store/coverage-query.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { baseUs, fillLedger } from './ledger-fixture.ts'

describe.skipIf(skipPostgres)('the coverage', () => {
  const postgres = usePostgres()
  let lookup: Database

  beforeAll(async () => {
    lookup = openDatabase(postgres.urls.lookup)
    await fillLedger(postgres.urls.collector)
  })
  afterAll(() => lookup.close())

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
})

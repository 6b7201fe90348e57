import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Archive } from '../../store/archive/archive.ts'
import { makeListAllFlows } from '../../store/archive/list-flows.ts'
import { sealHours } from '../../store/archive/seal.ts'
import { openDatabase } from '../../store/database.ts'
import type { FlowOrder } from '../../store/flow-windows.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { fill } from './archive/fill.ts'
import { firstHourUs, hourUs } from './archive/random-flows.ts'

/** Flow ids past 2^63 - 1 are all that in the table: connections of one instant are alike then. */
describe.skipIf(skipPostgres)('rows that nothing in their key tells apart', () => {
  const postgres = usePostgres()
  const ports = Array.from({ length: 25 }, (_, i) => 2000 + i)

  test('are listed once each, whatever row a page ends with, in the database and sealed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'flowledger-ties-'))
    const lookup = openDatabase(postgres.urls.lookup)
    const archive = new Archive(lookup, directory)
    const list = makeListAllFlows(lookup, archive)
    async function listed(order: FlowOrder, limit: number): Promise<number[]> {
      const found: number[] = []
      const query = { fromUs: firstHourUs, toUs: firstHourUs + hourUs, order, limit }
      for (let cursor: string | undefined; ;) {
        const { items, next } = await list({ ...query, cursor })
        found.push(...items.map(({ inside }) => inside.port))
        if (next === undefined) return found.toSorted((a, b) => a - b)
        cursor = next
      }
    }
    try {
      const rows = ports.map((port) => ({
        source: `10.0.0.1 ${port}`,
        destination: '198.51.100.1 443',
        postNatSource: `192.0.2.1 ${port}`,
        startUs: firstHourUs + 60e6,
        endUs: firstHourUs + 61e6,
        id: 2n ** 63n + BigInt(port),
      }))
      await fill(postgres.urls.collector, rows)
      const everyWay = async (): Promise<number[][]> => [
        await listed('oldest', 4),
        await listed('newest', 4),
        await listed('newest', 1),
      ]
      expect(await everyWay()).toEqual([ports, ports, ports])
      await sealHours({
        ownerUrl: postgres.urls.owner,
        dataDir: postgres.dataDir,
        directory,
        actor: 'test',
        nowUs: Date.now() * 1000,
        olderThanUs: 7200e6,
      })
      expect(await everyWay()).toEqual([ports, ports, ports])
    } finally {
      await archive.close()
      await lookup.close()
      await rm(directory, { recursive: true })
    }
  })

  test('a cursor that names no row of any table is refused', async () => {
    const lookup = openDatabase(postgres.urls.lookup)
    const archive = new Archive(lookup, '/nowhere')
    const list = makeListAllFlows(lookup, archive)
    const query = { fromUs: firstHourUs, toUs: firstHourUs + hourUs, limit: 1 }
    const hour = firstHourUs / 1e6
    const cursor = `o.${hour}.1.0.5.0.5.${firstHourUs}.1.1.0.${10 ** 15 - 1}`
    await expect(list({ ...query, cursor })).rejects.toMatchObject({ code: 'usage' })
    await archive.close()
    await lookup.close()
  })
})

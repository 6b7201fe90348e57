import fc from 'fast-check'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeBatches } from '../../bench/random-flows.ts'
import { requireAddress } from '../../model/address.ts'
import { noNetworks } from '../../model/nat-view.ts'
import type { Slice } from '../../model/slice.ts'
import { connect } from '../../store/connect.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import { makeListFlows } from '../../store/flow-list.ts'
import type { FlowListQuery } from '../../store/flow-list.ts'
import { grow, nextWindow } from '../../store/flow-windows.ts'
import type { Window } from '../../store/flow-windows.ts'
import { LedgerWriter } from '../../store/ledger-writer.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { baseUs, hourUs, nowUs } from './ledger-fixture.ts'

it('windows hold every block of a partition once, those of the asked time first', () => {
  const heap = fc.nat(40_000).chain((blocks) =>
    fc.record({
      blocks: fc.constant(blocks),
      pivot: fc.nat(blocks),
      order: fc.constantFrom('oldest' as const, 'newest' as const),
    })
  )
  fc.assert(
    fc.property(heap, ({ blocks, pivot, order }) => {
      const windows: Window[] = []
      let size: number | undefined
      for (let at: Window | undefined; ; windows.push(at)) {
        at = nextWindow(order, { pivot, blocks }, at, (size = grow(size)))
        if (at === undefined) break
      }
      const sorted = windows.toSorted((a, b) => a.from - b.from)
      let next = 0
      for (const { from, to } of sorted) {
        expect(from).toBe(next)
        expect(to).toBeGreaterThan(from)
        next = to
      }
      expect(next).toBe(blocks)
      const [first] = windows
      const hasFirst = order === 'oldest' ? pivot < blocks : pivot > 0
      if (hasFirst) expect(order === 'oldest' ? first?.from : first?.to).toBe(pivot)
    })
  )
})

describe.skipIf(skipPostgres)('the list of a ledger of many windows', () => {
  const postgres = usePostgres()
  const startUs = Math.floor(baseUs / hourUs) * hourUs
  const all = { fromUs: startUs, toUs: startUs + 2 * hourUs, limit: 1000 }
  let lookup: Database
  let owner: Client

  beforeAll(async () => {
    lookup = openDatabase(postgres.urls.lookup)
    owner = await connect(postgres.urls.owner)
    const writer = new LedgerWriter(postgres.urls.collector, noNetworks)
    const source = await writer.registerSource('gw1', 'conntrack')
    await writer.readCursor(source, 's')
    let offset = 0
    // The second hour first, and then late rows of the first one in turn with its own.
    for (const from of [startUs + hourUs, startUs, startUs + 120e6]) {
      const batches = makeBatches(10_240, from)
      for (const batch of batches) {
        const ids = batch.columns.flowId
        for (let row = 0; row < batch.length; row++) ids[2 * row + 1] = offset + 1
      }
      offset++
      for (let at = 0; at < batches.length; at += 4) {
        const cursor = { segment: offset, offset: at }
        const part = batches.slice(at, at + 4)
        await writer.commit({ source, spool: 's', batches: part, gaps: [], cursor })
      }
    }
    await writer.close()
  })
  afterAll(async () => {
    await lookup?.close()
    await owner?.end()
  })

  async function pages(query: FlowListQuery): Promise<Slice[][]> {
    const list = makeListFlows(lookup)
    const found: Slice[][] = []
    let cursor: string | undefined
    do {
      const page = await list({ ...query, cursor })
      expect(page.items.length).toBeLessThanOrEqual(query.limit)
      found.push([...page.items])
      cursor = page.next
    } while (cursor !== undefined)
    return found
  }

  async function wanted(where: string): Promise<string[]> {
    const { rows } = await owner.query<{ id: string }>(
      `select flow_id::text as id from ledger.flow where ${where} order by flow_id`
    )
    return rows.map(({ id }) => id)
  }
  const ids = (slices: readonly Slice[]): string[] =>
    slices
      .map(({ flowId }) => flowId)
      .toSorted((a, b) => (a < b ? -1 : 1))
      .map(String)
  const between = (fromUs: number, toUs: number): string =>
    `start_at >= to_timestamp(${fromUs / 1e6}) and start_at < to_timestamp(${toUs / 1e6})`

  it.each(['oldest', 'newest'] as const)('%s first: each row once', async (order) => {
    const found = (await pages({ ...all, order })).flat()
    expect(ids(found)).toEqual(await wanted('true'))
    const hours = found.map((slice) => Math.floor(slice.startUs / hourUs))
    expect(hours).toEqual(hours.toSorted((a, b) => (order === 'oldest' ? a - b : b - a)))
    expect(found.slice(0, 1000).map(({ startUs: at }) => at)).toEqual(
      found
        .slice(0, 1000)
        .map(({ startUs: at }) => at)
        .toSorted((a, b) => (order === 'oldest' ? a - b : b - a))
    )
  })

  it.each(['oldest', 'newest'] as const)(
    'a time within hours, %s first: late rows too',
    async (order) => {
      const [fromUs, toUs] = [startUs + 1000e6, startUs + hourUs + 2000e6]
      const found = (await pages({ ...all, fromUs, toUs, order })).flat()
      expect(ids(found)).toEqual(await wanted(between(fromUs, toUs)))
      // What is nearest to the end that is asked for is on the first page.
      const [first] = found
      const away =
        order === 'oldest' ? (first?.startUs ?? 0) - fromUs : toUs - (first?.startUs ?? 0)
      expect(Math.abs(away)).toBeLessThan(300e6)
    }
  )

  it('an address that is rare: short pages that go on, and nothing is left out', async () => {
    const { rows } = await owner.query<{ ip: string; count: string }>(
      `select host(ledger.address(inside_ip)) as ip, count(*) from ledger.flow
       group by 1 order by 2 desc limit 1`
    )
    const ip = rows[0]?.ip ?? ''
    const inside = requireAddress(ip)
    const found = await pages({ ...all, inside, order: 'newest', maxBlocks: 1 })
    expect(found.length).toBeGreaterThan(1)
    const where = `inside_ip = decode('${Buffer.from(ip.split('.').map(Number)).toString('hex')}', 'hex')`
    expect(ids(found.flat())).toEqual(await wanted(where))
    expect(ids((await pages({ ...all, inside })).flat())).toEqual(await wanted(where))
  })

  it('a cursor of another order or of a table that was rewritten is refused', async () => {
    const list = makeListFlows(lookup)
    const { next: cursor } = await list(all)
    const refused = { code: 'usage' }
    await expect(list({ ...all, order: 'newest', cursor })).rejects.toMatchObject(refused)
    for (const forged of ['', 'o.1.2', 'o.1.1.1.1.5.2', `${cursor}.1`, 'x'.repeat(200)]) {
      await expect(list({ ...all, cursor: forged })).rejects.toMatchObject(refused)
    }
    expect(nowUs).toBeGreaterThan(all.toUs)
    await owner.query('vacuum full ledger.flow')
    await expect(list({ ...all, cursor })).rejects.toMatchObject(refused)
  })
})

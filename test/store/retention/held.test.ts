import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { formatWords, requireAddress } from '../../../model/address.ts'
import type { Slice } from '../../../model/slice.ts'
import { Archive } from '../../../store/archive/archive.ts'
import { makeListAllFlows } from '../../../store/archive/list-flows.ts'
import { openDatabase } from '../../../store/database.ts'
import { HoldStore } from '../../../store/holds.ts'
import { skipPostgres, usePostgres } from '../../postgres.ts'
import { fill } from '../archive/fill.ts'
import { firstHourUs, hourUs, randomFlows, randomOf } from '../archive/random-flows.ts'
import { lineOf, rulesOf, SealedLedger } from './sealed-fixture.ts'

const window = { fromUs: firstHourUs, toUs: firstHourUs + 3 * hourUs }
const rules = rulesOf({ kind: 'flows', keep: '2h' })

describe.skipIf(skipPostgres)('what holds keep', () => {
  const postgres = usePostgres()
  let ledger: SealedLedger
  beforeEach(async () => {
    ledger = await SealedLedger.open(postgres)
    await fill(postgres.urls.collector, randomFlows(31, 400))
  })
  afterEach(() => ledger.close())

  async function place(address: string, expiresUs?: number): Promise<number> {
    const audit = openDatabase(postgres.urls.audit)
    const expires = expiresUs === undefined ? {} : { expiresUs }
    const hold = await new HoldStore(audit).place(
      { address, ...window, records: [], reason: 'order', ...expires },
      { actor: 'test', auditId: 1, detail: {} }
    )
    await audit.close()
    return hold.id
  }

  /** A list by small pages, to its end. */
  async function list(
    order: 'oldest' | 'newest',
    filter: { inside?: string } = {}
  ): Promise<string[]> {
    const lookup = openDatabase(postgres.urls.lookup)
    const archive = new Archive(lookup, ledger.directory)
    const read = makeListAllFlows(lookup, archive)
    const inside = filter.inside === undefined ? undefined : requireAddress(filter.inside)
    const lines: string[] = []
    for (let cursor: string | undefined; ;) {
      const page = await read({ ...window, inside, order, limit: 37, cursor })
      lines.push(...page.items.map(lineOf))
      if (page.next === undefined) break
      cursor = page.next
    }
    await archive.close()
    await lookup.close()
    return lines
  }

  const isOf =
    (address: string) =>
    ({ public: { ip } }: Slice): boolean =>
      formatWords(ip) === address

  test('is listed once the rows are gone, each once, hot or sealed, by inside address too', async () => {
    const all = await ledger.everything()
    const kept = all.filter(isOf('192.0.2.1'))
    await place('192.0.2.1')
    await place('192.0.2.1')
    expect((await list('oldest')).toSorted()).toEqual(all.map(lineOf).toSorted())
    await ledger.seal()
    expect((await list('newest')).toSorted()).toEqual(all.map(lineOf).toSorted())
    await ledger.run(rules)
    expect(await list('oldest')).toEqual(kept.map(lineOf))
    expect(await list('newest')).toEqual(kept.map(lineOf).toReversed())
    const mine = kept.filter(({ inside: { ip } }) => formatWords(ip) === '10.0.0.1')
    expect(mine.length).toBeGreaterThan(0)
    expect(await list('oldest', { inside: '10.0.0.1' })).toEqual(mine.map(lineOf))
  })

  test('goes with a proof once the hold expired, and not before', async () => {
    const id = await place('192.0.2.1', Date.now() * 1000 + 3600e6)
    const kept = await ledger.count('ledger.held')
    await ledger.run(rules)
    expect(await ledger.count('ledger.held')).toBe(kept)
    await ledger.owner.query('let it expire', {
      text: "update cases.hold set expires_at = now() - interval '1 second' where id = $1",
      values: [id],
    })
    expect(await ledger.run(rules)).toMatchObject([{ done: { kind: 'held', rows: kept } }])
    expect(await list('oldest')).toEqual([])
    expect(await ledger.problems()).toEqual([])
  })

  test('is whole or not there, whenever who places it is killed', async () => {
    const expected = (await ledger.everything()).filter(isOf('192.0.2.1')).length
    const random = randomOf(9)
    const file = fileURLToPath(new URL('./held-child.ts', import.meta.url))
    for (let round = 0; round < 3; round++) {
      const options = { url: postgres.urls.audit, ...window }
      const child = spawn(process.execPath, ['--import', 'tsx', file], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, HELD_OPTIONS: JSON.stringify(options) },
      })
      const closed = once(child, 'close')
      await once(child.stdout, 'data')
      await sleep(random() * 150)
      child.kill('SIGKILL')
      await closed
    }
    // What was under way is rolled back by the server, maybe a moment later.
    const rows = await ledger.owner.query<{ copies: number }>('count', {
      text: `select (select count(*)::int from ledger.held f where f.hold = h.id) as copies
             from cases.hold h`,
    })
    expect(rows.length).toBeGreaterThanOrEqual(3)
    expect(new Set(rows.map(({ copies }) => copies))).toEqual(new Set([expected]))
    const strangers =
      'ledger.held f where not exists (select from cases.hold h where h.id = f.hold)'
    expect(await ledger.count(strangers)).toBe(0)
  })
})

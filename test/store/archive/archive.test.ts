import { cp, mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requireAddress } from '../../../model/address.ts'
import type { Slice, SliceQuery } from '../../../model/slice.ts'
import { Archive } from '../../../store/archive/archive.ts'
import { sealHours } from '../../../store/archive/seal.ts'
import { makeReadCoverage } from '../../../store/coverage-query.ts'
import { openDatabase } from '../../../store/database.ts'
import type { Database } from '../../../store/database.ts'
import { makeFindManyMappings, makeFindMappings } from '../../../store/find-mappings.ts'
import { makeListAllFlows } from '../../../store/archive/list-flows.ts'
import { skipPostgres, usePostgres } from '../../postgres.ts'
import { fill } from './fill.ts'
import { firstHourUs, hourUs, randomConnections, randomFlows, randomOf } from './random-flows.ts'

const postgres = usePostgres()

/** What there is, found by looking at each of all slices. */
function oracle(all: readonly Slice[], query: SliceQuery): string[] {
  return all
    .filter(
      (slice) =>
        slice.public.ip.join() === query.address.join() &&
        (query.port === undefined || slice.public.port === query.port) &&
        (query.protocol === undefined || slice.protocol === query.protocol) &&
        slice.startUs <= query.toUs &&
        slice.endUs >= query.fromUs
    )
    .map(lineOf)
    .sort()
}

const lineOf = (slice: Slice): string =>
  JSON.stringify(slice, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))

function randomQueries(seed: number, count: number): SliceQuery[] {
  const random = randomOf(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  return Array.from({ length: count }, (): SliceQuery => {
    const edge = firstHourUs + Math.floor(random() * 4) * hourUs
    const at = random() < 0.4 ? edge + pick([-1, 0, 1]) : edge + Math.floor(random() * hourUs)
    const widthUs = pick([0, 1e6, 60e6])
    return {
      address: requireAddress(pick(['192.0.2.1', '192.0.2.2', 'fd00::1', '2001:db8::9'])),
      port: pick([1024, 1025, 40_000, 65_535, 443, 1]),
      ...(random() < 0.3 ? { protocol: pick([6, 17]) } : {}),
      fromUs: at - widthUs,
      toUs: at + widthUs,
      limit: 10_000,
    }
  })
}

describe.skipIf(skipPostgres)('the archive', () => {
  let directory = ''
  let lookup: Database
  let archive: Archive
  let all: Slice[] = []
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'flowledger-archive-'))
    lookup = openDatabase(postgres.urls.lookup)
    archive = new Archive(lookup, directory)
  })
  afterAll(async () => {
    await archive.close()
    await lookup.close()
    await rm(directory, { recursive: true })
  })

  const seal = (hour?: number): Promise<unknown> =>
    sealHours({
      ownerUrl: postgres.urls.owner,
      dataDir: postgres.dataDir,
      directory,
      actor: 'test',
      nowUs: Date.now() * 1000,
      olderThanUs: 7200e6,
      ...(hour === undefined ? {} : { hourUs: firstHourUs + hour * hourUs }),
    })

  async function readAll(): Promise<Slice[]> {
    const list = makeListAllFlows(lookup, archive)
    const items: Slice[] = []
    for (let cursor: string | undefined; ;) {
      const page = await list({ fromUs: 0, toUs: Date.now() * 1000, limit: 700, cursor })
      items.push(...page.items)
      if (page.next === undefined) return items
      cursor = page.next
    }
  }

  async function expectOracle(seed: number): Promise<void> {
    const queries = randomQueries(seed, 20)
    const find = makeFindMappings(lookup, undefined, archive)
    const expected = queries.map((query) => oracle(all, query))
    // The questions are such that most of them have an answer, and some of them many.
    expect(expected.filter((lines) => lines.length > 1).length).toBeGreaterThan(3)
    for (const [index, query] of queries.entries()) {
      const { slices, cut } = await find(query)
      expect({ cut, lines: slices.map(lineOf).sort() }).toEqual({
        cut: false,
        lines: expected[index],
      })
    }
    const many = await makeFindManyMappings(lookup, undefined, archive)(queries)
    expect(many.map(({ slices }) => slices.map(lineOf).sort())).toEqual(expected)
    for (const inside of ['10.0.0.1', 'fd00::2']) {
      const list = makeListAllFlows(lookup, archive)
      const address = requireAddress(inside)
      const [fromUs, toUs] = [firstHourUs + hourUs / 2, firstHourUs + 2 * hourUs]
      const { items } = await list({ fromUs, toUs, inside: address, limit: 1000 })
      const mine = all.filter(
        (slice) =>
          slice.inside.ip.join() === address.join() &&
          slice.startUs >= fromUs &&
          slice.startUs < toUs
      )
      expect(items.map(lineOf)).toEqual(mine.map(lineOf))
    }
  }

  test('answers as before, hot, mixed, sealed, late, and sealed again', async () => {
    const flows = [...randomFlows(11, 1500), ...randomConnections(13, 300, 50_000n)]
    await fill(postgres.urls.collector, flows)
    all = await readAll()
    expect(all).toHaveLength(flows.length)
    await expectOracle(1)
    await seal(1)
    await expectOracle(2)
    await seal()
    await expectOracle(3)
    const sealed = new Set(all.map(lineOf))
    await fill(postgres.urls.collector, [
      ...randomFlows(12, 300, 100_000n),
      ...randomConnections(14, 100, 150_000n),
    ])
    all = await readAll()
    expect(all.filter((slice) => sealed.has(lineOf(slice)))).toHaveLength(sealed.size)
    await expectOracle(4)
    await seal()
    await expectOracle(5)
    const files = await lookup.query<{ joined: number }>('find', {
      text: 'select joined::int from ledger.sealed_file order by id',
    })
    // What was asked was of rows of several slices too.
    for (const { joined } of files) expect(joined).toBeGreaterThan(20)
  })

  /** A file of the middle hour, by what is done to it; it is put back after. */
  async function withDamage(
    damage: (path: string) => Promise<unknown>,
    work: () => Promise<void>
  ): Promise<void> {
    const rows = await lookup.query<{ path: string }>('find', {
      text: 'select path from ledger.sealed_file where generation = 1 order by hour',
    })
    const path = join(directory, rows[1]?.path ?? '')
    await cp(path, `${path}.kept`)
    await damage(path)
    await work()
    await rename(`${path}.kept`, path)
  }

  const middle = (): SliceQuery => ({
    address: requireAddress('192.0.2.1'),
    port: 1024,
    fromUs: firstHourUs + 1.5 * hourUs,
    toUs: firstHourUs + 1.5 * hourUs,
    limit: 10_000,
  })

  test.each([
    ['missing', (path: string) => rm(path)],
    ['truncated', (path: string) => truncate(path, 5000)],
    [
      'altered',
      async (path: string) => {
        const octets = await readFile(path)
        octets[200] = (octets[200] ?? 0) ^ 1
        await writeFile(path, octets)
      },
    ],
    [
      'altered',
      async (path: string) => {
        const octets = await readFile(path)
        octets[octets.length - 100] = (octets[octets.length - 100] ?? 0) ^ 1
        await writeFile(path, octets)
      },
    ],
    ['altered', (path: string) => writeFile(`${path}.index`, '{}')],
  ])('a file that is %s is not read, and coverage says so', async (damage, spoil) => {
    let index = ''
    await withDamage(
      async (path) => {
        index = await readFile(`${path}.index`, 'utf8')
        await spoil(path)
      },
      async () => {
        const own = new Archive(lookup, directory)
        const found = await makeFindMappings(lookup, undefined, own)(middle())
        // Slices that began in the hour before are answered from their own file.
        const early = all.filter(({ startUs }) => startUs < firstHourUs + hourUs)
        expect(found.slices.map(lineOf).sort()).toEqual(
          expect.arrayContaining(oracle(early, middle()))
        )
        expect(own.quarantined().map((one) => one.damage.damage)).toEqual([damage])
        const [source] = await makeReadCoverage(lookup, own)(middle().fromUs, middle().toUs)
        expect(source?.gaps.map(({ reason }) => reason)).toEqual(['archive-damaged'])
        const list = makeListAllFlows(lookup, own)
        const window = { fromUs: firstHourUs, toUs: firstHourUs + 3 * hourUs, limit: 1000 }
        await expect(
          (async () => {
            for (let cursor: string | undefined; ;) {
              const page = await list({ ...window, cursor })
              if (page.next === undefined) return
              cursor = page.next
            }
          })()
        ).rejects.toMatchObject({ code: 'archive-damaged' })
        await own.close()
      }
    )
    const rows = await lookup.query<{ path: string }>('find', {
      text: 'select path from ledger.sealed_file where generation = 1 order by hour',
    })
    await writeFile(join(directory, `${rows[1]?.path}.index`), index)
    await expectOracle(6)
  })
})

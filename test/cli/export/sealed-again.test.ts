import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../cli/config/load.ts'
import { replayMessages } from '../../../cli/export/replay.ts'
import { sliceBatches } from '../../../cli/export/slice-batches.ts'
import { targetOfFlags } from '../../../cli/export/target-of-flags.ts'
import { withImportLedger } from '../../../cli/import-ledger.ts'
import { importNetflowFiles } from '../../../cli/import-netflow.ts'
import { formatWords, requireAddress } from '../../../model/address.ts'
import type { Slice, SliceQuery } from '../../../model/slice.ts'
import { Archive } from '../../../store/archive/archive.ts'
import { makeListAllFlows } from '../../../store/archive/list-flows.ts'
import { sealHours } from '../../../store/archive/seal.ts'
import { openDatabase } from '../../../store/database.ts'
import type { Database } from '../../../store/database.ts'
import { makeFindMappings } from '../../../store/find-mappings.ts'
import { skipPostgres, usePostgres } from '../../postgres.ts'
import { fill } from '../../store/archive/fill.ts'
import { firstHourUs, hourUs, randomFlows, randomOf } from '../../store/archive/random-flows.ts'

const [first, second] = [usePostgres(), usePostgres()]

/** Who had the address, on what port, and when, as far as a flow of IPFIX tells it. */
const candidateOf = ({ inside, protocol, startUs, endUs }: Slice): string =>
  [formatWords(inside.ip), inside.port, protocol, ms(startUs), ms(endUs)].join(' ')

const ms = (us: number): number => Math.floor(us / 1000)

/** Connections of IPv4 whose source is translated: what any exporter of NetFlow has. */
const flows = randomFlows(21, 1500)
  .filter(({ postNatSource }) => postNatSource !== undefined)
  .map((flow) => ({ ...flow, connectionStartUs: flow.startUs, flags: 0, zone: 0 }))

function oracle({ address, port, protocol, fromUs, toUs }: SliceQuery): string[] {
  return flows
    .filter(
      (flow) =>
        flow.postNatSource === `${formatWords(address)} ${port}` &&
        (protocol === undefined || flow.protocol === protocol) &&
        flow.startUs <= toUs &&
        flow.endUs >= fromUs
    )
    .map(({ source, protocol: of, startUs, endUs }) =>
      [source, of, ms(startUs), ms(endUs)].join(' ')
    )
    .toSorted()
}

/** Instants in the middle of a millisecond: what is rounded to it lies on the same side. */
function queriesOf(seed: number, count: number): SliceQuery[] {
  const random = randomOf(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  return Array.from({ length: count }, (): SliceQuery => {
    const atUs = firstHourUs + Math.floor(random() * 3 * 3600e3) * 1000 + 500
    return {
      address: requireAddress(pick(['192.0.2.1', '192.0.2.2'])),
      port: pick([1024, 1025, 40_000, 65_535]),
      ...(random() < 0.3 ? { protocol: pick([6, 17]) } : {}),
      fromUs: atUs - pick([0, 1e6, 60e6]),
      toUs: atUs,
      limit: 10_000,
    }
  })
}

describe.skipIf(skipPostgres)('sealed hours that are exported', () => {
  let folder = ''
  let open: Database[] = []
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flowledger-again-'))
    open = [first, second].map(({ urls }) => openDatabase(urls.lookup))
  })
  afterAll(async () => {
    await Promise.all(open.map((database) => database.close()))
    await rm(folder, { recursive: true })
  })

  async function* everything(archive: Archive, database: Database): AsyncGenerator<Slice> {
    const list = makeListAllFlows(database, archive)
    for (let cursor: string | undefined; ;) {
      const toUs = firstHourUs + 3 * hourUs
      const page = await list({ fromUs: firstHourUs, toUs, limit: 700, cursor })
      yield* page.items
      if (page.next === undefined) return
      cursor = page.next
    }
  }

  test('and imported into an empty ledger give the same candidates', async () => {
    const [before, after] = open as [Database, Database]
    await fill(first.urls.collector, flows)
    await sealHours({
      ownerUrl: first.urls.owner,
      dataDir: first.dataDir,
      directory: join(folder, 'archive'),
      actor: 'test',
      nowUs: Date.now() * 1000,
      olderThanUs: 7200e6,
    })
    const archive = new Archive(before, join(folder, 'archive'))
    const file = join(folder, 'sealed.ipfix')
    const out = createWriteStream(file)
    const target = targetOfFlags({ format: 'ipfix' })
    const batches = sliceBatches(everything(archive, before))
    const told = await replayMessages(batches, target, firstHourUs, out)
    out.end()
    await once(out, 'finish')
    expect(told).toMatchObject({ connections: flows.length, leftOut: {} })
    const path = join(folder, 'config.yaml')
    await writeFile(path, JSON.stringify({ database: { url: second.urls.collector } }))
    const { config } = loadConfig({ config: path, dataDir: join(folder, 'data') }, {})
    const { rows, problems } = await withImportLedger(config, ({ netflow }) =>
      importNetflowFiles([file], { exporters: [] }, netflow)
    )
    expect({ rows, problems }).toEqual({ rows: flows.length, problems: [] })
    const [findSealed, findAgain] = [
      makeFindMappings(before, undefined, archive),
      makeFindMappings(after),
    ]
    let found = 0
    for (const query of queriesOf(22, 60)) {
      const expected = oracle(query)
      found += expected.length
      for (const find of [findSealed, findAgain]) {
        expect((await find(query)).slices.map(candidateOf).toSorted()).toEqual(expected)
      }
    }
    expect(found).toBeGreaterThan(100)
    await archive.close()
  })
})

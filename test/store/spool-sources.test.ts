import { appendFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeLedgerPump } from '../../appliance/ledger-pump.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import type { ExtraName } from '../../model/fields.ts'
import { noNetworks } from '../../model/nat-view.ts'
import { connect } from '../../store/connect.ts'
import { makeReadCoverage } from '../../store/coverage-query.ts'
import { openDatabase } from '../../store/database.ts'
import { LedgerWriter } from '../../store/ledger-writer.ts'
import { SpoolReader } from '../../store/spool-reader.ts'
import { readSpoolSources, SpoolSources, sourcesFile } from '../../store/spool-sources.ts'
import { SpoolWriter } from '../../store/spool-writer.ts'
import { configSchema } from '../../model/config-schema.ts'
import { toConfig } from '../../model/config.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { batchOf } from './flow-rows.ts'

const extras = ['sourceIndex', 'natEvent', 'userName'] as const satisfies readonly ExtraName[]
const none = { watermarkUs: 0, closedThroughUs: 0 }
const start = { segment: 0, offset: 0 }
const hourUs = 3_600e6
const baseUs = Math.floor((Date.now() * 1000) / hourUs) * hourUs - 24 * hourUs

function makeDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'flowledger-sources-'))
}

function writerOf(directory: string): SpoolWriter {
  return new SpoolWriter({ directory, source: 'x', maxBytes: 1 << 30, syncBytes: 1 << 20, extras })
}

/** A flow of each of these sources. */
function rowsOf(sources: readonly number[], users: readonly string[] = []): FlowBatch {
  const plain = batchOf(
    sources.map((source) => ({
      source: `10.0.0.${source} 40000`,
      destination: '198.51.100.9 443',
      postNatSource: '192.0.2.1 61284',
      startUs: baseUs,
      endUs: baseUs + 1e6,
    }))
  )
  const batch = { ...plain, extras: makeFlowBatch(plain.capacity, extras).extras }
  for (const [row, source] of sources.entries()) {
    if (batch.extras.sourceIndex) batch.extras.sourceIndex[row] = source
    const user = batch.texts.numberOf(users[row] ?? '')
    if (batch.extras.userName) batch.extras.userName[row] = user
  }
  return batch
}

describe('the sources of a spool', () => {
  test('keep their numbers, though the last writer died in the middle of a line', () => {
    const directory = makeDirectory()
    const first = new SpoolSources(directory)
    expect([first.indexOf('a', 'netflow'), first.indexOf('b', 'syslog')]).toEqual([1, 2])
    expect(first.indexOf('a', 'netflow')).toBe(1)
    appendFileSync(join(directory, sourcesFile), '{"index":3,"na')
    expect(readSpoolSources(directory).map(({ name }) => name)).toEqual(['a', 'b'])
    const second = new SpoolSources(directory)
    expect([second.indexOf('c', 'netflow'), second.indexOf('b', 'syslog')]).toEqual([3, 2])
    expect(readSpoolSources(directory).map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  })

  test('rows keep source, texts and kind of frame; a spool without such columns reads as zero', () => {
    const directory = makeDirectory()
    const spool = writerOf(directory)
    spool.append('slices', rowsOf([1, 2], ['é\u0000"x', '']), none)
    spool.append('nat', rowsOf([2], ['subscriber']), none)
    const reader = new SpoolReader(directory, start)
    const into = makeFlowBatch(64, extras)
    expect(reader.next(into)?.kind).toBe('slices')
    expect([...(into.extras.sourceIndex?.subarray(0, 2) ?? [])]).toEqual([1, 2])
    expect(into.texts.textOf(into.extras.userName?.[0] ?? 0)).toBe('é\u0000"x')
    expect(reader.next(into)?.kind).toBe('nat')
    expect(into.texts.textOf(into.extras.userName?.[0] ?? 0)).toBe('subscriber')
    const old = makeDirectory()
    new SpoolWriter({ directory: old, source: 'x', maxBytes: 1 << 30, syncBytes: 1 }).append(
      'slices',
      rowsOf([7]),
      none
    )
    new SpoolReader(old, start).next(into)
    expect(into.extras.sourceIndex?.[0]).toBe(0)
    expect(into.columns.sourceAddress[3]).toBe(0x0a000007)
  })
})

describe.skipIf(skipPostgres)('the ledger of many sources', () => {
  const postgres = usePostgres()

  test('has each row under its own source, and its listener’s gaps with each source’s own', async () => {
    const directory = makeDirectory()
    const spool = writerOf(directory)
    const sources = new SpoolSources(directory)
    const [a, b] = [
      sources.indexOf('gw-a', 'netflow') ?? 0,
      sources.indexOf('gw-b', 'netflow') ?? 0,
    ]
    const seen: { rows: number; ids: ReadonlyMap<number, number> }[] = []
    const writer = new LedgerWriter(
      postgres.urls.collector,
      noNetworks,
      async (_, batches, ids) => {
        seen.push({ rows: batches.reduce((sum, { length }) => sum + length, 0), ids: new Map(ids) })
        return {}
      }
    )
    const pump = makeLedgerPump(
      writer,
      toConfig(configSchema.parse({ data_dir: directory })),
      { directory, source: 'listener', kind: 'netflow', spool: 'n', extras },
      { info: () => {}, warn: () => {}, error: () => {} }
    )
    const gap = { type: 'gap', fromUs: baseUs, toUs: baseUs + 5 } as const
    for (const source of [a, b]) spool.note({ type: 'watched-from', us: baseUs - 1, source }, none)
    spool.append('slices', rowsOf([a, b, a, 99]), none)
    spool.append('nat', rowsOf([b]), none)
    spool.note({ ...gap, reason: 'kernel-drop', lost: 4 }, none)
    spool.note({ ...gap, reason: 'sequence-gap', source: b }, none)
    spool.note(
      {
        type: 'progress',
        of: [{ source: a, watermarkUs: baseUs + 9, closedThroughUs: baseUs + 8, skewUs: 3e6 }],
      },
      none
    )
    const running = pump.run()
    await pump.reach(spool.position, 20_000)
    pump.stop()
    await running
    await writer.close()
    const owner = await connect(postgres.urls.owner)
    const { rows } = await owner.query(
      'select source, count(*)::int as n from ledger.flows group by 1 order by 1'
    )
    expect(rows).toEqual([
      { source: 'gw-a', n: 2 },
      { source: 'gw-b', n: 1 },
    ])
    expect(seen.map((one) => one.rows)).toEqual([1])
    expect([...(seen[0]?.ids.keys() ?? [])]).toEqual([a, b])
    await owner.end()
    const database = openDatabase(postgres.urls.lookup, 1)
    const coverage = await makeReadCoverage(database)(baseUs, baseUs + 1)
    expect(coverage.map(({ skewUs }) => skewUs)).toEqual([3e6, 0, 0])
    const told = coverage.map(({ source, watchedFromUs, watermarkUs, gaps }) => [
      source,
      watchedFromUs,
      watermarkUs,
      ...gaps.map(({ reason }) => reason).sort(),
    ])
    expect(told).toEqual([
      ['gw-a', baseUs - 1, baseUs + 9, 'kernel-drop'],
      ['gw-b', baseUs - 1, -Infinity, 'kernel-drop', 'sequence-gap'],
      ['listener', undefined, -Infinity, 'kernel-drop'],
    ])
    await database.close()
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rename, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { requireAddress } from '../../../model/address.ts'
import type { Slice } from '../../../model/slice.ts'
import { Archive } from '../../../store/archive/archive.ts'
import { makeReadCoverage } from '../../../store/coverage-query.ts'
import { openDatabase } from '../../../store/database.ts'
import { makeFindMappings } from '../../../store/find-mappings.ts'
import { HoldStore } from '../../../store/holds.ts'
import { skipPostgres, usePostgres } from '../../postgres.ts'
import { until } from '../../until.ts'
import { fill } from '../archive/fill.ts'
import { firstHourUs, hourUs, randomConnections, randomFlows } from '../archive/random-flows.ts'
import { lineOf, rulesOf, SealedLedger } from './sealed-fixture.ts'

/** 300 slices, of which some follow each other and stand in one row of a file. */
const gw1Flows = [...randomFlows(21, 100), ...randomConnections(23, 80, 20_000n).slice(0, 200)]

describe.skipIf(skipPostgres)('what is past its time in sealed files', () => {
  const postgres = usePostgres()
  let ledger: SealedLedger
  beforeEach(async () => {
    ledger = await SealedLedger.open(postgres)
    await fill(postgres.urls.collector, gw1Flows)
    await fill(postgres.urls.collector, randomFlows(22, 200, 5000n), 'gw2')
  })
  afterEach(() => ledger.close())

  const lines = async (): Promise<string[]> => (await ledger.everything()).map(lineOf).toSorted()
  const doneOf = (outcomes: Awaited<ReturnType<SealedLedger['run']>>) =>
    outcomes.flatMap((outcome) => ('done' in outcome ? [outcome.done] : []))

  test('goes by whole files, with a proof each, off the disk too', async () => {
    await ledger.seal()
    const provenBefore = await ledger.proven()
    const done = doneOf(await ledger.run(rulesOf({ kind: 'flows', keep: '2h' })))
    expect(done.map(({ act, kind }) => [act, kind])).toEqual(done.map(() => ['drop', 'flows']))
    expect(done.map(({ parts }) => parts.map(({ source }) => source))).toEqual(
      done.map(() => ['gw1', 'gw2'])
    )
    expect((await ledger.proven()) - provenBefore).toBe(500)
    expect(await lines()).toEqual([])
    expect(await ledger.files()).toEqual({ found: [], catalogued: [] })
    expect(await ledger.problems()).toEqual([])
    const archive = new Archive(ledger.owner, ledger.directory)
    const [gw1] = await makeReadCoverage(ledger.owner, archive)(firstHourUs, firstHourUs + 1)
    expect(gw1?.keptFromUs).toBeGreaterThan(firstHourUs + 3 * hourUs)
    expect(gw1?.gaps).toEqual([])
    await archive.close()
    expect(await ledger.run(rulesOf({ kind: 'flows', keep: '2h' }))).toEqual([])
  })

  test('of one source is written out of the files, and the rest stays as it was', async () => {
    const others = (await ledger.everything()).filter(({ source }) => source === 'gw2')
    await ledger.seal()
    const [file] = await ledger.owner.query<{ joined: string }>('read', {
      text: 'select sum(joined) as joined from ledger.sealed_file',
    })
    expect(Number(file?.joined)).toBeGreaterThan(0)
    const done = doneOf(await ledger.run(rulesOf({ kind: 'flows', keep: '2h', source: 'gw1' })))
    expect(done.reduce((sum, { rows }) => sum + rows, 0)).toBe(300)
    expect(await lines()).toEqual(others.map(lineOf).toSorted())
    const { found, catalogued } = await ledger.files()
    expect(found).toEqual(catalogued)
    expect(await ledger.problems()).toEqual([])
  })

  test('of fields is emptied or hashed, just as in PostgreSQL', async () => {
    const rules = rulesOf(
      { kind: 'flows', field: 'host_name', keep: '2h' },
      { kind: 'flows', field: 'application', keep: '2h', source: 'gw2' },
      { kind: 'flows', field: 'destination', keep: '2h', leave: 'hash' }
    )
    await ledger.seal()
    const done = doneOf(await ledger.run(rules))
    expect(new Set(done.map(({ act, field }) => `${act} ${field}`))).toEqual(
      new Set(['empty host_name', 'empty application', 'hash destination'])
    )
    const sealed = await lines()
    expect(sealed).toHaveLength(500)
    for (const name of (await ledger.files()).catalogued) {
      const octets = await readFile(join(ledger.directory, name))
      expect(octets.includes('example.net')).toBe(false)
    }
    expect(await ledger.problems()).toEqual([])
    expect(await ledger.run(rules)).toEqual([])
    // The same rows, purged before they are sealed.
    await ledger.close()
    ledger = await SealedLedger.open(postgres)
    await fill(postgres.urls.collector, gw1Flows)
    await fill(postgres.urls.collector, randomFlows(22, 200, 5000n), 'gw2')
    await ledger.run(rules)
    expect(await lines()).toEqual(sealed)
    await ledger.seal()
    expect(await ledger.run(rules)).toEqual([])
    expect(await lines()).toEqual(sealed)
  })

  const find = async (): Promise<string[]> => {
    const archive = new Archive(ledger.owner, ledger.directory)
    const window = { fromUs: firstHourUs, toUs: firstHourUs + 3 * hourUs, limit: 1000 }
    const query = { address: requireAddress('192.0.2.1'), port: 1024, ...window }
    const found = await makeFindMappings(ledger.owner, undefined, archive)(query)
    await archive.close()
    return found.slices.map(lineOf).toSorted()
  }

  /** The name of a row as answers show it. */
  const recordOf = ({ source, flowId, startUs }: Slice): string =>
    `${source}/${flowId}@${new Date(Math.floor(startUs / 1000)).toISOString().slice(0, -1)}${String(
      startUs % 1000
    ).padStart(3, '0')}Z`

  async function place(records: readonly string[], address?: string): Promise<void> {
    const audit = openDatabase(postgres.urls.audit)
    const about = address === undefined ? {} : { address, port: 1024 }
    const window = { fromUs: firstHourUs, toUs: firstHourUs + 3 * hourUs }
    const hold = { ...about, ...window, records, reason: 'order' }
    await new HoldStore(audit).place(hold, { actor: 'test', auditId: 1, detail: {} })
    await audit.close()
  }

  test('is copied out of the files for holds, by address and by record', async () => {
    const before = await find()
    const [record] = (await ledger.everything()).filter(({ public: { port } }) => port === 1025)
    if (record === undefined) throw new Error('no row of that port')
    await ledger.seal()
    await place([], '192.0.2.1')
    await place([recordOf(record)])
    expect(await ledger.count('ledger.held')).toBe(0)
    await ledger.run([])
    expect(await ledger.count('ledger.held')).toBe(before.length + 1)
    await ledger.run(
      rulesOf({ kind: 'flows', keep: '3h' }, { kind: 'flows', field: 'destination', keep: '2h' })
    )
    expect(await ledger.count("ledger.sealed_file where state = 'sealed'")).toBe(0)
    expect(await find()).toEqual(before)
    expect(await ledger.problems()).toEqual([])
  })

  test('stays where its file is not what was sealed, if a hold needs it', async () => {
    await ledger.seal()
    await place([], '192.0.2.1')
    const paths = (await ledger.files()).catalogued.filter((name) => name.endsWith('.parquet'))
    const [first = '', second = ''] = paths.map((name) => join(ledger.directory, name))
    await truncate(first, 5000)
    await rename(second, `${second}.elsewhere`)
    const rules = rulesOf({ kind: 'flows', keep: '2h' })
    const outcomes = await ledger.run(rules)
    const failed = outcomes.flatMap((outcome) => ('failed' in outcome ? [outcome.failed] : []))
    // Both are told of twice: when rows are copied out of them, and when they are to be purged.
    expect(failed).toHaveLength(4)
    expect(doneOf(outcomes)).toHaveLength(1)
    expect(await ledger.count("ledger.sealed_file where state = 'sealed'")).toBe(2)
    await rename(`${second}.elsewhere`, second)
    expect(doneOf(await ledger.run(rules))).toHaveLength(1)
    // Nothing is kept for a hold any more: what is left of the file goes, and the proof says so.
    await ledger.owner.query('release', { text: 'truncate cases.hold, ledger.held cascade' })
    const [last] = doneOf(await ledger.run(rules))
    expect(last?.files?.['found']).toMatch(/^[0-9a-f]{64}$/)
    expect(last?.parts).toMatchObject([{ source: '' }])
  })

  test('a whole archive that is not mounted is not taken for lost files', async () => {
    await ledger.seal()
    const rules = rulesOf({ kind: 'flows', keep: '2h' })
    const year = join(ledger.directory, new Date(firstHourUs / 1000).toISOString().slice(0, 4))
    await rename(year, `${ledger.directory}/elsewhere`)
    expect(doneOf(await ledger.run(rules))).toEqual([])
    await rename(`${ledger.directory}/elsewhere`, year)
    const [path = ''] = (await ledger.files()).found
    await rm(join(ledger.directory, path))
    const [lost, ...others] = doneOf(await ledger.run(rules))
    expect(lost?.files?.['found']).toBe('missing')
    expect(others).toHaveLength(2)
    expect(await ledger.problems()).toEqual([])
  })

  async function killAt(step: string, rules: object): Promise<void> {
    const file = fileURLToPath(new URL('./purge-child.ts', import.meta.url))
    const options = { url: postgres.urls.owner, dataDir: postgres.dataDir, rules }
    const child = spawn(process.execPath, ['--import', 'tsx', file, step], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        PURGE_OPTIONS: JSON.stringify({ ...options, archive: ledger.directory }),
      },
    })
    const [, signal] = (await once(child, 'close')) as [number | null, string | null]
    expect(signal).toBe('SIGKILL')
    // The server gives up its locks a moment later, and nothing is swept before.
    await until(async () => (await ledger.count("pg_locks where locktype = 'advisory'")) === 0)
  }

  test.each(['digested', 'proven', 'committed', 'headed'])(
    'killed when a file is removed and it has %s: nothing is gone without proof',
    async (step) => {
      await ledger.seal()
      const rules = rulesOf({ kind: 'flows', keep: '2h' })
      const provenBefore = await ledger.proven()
      await killAt(step, rules)
      expect((await lines()).length + (await ledger.proven()) - provenBefore).toBe(500)
      expect(await ledger.problems()).toEqual([])
      await ledger.run(rules)
      expect((await ledger.proven()) - provenBefore).toBe(500)
      expect(await ledger.files()).toEqual({ found: [], catalogued: [] })
      expect(await ledger.problems()).toEqual([])
    }
  )

  test.each(['written', 'published', 'committed'])(
    'killed when a file is written anew and it has %s: each row is there once, with proof or field',
    async (step) => {
      const rules = rulesOf({ kind: 'flows', field: 'host_name', keep: '2h' })
      await ledger.seal()
      const bare = (text: string): unknown => ({ ...JSON.parse(text), hostName: undefined })
      const before = (await ledger.everything()).map(lineOf)
      const named = before.filter((text) => text.includes('"hostName"')).length
      const provenBefore = await ledger.proven()
      await killAt(step, rules)
      const after = (await ledger.everything()).map(lineOf)
      expect(after.map(bare)).toEqual(before.map(bare))
      const left = after.filter((text) => text.includes('"hostName"')).length
      expect(left + (await ledger.proven()) - provenBefore).toBe(named)
      expect(await ledger.problems()).toEqual([])
      await ledger.run(rules)
      expect((await ledger.everything()).map(lineOf).map(bare)).toEqual(before.map(bare))
      expect((await ledger.proven()) - provenBefore).toBe(named)
      const { found, catalogued } = await ledger.files()
      expect(found).toEqual(catalogued)
      expect(await ledger.problems()).toEqual([])
    }
  )
})

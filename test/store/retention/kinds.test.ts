import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startPurging } from '../../../appliance/retention/purging.ts'
import { loadConfig } from '../../../cli/config/load.ts'
import { requireAddress } from '../../../model/address.ts'
import { natEvents } from '../../../model/nat-events.ts'
import { openDatabase } from '../../../store/database.ts'
import type { Database } from '../../../store/database.ts'
import { makeFindMappings } from '../../../store/find-mappings.ts'
import { HoldStore } from '../../../store/holds.ts'
import { LedgerWriter } from '../../../store/ledger-writer.ts'
import { writeNatRows } from '../../../store/nat-rows.ts'
import { noNetworks } from '../../../model/nat-view.ts'
import { skipPostgres, usePostgres } from '../../postgres.ts'
import { until } from '../../until.ts'
import { fill } from '../archive/fill.ts'
import { firstHourUs, hourUs, randomFlows } from '../archive/random-flows.ts'
import { batchOf } from '../flow-rows.ts'
import type { TestFlow } from '../flow-rows.ts'
import { at, makeSource } from '../identity-fixture.ts'
import { rulesOf, SealedLedger } from './sealed-fixture.ts'

const dayUs = 86_400e6
const block = (inside: string, startUs: number): TestFlow => ({
  source: `${inside} 0`,
  destination: '0.0.0.0 0',
  postNatSource: '192.0.2.1 0',
  startUs,
  endUs: startUs + 1800e6,
})

describe.skipIf(skipPostgres)('what is past its time, of each kind', () => {
  const postgres = usePostgres()
  let ledger: SealedLedger
  let owner: Database
  beforeEach(async () => {
    ledger = await SealedLedger.open(postgres)
    owner = ledger.owner
    await owner.query('begin anew', {
      text: 'truncate ledger.port_block, ledger.nat_event, identity.holding cascade',
    })
  })
  afterEach(() => ledger.close())

  /** Writes blocks of 192.0.2.1, or notices, as the collector does. */
  async function write(
    event: number,
    flows: readonly TestFlow[],
    name = 'gw1',
    ports: readonly [number, number] = [1024, 2047]
  ): Promise<void> {
    const writer = new LedgerWriter(postgres.urls.collector, noNetworks)
    const source = await writer.registerSource(name, 'netflow')
    await writer.close()
    const batch = batchOf(flows)
    const fillAll = (value: number): Uint32Array => new Uint32Array(flows.length).fill(value)
    Object.assign(batch.extras, {
      natEvent: fillAll(event),
      portRangeStart: fillAll(ports[0]),
      portRangeEnd: fillAll(ports[1]),
    })
    const collector = openDatabase(postgres.urls.collector)
    const refused = await collector.transaction('write', (client) =>
      writeNatRows(client, [batch], new Map([[0, source]]))
    )
    await collector.close()
    expect(refused).toEqual({})
  }

  const find = async (port: number) => {
    const query = {
      address: requireAddress('192.0.2.1'),
      port,
      fromUs: firstHourUs - 10 * dayUs,
      toUs: firstHourUs + dayUs,
      limit: 10,
    }
    return (await makeFindMappings(owner)(query)).slices
  }

  test('blocks of ports go by days, of single sources by rows, and stay for a hold', async () => {
    const early = firstHourUs - 6 * dayUs
    await write(natEvents.portBlockAllocation, [
      block('10.0.0.1', early),
      block('10.0.0.2', early + dayUs),
    ])
    await write(natEvents.portBlockAllocation, [block('10.0.0.3', early)], 'gw2', [4096, 5119])
    const audit = openDatabase(postgres.urls.audit)
    const holds = new HoldStore(audit)
    const entry = { actor: 'test', auditId: 1, detail: {} }
    const window = { fromUs: early, toUs: early + 60e6, records: [], reason: 'order' }
    const hold = await holds.place({ address: '192.0.2.1', port: 1500, ...window }, entry)
    const rules = rulesOf(
      { kind: 'port_blocks', keep: '2d' },
      { kind: 'port_blocks', keep: '300d', source: 'gw2' }
    )
    // The day after is nobody's: it goes as a whole.
    expect(await ledger.run(rules)).toMatchObject([{ done: { act: 'drop', rows: 1 } }])
    expect(await find(1500)).toHaveLength(1)
    expect(await find(5000)).toHaveLength(1)
    await holds.release(hold.id, 'withdrawn', entry)
    await audit.close()
    expect(await ledger.run(rules)).toMatchObject([{ done: { act: 'delete', rows: 1 } }])
    expect(await find(1500)).toEqual([])
    expect(await find(5000)).toHaveLength(1)
    const all = await ledger.run(rulesOf({ kind: 'port_blocks', keep: '2d' }))
    expect(all).toMatchObject([{ done: { act: 'drop', rows: 1 } }])
    expect(await ledger.count('ledger.port_block')).toBe(0)
    expect(await ledger.problems()).toEqual([])
  })

  test('notices of gateways go one by one', async () => {
    const now = Date.now() * 1000
    await write(natEvents.quotaExceeded, [
      block('10.0.0.1', now - 3 * dayUs),
      block('10.0.0.1', now - 2 * dayUs),
      block('10.0.0.1', now - 3600e6),
    ])
    const done = await ledger.run(rulesOf({ kind: 'nat_events', keep: '1d' }))
    expect(done).toMatchObject([{ done: { act: 'delete', kind: 'nat_events', rows: 2 } }])
    expect(await ledger.count('ledger.nat_event')).toBe(1)
    expect(await ledger.problems()).toEqual([])
  })

  test('who held an inside address goes once it ended, not while it is held', async () => {
    const identity = openDatabase(postgres.urls.identity)
    const gone = makeSource(identity)
    await gone.write(
      { at: 0, mac: '02:00:00:00:00:01' },
      { what: 'end', at: 10, mac: '02:00:00:00:00:01' }
    )
    const still = makeSource(identity)
    await still.write({ at: 0, mac: '02:00:00:00:00:02', until: 1e7 })
    expect(await gone.held()).toHaveLength(1)
    const done = await ledger.run(rulesOf({ kind: 'identity', keep: '1d' }))
    expect(done).toMatchObject([{ done: { act: 'delete', kind: 'identity', rows: 1 } }])
    expect(await gone.held()).toEqual([])
    expect(await still.held()).toHaveLength(1)
    const [heard] = await owner.query<{ first: Date }>('read', {
      text: 'select first_heard as first from identity.source where name = $1',
      values: [gone.name],
    })
    // It says nothing any more of the time before.
    expect((heard?.first.getTime() ?? 0) * 1000).toBeGreaterThan(at(10))
    expect(await ledger.problems()).toEqual([])
    await identity.close()
  })

  test('a holding of an inside address that a held row shows stays', async () => {
    await fill(postgres.urls.collector, randomFlows(5, 50))
    const audit = openDatabase(postgres.urls.audit)
    const window = { fromUs: firstHourUs, toUs: firstHourUs + 3 * hourUs }
    await new HoldStore(audit).place(
      { address: '192.0.2.1', ...window, records: [], reason: 'order' },
      { actor: 'test', auditId: 1, detail: {} }
    )
    await audit.close()
    // 192.0.2.1 is of 10.0.0.1 and 10.0.0.3 in these rows.
    const text = `insert into identity.holding (start_at, alive_at, until_at, end_at, source,
        end_week, start_known, stop_told, weak, key, kind, prefix, first_record, last_record)
      select to_timestamp($1), to_timestamp($1), to_timestamp($2), to_timestamp($2),
        (select min(id) from identity.source), 0, true, true, false, gen_random_uuid(), 'lease',
        prefix, '', '' from unnest($3::cidr[]) prefix`
    const [from, to] = [firstHourUs / 1e6, firstHourUs / 1e6 + 3600]
    await owner.query('write', { text, values: [from, to, ['10.0.0.1/32', '10.0.0.2/32']] })
    const done = await ledger.run(rulesOf({ kind: 'identity', keep: '1h' }))
    expect(done).toMatchObject([{ done: { kind: 'identity', rows: 1 } }])
    const left = await owner.query('read', { text: 'select prefix::text from identity.holding' })
    expect(left).toEqual([{ prefix: '10.0.0.1/32' }])
  })

  test('fields are emptied in PostgreSQL, each with a proof', async () => {
    await fill(postgres.urls.collector, randomFlows(6, 200))
    const fields = ['destination', 'host_name', 'application', 'user_name']
    await owner.query('name users', { text: "update ledger.flow set user_name = 'u'" })
    const rules = rulesOf(...fields.map((field) => ({ kind: 'flows', field, keep: '2h' })))
    const done = await ledger.run(rules)
    const of = (outcome: (typeof done)[number]) => ('done' in outcome ? outcome.done.field : '')
    expect(new Set(done.map(of))).toEqual(new Set(fields))
    const left = `ledger.flow where remote_port <> 0 or host_name is not null
      or application is not null or protocol_name is not null or user_name is not null
      or remote_ip <> decode(repeat('00', 16), 'hex')`
    expect(await ledger.count(left)).toBe(0)
    expect(await ledger.count('ledger.flow')).toBe(200)
    expect(await ledger.run(rules)).toEqual([])
    expect(await ledger.problems()).toEqual([])
  })

  test('the running program purges by itself, hot and sealed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flowledger-purging-'))
    await fill(postgres.urls.collector, randomFlows(7, 100))
    await ledger.seal()
    await fill(postgres.urls.collector, randomFlows(8, 100, 5000n))
    const { config } = loadConfig({ dataDir: folder }, {})
    const said: string[] = []
    const say = (sentence: string): void => void said.push(sentence)
    const purging = startPurging(
      {
        ...config,
        dataDir: postgres.dataDir,
        archive: { directory: ledger.directory },
        retention: { rules: rulesOf({ kind: 'flows', keep: '2h' }), everyMs: 50 },
      },
      postgres.urls.owner,
      { info: say, warn: say, error: say }
    )
    await until(() => said.length > 0)
    await purging?.stop()
    expect(said[0]).toMatch(/^Retention: 200 records purged, 6 proofs\.$/)
    expect((await ledger.everything()).length).toBe(0)
    expect(await ledger.files()).toEqual({ found: [], catalogued: [] })
    expect(await ledger.problems()).toEqual([])
    await rm(folder, { recursive: true })
    const nothing = { rules: [], everyMs: 50 }
    const off = startPurging({ ...config, retention: nothing }, postgres.urls.owner, console)
    expect(off).toBeUndefined()
  })
})

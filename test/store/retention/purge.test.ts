import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makePurgeContext } from '../../../appliance/retention/context.ts'
import { judgeCoverage } from '../../../lookup-api/coverage-judgement.ts'
import { verifyProofs } from '../../../lookup-api/evidence-file/verify-proofs.ts'
import { matchesDestination } from '../../../lookup-api/hosts.ts'
import { joinSlices } from '../../../lookup-api/connections.ts'
import { octetsOfAddress, requireAddress } from '../../../model/address.ts'
import { retentionConfigOf, retentionSchema } from '../../../model/retention.ts'
import type { RetentionRule } from '../../../model/retention.ts'
import type { Slice } from '../../../model/slice.ts'
import { verifyAudit } from '../../../store/audit-verify.ts'
import { makeReadCoverage } from '../../../store/coverage-query.ts'
import { openDatabase } from '../../../store/database.ts'
import type { Database } from '../../../store/database.ts'
import { makeFindMappings } from '../../../store/find-mappings.ts'
import { HoldStore } from '../../../store/holds.ts'
import { openRetentionKeys } from '../../../store/retention/keys.ts'
import { destinationHash } from '../../../store/retention/destination-hash.ts'
import type { PurgeFacts } from '../../../store/retention/proof.ts'
import { duePurges } from '../../../store/retention/run.ts'
import { listPublicKeys } from '../../../store/signing-key.ts'
import { skipPostgres, usePostgres } from '../../postgres.ts'
import { baseUs, fillLedger } from '../ledger-fixture.ts'

const rulesOf = (...rules: object[]): readonly RetentionRule[] =>
  retentionConfigOf(retentionSchema.parse({ rules })).rules

describe.skipIf(skipPostgres)('what is past its time', () => {
  const postgres = usePostgres()
  let owner: Database

  beforeEach(async () => {
    owner = openDatabase(postgres.urls.owner)
    const text = `truncate ledger.flow, ledger.held, ledger.retention_edge, ledger.cursor,
      cases.hold, ledger.gap`
    await owner.query('begin anew', { text })
    await fillLedger(postgres.urls.collector)
  })
  afterEach(() => owner.close())

  const count = async (table: string): Promise<number> =>
    Number(
      (await owner.query<{ n: string }>('count', { text: `select count(*) n from ${table}` }))[0]?.n
    )

  const proven = async (): Promise<number> => {
    const text = `select coalesce(sum(row_count), 0) as n from retention.proof`
    return Number((await owner.query<{ n: string }>('count', { text }))[0]?.n)
  }

  async function run(rules: readonly RetentionRule[]): Promise<PurgeFacts[]> {
    const context = await makePurgeContext(postgres.dataDir, owner, 'test')
    const done: PurgeFacts[] = []
    for await (const due of duePurges({ database: owner, rules, nowUs: context.nowUs })) {
      const facts = await due.run(context)
      if (facts !== undefined) done.push(facts)
    }
    return done
  }

  async function problems(): Promise<readonly unknown[]> {
    const proofs = await verifyProofs(owner, await listPublicKeys(postgres.dataDir))
    const audit = await verifyAudit(owner, postgres.dataDir, [])
    return [...proofs.problems, ...audit.problems]
  }

  const find = async (port = 61284): Promise<readonly Slice[]> => {
    const lookup = openDatabase(postgres.urls.lookup)
    const address = requireAddress('192.0.2.1')
    const query = { address, port, fromUs: baseUs, toUs: baseUs + 400e6, limit: 10 }
    const found = await makeFindMappings(lookup)(query)
    await lookup.close()
    return found.slices
  }

  test('goes with a proof, and is said to be before retention', async () => {
    const all = await count('ledger.flow')
    const done = await run(rulesOf({ kind: 'flows', keep: '2h' }))
    expect(done.reduce((sum, { rows }) => sum + rows, 0)).toBe(all)
    expect(await count('ledger.flow')).toBe(0)
    expect(await find()).toEqual([])
    expect(await problems()).toEqual([])
    const sources = await makeReadCoverage(owner)(baseUs, baseUs + 1)
    const window = { fromUs: baseUs + 1, toUs: baseUs + 1, nowUs: baseUs + 1e9, reached: undefined }
    const judged = judgeCoverage({ ...window, sources, required: ['gw1'] })
    expect(judged.gaps.map(({ reason }) => reason)).toContain('before-retention')
    expect(judged.state).not.toBe('complete')
    expect(await run(rulesOf({ kind: 'flows', keep: '2h' }))).toEqual([])
  })

  test('of one source leaves the others alone', async () => {
    const all = await count('ledger.flow')
    await owner.query('give one to another', {
      text: `update ledger.flow set source = (select id from ledger.source where name = 'file')
             where flow_id = 3`,
    })
    const done = await run(rulesOf({ kind: 'flows', keep: '2h', source: 'file' }))
    expect(done.map(({ rows, act }) => [rows, act])).toEqual([[1, 'delete']])
    expect(await count('ledger.flow')).toBe(all - 1)
    expect(await problems()).toEqual([])
  })

  test('of a destination leaves a hash that matches it and no other', async () => {
    const rules = rulesOf({ kind: 'flows', field: 'destination', keep: '2h', leave: 'hash' })
    const done = await run(rules)
    expect(done.every(({ act }) => act === 'hash')).toBe(true)
    expect(await run(rules)).toEqual([])
    const [connection] = joinSlices((await find()).filter(({ protocol }) => protocol === 17))
    expect(connection?.remote.port).toBe(0)
    const keys = await openRetentionKeys(postgres.dataDir)
    const matches = (text: string, port?: number): boolean => {
      const ip = requireAddress(text)
      const hash = destinationHash(keys, octetsOfAddress(ip), port ?? 0).toString('hex')
      const asked = port === undefined ? { ip } : { ip, port }
      return connection !== undefined && matchesDestination(connection, asked, hash)
    }
    expect(matches('203.0.113.77', 53)).toBe(true)
    expect(matches('203.0.113.77')).toBe(true)
    expect(matches('203.0.113.77', 54)).toBe(false)
    expect(matches('203.0.113.78')).toBe(false)
    expect(await problems()).toEqual([])
  })

  test('is kept for a hold until that ends, then goes with a proof too', async () => {
    const audit = openDatabase(postgres.urls.audit)
    const before = await find()
    const holds = new HoldStore(audit)
    const entry = { actor: 'test', auditId: 1, detail: {} }
    const hold = await holds.place(
      {
        address: '192.0.2.1',
        port: 61284,
        fromUs: baseUs,
        toUs: baseUs + 400e6,
        records: [],
        reason: 'order',
      },
      entry
    )
    expect(await count('ledger.held')).toBe(before.length)
    await run(
      rulesOf({ kind: 'flows', keep: '2h' }, { kind: 'flows', field: 'destination', keep: '1h' })
    )
    expect(await count('ledger.flow')).toBe(0)
    expect(await find()).toEqual(before)
    expect(await find(80)).toEqual([])
    await holds.release(hold.id, 'withdrawn', entry)
    const done = await run([])
    expect(done.map(({ kind, rows }) => [kind, rows])).toEqual([['held', before.length]])
    expect(await find()).toEqual([])
    expect(await problems()).toEqual([])
    await audit.close()
  })

  test.each(['begun', 'digested', 'purged', 'chained', 'proven', 'committed', 'headed'])(
    'killed when it has %s: nothing is gone without proof, and nothing twice',
    async (step) => {
      const rules = rulesOf({ kind: 'flows', keep: '2h' })
      const [all, provenBefore] = [await count('ledger.flow'), await proven()]
      const file = fileURLToPath(new URL('./purge-child.ts', import.meta.url))
      const child = spawn(process.execPath, ['--import', 'tsx', file, step], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: {
          ...process.env,
          PURGE_OPTIONS: JSON.stringify({
            url: postgres.urls.owner,
            dataDir: postgres.dataDir,
            rules,
          }),
        },
      })
      const [, signal] = (await once(child, 'close')) as [number | null, string | null]
      expect(signal).toBe('SIGKILL')
      expect((await count('ledger.flow')) + (await proven()) - provenBefore).toBe(all)
      expect(await problems()).toEqual([])
      await run(rules)
      expect(await count('ledger.flow')).toBe(0)
      expect((await proven()) - provenBefore).toBe(all)
      expect(await problems()).toEqual([])
    }
  )
})

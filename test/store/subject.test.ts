import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makePurgeContext } from '../../appliance/retention/context.ts'
import { makeAnswerDependencies } from '../../appliance/serving/answering.ts'
import { loadConfig } from '../../cli/config/load.ts'
import { principalOfCommand } from '../../cli/actor.ts'
import { deletionOf } from '../../lookup-api/subject/deletion-of.ts'
import { showSubject } from '../../lookup-api/subject/show-subject.ts'
import type { SubjectQuestion } from '../../lookup-api/subject/subject-spans.ts'
import { formatWords, parsePrefix, requireAddress } from '../../model/address.ts'
import type { Slice } from '../../model/slice.ts'
import { formatInstant } from '../../model/time.ts'
import { makeReadCoverage } from '../../store/coverage-query.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import { HoldStore } from '../../store/holds.ts'
import type { PurgeFacts } from '../../store/retention/proof.ts'
import { countSubject } from '../../store/subject/count-subject.ts'
import { deleteSubject } from '../../store/subject/delete-subject.ts'
import { runFlowledger } from '../cli/run-flowledger.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { fill } from './archive/fill.ts'
import { firstHourUs, hourUs, randomFlows } from './archive/random-flows.ts'
import { lineOf, SealedLedger } from './retention/sealed-fixture.ts'

const question: SubjectQuestion = {
  kind: 'user',
  value: 'alice',
  fromUs: firstHourUs - hourUs,
  toUs: firstHourUs + 10 * hourUs,
}
/** When 10.0.0.1 was hers. */
const [fromUs, toUs] = [firstHourUs + hourUs / 4, firstHourUs + 1.75 * hourUs]

const isHers = ({ inside: { ip }, startUs }: Slice): boolean =>
  formatWords(ip) === '10.0.0.1' && startUs >= fromUs && startUs < toUs

const isHeld = ({ public: { ip, port } }: Slice): boolean =>
  formatWords(ip) === '192.0.2.1' && port === 1024

describe.skipIf(skipPostgres)('what is held on a person', () => {
  const postgres = usePostgres()
  let ledger: SealedLedger
  beforeEach(async () => {
    ledger = await SealedLedger.open(postgres, join(postgres.dataDir, 'archive'))
    await fill(postgres.urls.collector, randomFlows(41, 400))
    await ledger.seal()
    await fill(postgres.urls.collector, randomFlows(42, 200, 5000n))
    const text = `
      with s as (insert into identity.source (name, kind) values ('dhcp', 'dhcpd')
        on conflict do nothing returning id)
      insert into identity.holding (start_at, alive_at, until_at, end_at, stop_at, source, end_week,
        start_known, stop_told, weak, key, kind, prefix, user_name, first_record, last_record)
      select to_timestamp($1), to_timestamp($2), to_timestamp($2), to_timestamp($2),
        to_timestamp($2), s.id, extract(epoch from to_timestamp($2))::bigint / 604800, true, true,
        false, gen_random_uuid(), 'lease', '10.0.0.1/32', 'alice', '', '' from s`
    await ledger.owner.query('write', { text, values: [fromUs / 1e6, toUs / 1e6] })
  })
  afterEach(() => ledger.close())

  test('is shown with all of its places, and deleted with proofs; holds win', async () => {
    const { config } = loadConfig({ dataDir: postgres.dataDir }, {})
    const databases = {
      lookup: openDatabase(postgres.urls.lookup),
      audit: openDatabase(postgres.urls.audit),
      identity: openDatabase(postgres.urls.identity),
      directory: openDatabase(postgres.urls.directory),
    }
    const nothingOpen = { query: async () => [], get: async () => [] } as never
    const deps = makeAnswerDependencies(config, databases, nothingOpen)
    const principal = principalOfCommand()
    const before = await ledger.everything()
    const hers = before.filter(isHers)
    const entry = { actor: 'test', auditId: 1, detail: {} }
    await new HoldStore(databases.audit).place(
      { address: '192.0.2.1', port: 1024, fromUs, toUs, records: [], reason: 'order' },
      entry
    )
    const shown = await showSubject(question, deps, principal)
    expect(shown.counts.flows + shown.counts.sealed_flows).toBe(hers.length)
    expect(shown.counts.flows).toBeGreaterThan(0)
    expect(shown.counts.sealed_flows).toBeGreaterThan(0)
    expect(shown.counts).toMatchObject({ identity: 1, port_blocks: 0 })
    // The question itself is in the audit now, and so is found by the next.
    const again = await showSubject(question, deps, principal)
    expect(again.mentions.audit_count).toBe(shown.mentions.audit_count + 1)
    expect(again.mentions.audit[0]?.action).toBe('subject')

    const context = await makePurgeContext(postgres.dataDir, ledger.owner, 'test')
    const deletion = await deletionOf(question, { reason: 'request' }, deps, context.keys)
    const done: PurgeFacts[] = []
    for await (const one of deleteSubject(context, ledger.directory, deletion)) done.push(one)
    const rowsOf = (kind: string): number =>
      done.filter((one) => one.kind === kind).reduce((sum, { rows }) => sum + rows, 0)
    expect(rowsOf('flows')).toBe(hers.length)
    const heldOfHers = hers.filter(
      (slice) => isHeld(slice) && slice.startUs <= toUs && slice.endUs >= fromUs
    )
    expect(heldOfHers.length).toBeGreaterThan(0)
    // Her holding shows who the held rows were of, and stays with them.
    expect(rowsOf('identity')).toBe(0)
    const left = [...before.filter((slice) => !isHers(slice)), ...heldOfHers]
    const after = await ledger.everything()
    expect(after.map(lineOf).toSorted()).toEqual(left.map(lineOf).toSorted())
    expect(await ledger.problems()).toEqual([])
    const documents = await ledger.owner.query<{ document: string }>('read', {
      text: 'select document from retention.proof',
    })
    expect(documents.some(({ document }) => document.includes('alice'))).toBe(false)
    const [gw1] = await makeReadCoverage(ledger.owner)(fromUs, toUs)
    expect(gw1?.gaps.map(({ reason }) => reason)).toContain('deleted')

    await ledger.owner.query('end the hold', { text: 'truncate cases.hold, ledger.held cascade' })
    const rest: PurgeFacts[] = []
    for await (const one of deleteSubject(context, ledger.directory, deletion)) rest.push(one)
    expect(rest).toMatchObject([{ kind: 'identity', rows: 1 }])
    expect((await showSubject(question, deps, principal)).holdings).toEqual([])
    await Promise.all(Object.values(databases).map((database) => database.close()))
  })

  test('counts each row once, whoever names it and wherever it moves meanwhile', async () => {
    const hers = (await ledger.everything()).filter(isHers)
    const prefix = parsePrefix('10.0.0.1/32')
    if (prefix === undefined) throw new Error('that is a prefix')
    // Two sources tell of her lease, the one a little longer than the other.
    const spans = [
      { prefix, fromUs, toUs: toUs - 1e6 },
      { prefix, fromUs: fromUs + 1e6, toUs },
    ]
    const lookup = openDatabase(postgres.urls.lookup)
    const count = (database = lookup) => countSubject(database, ledger.directory, spans)
    const once = await count()
    expect(once.flows + once.sealed).toBe(hers.length)
    await ledger.owner.query('hold some rows twice', {
      text: `insert into ledger.held select h.hold, f.* from ledger.flow f,
        (values (1), (2)) h (hold) where f.public_key is not null`,
    })
    expect(await count()).toMatchObject({ held: once.flows })
    // What is sealed while it is counted is not counted in both places.
    let isFirst = true
    const sealing: Database = {
      ...lookup,
      async query(what, query) {
        const rows = await lookup.query(what, query)
        if (isFirst && query.text.includes('from ledger.flow t')) {
          isFirst = false
          await ledger.seal()
        }
        return rows as never
      },
    }
    const meanwhile = await count(sealing)
    expect(isFirst).toBe(false)
    expect(meanwhile).toMatchObject({ flows: 0, sealed: hers.length })
    await ledger.owner.query('end the holds', { text: 'truncate ledger.held' })
    await lookup.close()
  })

  test('is shown on the command line, and a second person is needed where that is said', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flowledger-subject-'))
    const config = join(folder, 'config.yaml')
    await writeFile(config, 'access: { second_person: [purge] }\n')
    const times = ['--from', formatInstant(question.fromUs), '--to', formatInstant(question.toUs)]
    const where = ['--data-dir', postgres.dataDir, '--config', config]
    const address = ['address', '10.0.0.1', ...times, ...where]
    const shown = runFlowledger(['subject', 'show', ...address, '-o', 'json'])
    const all = (await ledger.everything()).filter(
      ({ inside: { ip } }) => ip.join() === requireAddress('10.0.0.1').join()
    )
    const { counts } = JSON.parse(shown.stdout) as { counts: Record<string, number> }
    expect((counts['flows'] ?? 0) + (counts['sealed_flows'] ?? 0)).toBe(all.length)
    const refused = runFlowledger(['subject', 'delete', ...address, '--reason', 'request'])
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toMatch(/approval of another person/)
    expect(await ledger.count('ledger.flow')).toBe(200)
    await rm(folder, { recursive: true })
  })
})

import { appendFile, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AuditWriter, listAudit } from '../../store/audit.ts'
import { chainHash, genesisHash } from '../../store/audit-chain.ts'
import { readAuditHead, readKeptHead } from '../../store/audit-head.ts'
import { verifyAudit } from '../../store/audit-verify.ts'
import { connect } from '../../store/connect.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import { skipPostgres, usePostgres } from '../postgres.ts'
import { until } from '../until.ts'

it('hashes canonical JSON behind the hash before', () => {
  const entry = { id: 1, atUs: 5, actor: 'a', action: 'b', detail: '{}' }
  // printf '{"action":"b","actor":"a","at":5,"detail":"{}","id":1}' behind 32 zero octets | sha256sum
  expect(chainHash(genesisHash, entry).toString('hex')).toBe(
    'bdf0d6dc34fe6a46d55a12ad96926a249e8a3563dec4a0ff250e16efc72864c1'
  )
})

describe.skipIf(skipPostgres)('the audit', () => {
  const postgres = usePostgres()
  let database: Database
  let owner: Client
  let audit: AuditWriter

  const append = (detail: Record<string, unknown> = {}): ReturnType<AuditWriter['appendAudit']> =>
    audit.appendAudit({ actor: 'token:desk', action: 'lookup', detail })

  async function problems(): Promise<string[]> {
    const { problems: found } = await verifyAudit(database, postgres.dataDir)
    return found.map((problem) => `${problem.kind} ${problem.id}`)
  }

  beforeAll(async () => {
    database = openDatabase(postgres.urls.audit)
    owner = await connect(postgres.urls.owner)
  })
  beforeEach(async () => {
    await owner.query('truncate audit.entry')
    await rm(join(postgres.dataDir, 'audit-head'), { force: true })
    audit = new AuditWriter(database, postgres.dataDir)
    for (let entry = 1; entry <= 5; entry++) await append({ entry })
  })
  afterAll(async () => {
    await database.close()
    await owner.end()
  })

  it('verifies what it wrote, whatever the detail holds', async () => {
    const detail = {
      ключ: '\u0000 \ud800 "\\',
      nested: [{ b: 1e-7, a: 0.1 + 0.2 }, null, true, 1e21],
      left: undefined,
    }
    const receipt = await append(detail)
    await audit.appendAudit({ actor: 'half a pair \ud83d', action: 'x', detail: {} })
    const verdict = await verifyAudit(database, postgres.dataDir)
    expect(verdict).toMatchObject({ entries: 7, problemCount: 0, head: { id: 7 } })
    expect(receipt.id).toBe(6)
    expect(await readAuditHead(postgres.dataDir)).toEqual(verdict.head)
    const path = join(postgres.dataDir, 'audit-head')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  const tampering: readonly [name: string, sql: string, found: readonly string[]][] = [
    ['changed', `update audit.entry set detail = '{"entry":9}' where id = 3`, ['changed 3']],
    ['changed actor', `update audit.entry set actor = 'nobody' where id = 5`, ['changed 5']],
    [
      'changed time',
      `update audit.entry set at = at + interval '1 microsecond' where id = 1`,
      ['changed 1'],
    ],
    ['removed', 'delete from audit.entry where id = 3', ['removed 4']],
    ['removed first', 'delete from audit.entry where id <= 2', ['removed 3']],
    [
      'reordered',
      `update audit.entry e set detail = o.detail from audit.entry o
       where (e.id, o.id) in ((2, 3), (3, 2))`,
      ['changed 2', 'changed 3'],
    ],
    ['end removed', 'delete from audit.entry where id >= 4', ['end-removed 5']],
    ['all removed', 'delete from audit.entry', ['end-removed 5']],
    [
      'inserted',
      `insert into audit.entry select 6, at, actor, action, detail, prev_hash, hash
       from audit.entry where id = 5`,
      ['chain-broken 6', 'changed 6'],
    ],
  ]
  it.each(tampering)('finds what was %s', async (_, sql, found) => {
    expect(await problems()).toEqual([])
    await owner.query(sql)
    expect(await problems()).toEqual(found)
  })

  it('finds a chain that was made anew, by its head', async () => {
    await forge(owner)
    expect(await problems()).toEqual(['head-differs 5'])
    // Further entries must not cover it up, nor move the head.
    await append()
    expect(await problems()).toEqual(['head-differs 5'])
    expect((await readAuditHead(postgres.dataDir)).id).toBe(5)
  })

  it('does not forget a cut end when it grows again', async () => {
    await owner.query('delete from audit.entry where id >= 4')
    for (let entry = 0; entry < 4; entry++) await append()
    expect(await problems()).toEqual(['head-differs 5'])
  })

  it('keeps one chain for several writers at once', async () => {
    const other = openDatabase(postgres.urls.audit)
    const second = new AuditWriter(other, postgres.dataDir)
    const receipts = await Promise.all(
      Array.from({ length: 2000 }, (_, entry) =>
        (entry % 2 === 0 ? audit : second).appendAudit({
          actor: 'a',
          action: 'b',
          detail: { entry },
        })
      )
    )
    expect(new Set(receipts.map((receipt) => receipt.id)).size).toBe(2000)
    expect(await verifyAudit(database, postgres.dataDir)).toMatchObject({
      entries: 2005,
      problemCount: 0,
    })
    expect((await readAuditHead(postgres.dataDir)).id).toBe(2005)
    await other.close()
  })

  it('shares a transaction among those who wait', async () => {
    const before = await countTransactions(owner)
    await Promise.all(Array.from({ length: 300 }, () => append()))
    expect((await countTransactions(owner)) - before).toBeLessThanOrEqual(2)
  })

  it('fails the entry that cannot be written, and no other', async () => {
    const good = [append(), append()]
    const bad = [
      audit.appendAudit({ actor: 'a\0b', action: 'x', detail: {} }),
      audit.appendAudit({ actor: 'a', action: 'x', detail: { n: Number.NaN } }),
      audit.appendAudit({ actor: 'a', action: 'x', detail: { text: 'x'.repeat(2 << 20) } }),
      audit.appendAudit({ actor: 'a'.repeat(301), action: 'x', detail: {} }),
    ]
    for (const entry of bad) await expect(entry).rejects.toMatchObject({ code: 'audit-unwritable' })
    await Promise.all(good)
    expect(await verifyAudit(database, postgres.dataDir)).toMatchObject({
      entries: 7,
      problemCount: 0,
    })
  })

  it('writes nothing where the head cannot be kept', async () => {
    await appendFile(join(postgres.dataDir, 'audit-head'), 'rubbish')
    await expect(append()).rejects.toMatchObject({ code: 'audit-unwritable' })
    await expect(append()).rejects.toThrow('audit-head does not hold an entry')
    expect(await countEntries(owner)).toBe(5)
  })

  it('lists from its end, page by page', async () => {
    const seen: number[] = []
    let cursor: string | undefined
    do {
      const page = await listAudit(database, { limit: 2, cursor })
      seen.push(...page.items.map((item) => item.id))
      cursor = page.next
    } while (cursor !== undefined)
    expect(seen).toEqual([5, 4, 3, 2, 1])
    const first = (await listAudit(database, { limit: 1 })).items[0]
    expect(first).toMatchObject({ actor: 'token:desk', action: 'lookup', detail: { entry: 5 } })
    expect(Math.abs(Date.parse(first?.at ?? '') - Date.now())).toBeLessThan(600_000)
    const wrong = listAudit(database, { limit: 1, cursor: 'x' })
    await expect(wrong).rejects.toMatchObject({ code: 'usage' })
  })

  it('stays whole when its process is killed in the middle', async () => {
    const script = join(postgres.dataDir, 'append.mts')
    const store = fileURLToPath(new URL('../../store', import.meta.url))
    await writeFile(
      script,
      `import { openDatabase } from '${store}/database.ts'
       import { AuditWriter } from '${store}/audit.ts'
       const audit = new AuditWriter(openDatabase('${postgres.urls.audit}'), '${postgres.dataDir}')
       for (;;) console.log((await audit.appendAudit({ actor: 'k', action: 'k', detail: {} })).id)`
    )
    const others = await connections(owner)
    const child = spawn(process.execPath, ['--import', 'tsx', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.on('data', (bytes) => {
      said += String(bytes)
      if (said.split('\n').length > 20) child.kill('SIGKILL')
    })
    await once(child, 'close')
    // What it sent last may be done by the server still.
    await until(async () => (await connections(owner)).every((pid) => others.includes(pid)))
    const last = Math.max(...said.split('\n').map(Number))
    const verdict = await verifyAudit(database, postgres.dataDir)
    expect(verdict.problems).toEqual([])
    expect(verdict.head.id).toBeGreaterThanOrEqual(last)
    const head = await readFile(join(postgres.dataDir, 'audit-head'), 'utf8')
    expect(Number(head.split(' ')[0])).toBeGreaterThanOrEqual(last)
    expect((await append()).id).toBe(verdict.head.id + 1)
  })

  it('has a head that only the key of this installation can write', async () => {
    const path = join(postgres.dataDir, 'audit-head')
    const kept = join(postgres.dataDir, 'kept')
    const text = await readFile(path, 'utf8')
    expect(text).toMatch(/^5 [0-9a-f]{64}\ned25519 [0-9a-f]{64} [0-9a-f]{128}\n$/)
    expect(await problems()).toEqual([])
    await writeFile(kept, text)
    // Who can write database and directory makes a whole new audit, but cannot sign its head.
    await writeFile(path, `${text.split('\n')[0]}\n`)
    expect(await problems()).toEqual(['head-unsigned 5'])
    const other = text.replace(/[0-9a-f]{128}/, 'a'.repeat(128))
    await writeFile(path, other)
    expect(await problems()).toEqual(['head-unsigned 5'])
    await owner.query('truncate audit.entry')
    await rm(path)
    audit = new AuditWriter(database, postgres.dataDir)
    for (let entry = 1; entry <= 6; entry++) await append({ entry, forged: true })
    expect(await problems()).toEqual([])
    const verdict = await verifyAudit(database, postgres.dataDir, [await readKeptHead(kept)])
    expect(verdict.problems.map(({ kind, id }) => `${kind} ${id}`)).toEqual(['head-differs 5'])
    await expect(readKeptHead(join(postgres.dataDir, 'none'))).rejects.toThrow('no copy')
  })

  it('is only ever added to by the log-in that writes it', async () => {
    for (const text of [
      `update audit.entry set actor = 'x'`,
      'delete from audit.entry',
      'truncate audit.entry',
      'drop table audit.entry',
      'alter table audit.entry disable trigger all',
      'create rule r as on insert to audit.entry do instead nothing',
    ]) {
      const done = database.query('tamper', { text })
      await expect(done, text).rejects.toMatchObject({ details: { sqlState: '42501' } })
    }
    for (const login of ['collector', 'lookup', 'identity', 'directory'] as const) {
      const other = openDatabase(postgres.urls[login])
      const read = other.query('read the audit', { text: 'select * from audit.entry' })
      await expect(read, login).rejects.toMatchObject({ details: { sqlState: '42501' } })
      const tokens = other.query('read the tokens', { text: 'select * from access.token' })
      await expect(tokens, login).rejects.toMatchObject({ details: { sqlState: '42501' } })
      await other.close()
    }
  })
})

async function countEntries(owner: Client): Promise<number> {
  const query = 'select count(*)::int as entries from audit.entry'
  const { rows } = await owner.query<{ entries: number }>(query)
  return rows[0]?.entries ?? -1
}

/** Processes of the server that write the audit for somebody. */
async function connections(owner: Client): Promise<number[]> {
  const query = "select pid from pg_stat_activity where usename = 'flowledger_audit'"
  const { rows } = await owner.query<{ pid: number }>(query)
  return rows.map(({ pid }) => pid)
}

/** How many transactions wrote the entries. */
async function countTransactions(owner: Client): Promise<number> {
  const query = 'select count(distinct xmin::text)::int as n from audit.entry'
  const { rows } = await owner.query<{ n: number }>(query)
  return rows[0]?.n ?? -1
}

/** What somebody with the owner's rights can do: other entries, with hashes that fit. */
async function forge(owner: Client): Promise<void> {
  let previous: Buffer = genesisHash
  for (let id = 1; id <= 5; id++) {
    const entry = { id, atUs: 0, actor: 'forger', action: 'x', detail: '{}' }
    const hash = chainHash(previous, entry)
    await owner.query(
      `update audit.entry set at = to_timestamp(0), actor = 'forger', action = 'x', detail = '{}',
         prev_hash = $2, hash = $3 where id = $1`,
      [id, previous, hash]
    )
    previous = hash
  }
}

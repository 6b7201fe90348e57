import type pg from 'pg'
import { canonicalJson } from '../model/canonical-json.ts'
import { FlowledgerError } from '../model/errors.ts'
import { chainHash, emptyHead } from './audit-chain.ts'
import type { AuditHead, ChainEntry } from './audit-chain.ts'
import { advanceAuditHead, readAuditHead } from './audit-head.ts'
import type { Database } from './database.ts'
import { microseconds, toTimestamp } from './timestamp.ts'

/** Key of the advisory lock under which the chain grows: the letters "audt". */
const chainLock = 0x61756474

/** Entries that one transaction takes at most. */
const maxGroup = 500

/** Characters of actor and action, and of the detail's text, that are taken. */
const maxNameLength = 300
const maxDetailLength = 1 << 20

/** What somebody did. `detail` holds JSON values only. */
export interface AuditEntry {
  readonly actor: string
  readonly action: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** An entry as it was written: its number, and the hash that proves it and all before it. */
export interface AuditReceipt {
  readonly id: number
  readonly hash: string
}

interface Waiting {
  readonly actor: string
  readonly action: string
  readonly detail: string
  readonly resolve: (receipt: AuditReceipt) => void
  readonly reject: (error: unknown) => void
}

/**
 * Appends to the audit. Entries that come while a transaction is under way wait and go into the next
 * one together, so the rate is not that of flushes to disk. Several processes may append: each
 * transaction holds the chain's lock and starts from the last entry that the database has.
 */
export class AuditWriter {
  readonly #database: Database
  readonly #dataDir: string
  #waiting: Waiting[] = []
  #working: Promise<void> | undefined

  /** @param dataDir where `audit-head` is kept */
  constructor(database: Database, dataDir: string) {
    this.#database = database
    this.#dataDir = dataDir
  }

  /**
   * Writes an entry; when it is done, the entry is safe on disk and in `audit-head`.
   *
   * @throws FlowledgerError `audit-unwritable`: then nothing may be answered
   */
  appendAudit(entry: AuditEntry): Promise<AuditReceipt> {
    const { promise, resolve, reject } = withResolvers<AuditReceipt>()
    try {
      const detail = canonicalJson(entry.detail)
      requireBounded(entry, detail)
      this.#waiting.push({ actor: entry.actor, action: entry.action, detail, resolve, reject })
    } catch (error) {
      reject(unwritable(error))
      return promise
    }
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
    })
    return promise
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, maxGroup)
      try {
        const receipts = await this.#write(group)
        for (const [index, { resolve, reject }] of group.entries()) {
          const receipt = receipts[index]
          if (receipt === undefined) reject(unwritable(undefined))
          else resolve(receipt)
        }
      } catch (error) {
        for (const { reject } of group) reject(unwritable(error))
      }
    }
  }

  async #write(group: readonly Waiting[]): Promise<readonly AuditReceipt[]> {
    const known = await readAuditHead(this.#dataDir)
    const { receipts, holdsKnown } = await this.#database.transaction(
      'append to the audit',
      (client) => appendGroup(client, group, known)
    )
    const last = receipts.at(-1)
    // A head that is not in the database any more is the proof of that, and must not be covered up.
    if (holdsKnown && last !== undefined) await advanceAuditHead(this.#dataDir, last)
    return receipts
  }
}

async function appendGroup(
  client: pg.PoolClient,
  group: readonly Waiting[],
  known: AuditHead
): Promise<{ receipts: readonly AuditReceipt[]; holdsKnown: boolean }> {
  await client.query('select pg_advisory_xact_lock($1)', [chainLock])
  const { rows } = await client.query<{ id: string; hash: Buffer }>({
    name: 'audit head',
    text: `select id, hash from audit.entry where id = $1
           union all (select id, hash from audit.entry order by id desc limit 1)`,
    values: [known.id],
  })
  const heads = rows.map((row) => ({ id: Number(row.id), hash: row.hash.toString('hex') }))
  const last = heads.reduce((a, b) => (b.id > a.id ? b : a), emptyHead)
  const atKnown = heads.find((head) => head.id === known.id)?.hash
  const entries = chain(group, last)
  await insertEntries(client, entries)
  return {
    receipts: entries.map(({ id, hash }) => ({ id, hash: hash.toString('hex') })),
    holdsKnown: known.id === 0 || atKnown === known.hash,
  }
}

interface HashedEntry extends ChainEntry {
  readonly previous: Buffer
  readonly hash: Buffer
}

function chain(group: readonly Waiting[], head: AuditHead): readonly HashedEntry[] {
  const atUs = Date.now() * 1000
  let previous: Buffer = Buffer.from(head.hash, 'hex')
  return group.map(({ actor, action, detail }, index) => {
    const entry = { id: head.id + 1 + index, atUs, actor, action, detail }
    const hashed = { ...entry, previous, hash: chainHash(previous, entry) }
    previous = hashed.hash
    return hashed
  })
}

async function insertEntries(
  client: pg.PoolClient,
  entries: readonly HashedEntry[]
): Promise<void> {
  await client.query({
    name: 'append audit',
    text: `insert into audit.entry (id, at, actor, action, detail, prev_hash, hash)
           select * from unnest($1::int8[], $2::timestamptz[], $3::text[], $4::text[], $5::text[],
             $6::bytea[], $7::bytea[])`,
    values: [
      entries.map((entry) => entry.id),
      entries.map((entry) => toTimestamp(entry.atUs)),
      entries.map((entry) => entry.actor),
      entries.map((entry) => entry.action),
      entries.map((entry) => entry.detail),
      entries.map((entry) => entry.previous),
      entries.map((entry) => entry.hash),
    ],
  })
}

function requireBounded({ actor, action }: AuditEntry, detail: string): void {
  if (actor.length > maxNameLength || action.length > maxNameLength) {
    throw new RangeError('The name of an actor or action is too long.')
  }
  if (detail.length > maxDetailLength) throw new RangeError('The detail is too long.')
  // One entry that cannot be hashed must not cost those that are written with it.
  canonicalJson([actor, action])
  // PostgreSQL's text cannot hold it. In JSON text it is escaped, and harmless there.
  if (`${actor}${action}`.includes('\0')) throw new RangeError('A name holds a zero octet.')
}

function unwritable(cause: unknown): FlowledgerError {
  const reason = cause instanceof Error ? ` ${cause.message}` : ''
  return new FlowledgerError('audit-unwritable', `The audit entry was not written.${reason}`, {
    fix: 'Nothing is answered without it; see that the database and the data directory can be written.',
    cause,
  })
}

/** Promise.withResolvers, which Node 20 does not have yet. */
function withResolvers<T>(): {
  promise: Promise<T>
  resolve: (value: T) => void
  reject: (error: unknown) => void
} {
  let resolve: (value: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((onDone, onFailure) => {
    resolve = onDone
    reject = onFailure
  })
  return { promise, resolve, reject }
}

/** An entry as it is read back. */
export interface RecordedEntry extends AuditEntry {
  readonly id: number
  /** RFC 3339, UTC. */
  readonly at: string
  /** Hexadecimal SHA-256 that chains this entry to the one before. */
  readonly hash: string
}

/** A page of entries, newest first. */
export interface AuditPage {
  readonly items: readonly RecordedEntry[]
  readonly next?: string
}

/** Entries of one page at most. */
const maxPageEntries = 1000

/**
 * Reads the audit from its end towards its start.
 *
 * @param page `cursor` is `next` of the page before
 * @throws FlowledgerError `usage`, `database-unreachable`, `database-failed`
 */
export async function listAudit(
  database: Database,
  page: { readonly limit: number; readonly cursor?: string | undefined }
): Promise<AuditPage> {
  const { cursor = String(Number.MAX_SAFE_INTEGER) } = page
  if (!/^\d{1,16}$/.test(cursor)) {
    throw new FlowledgerError('usage', 'The cursor is not one that a page gave.', {
      fix: 'Take the cursor of the page before as it is.',
    })
  }
  const limit = Math.min(maxPageEntries, Math.max(1, page.limit))
  const rows = await database.query<{
    id: string
    at: string
    actor: string
    action: string
    detail: string
    hash: Buffer
  }>('read the audit', {
    text: `select id, ${microseconds('at')} as at, actor, action, detail, hash
           from audit.entry where id < $1 order by id desc limit $2`,
    values: [cursor, limit + 1],
  })
  const items = rows.slice(0, limit).map(({ id, at, actor, action, detail, hash }) => ({
    id: Number(id),
    at: toTimestamp(Number(at)),
    actor,
    action,
    detail: JSON.parse(detail) as Record<string, unknown>,
    hash: hash.toString('hex'),
  }))
  const last = items.at(-1)
  return rows.length <= limit || last === undefined ? { items } : { items, next: String(last.id) }
}

import type pg from 'pg'
import { canonicalJson } from '../model/canonical-json.ts'
import { FlowledgerError } from '../model/errors.ts'
import { chainHash, emptyHead } from './audit-chain.ts'
import type { AuditEntry, AuditHead, ChainEntry } from './audit-chain.ts'
import { auditHeadsIn } from './audit-head.ts'
import type { AuditHeads } from './audit-head.ts'
import type { Database } from './database.ts'
import { toTimestamp } from './timestamp.ts'

export { listAudit } from './audit-list.ts'

/** Key of the advisory lock under which the chain grows: the letters "audt". */
const chainLock = 0x61756474

/** Entries that one transaction takes at most. */
const maxGroup = 500

/** Characters of actor and action, and of the detail's text, that are taken. */
const maxNameLength = 300
const maxDetailLength = 1 << 20

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
 * Appends to the audit. Entries that come while a transaction is under way wait and go into the
 * next one together, so the rate is not that of flushes to disk. Several processes may append: each
 * transaction holds the chain's lock and starts from the last entry that the database has.
 */
export class AuditWriter {
  readonly #database: Database
  readonly #heads: AuditHeads
  #waiting: Waiting[] = []
  #isWorking = false

  /** @param heads who keeps `audit-head`; text: it is in that data directory */
  constructor(database: Database, heads: string | AuditHeads) {
    this.#database = database
    this.#heads = typeof heads === 'string' ? auditHeadsIn(heads) : heads
  }

  /**
   * Writes an entry; when it is done, the entry is safe on disk and in `audit-head`.
   *
   * @throws FlowledgerError `audit-unwritable`: then nothing may be answered
   */
  async appendAudit(entry: AuditEntry): Promise<AuditReceipt> {
    const prepared = prepare(entry)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...prepared, resolve, reject })
      if (!this.#isWorking) void this.#work()
    })
  }

  /** Writes group after group until nobody waits; a failed group fails its own entries only. */
  async #work(): Promise<void> {
    this.#isWorking = true
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
    this.#isWorking = false
  }

  async #write(group: readonly Waiting[]): Promise<readonly AuditReceipt[]> {
    // First: an entry that could not be signed for is not written.
    const known = await this.#heads.known()
    const { receipts, holdsKnown } = await this.#database.transaction(
      'append to the audit',
      (client) => appendGroup(client, group, known)
    )
    const last = receipts.at(-1)
    // A head that is not in the database any more is the proof of that, and must not be covered up.
    if (holdsKnown && last !== undefined) {
      await this.#heads.advance(last)
    }
    return receipts
  }
}

async function appendGroup(
  client: pg.ClientBase,
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

/**
 * Appends an entry within a transaction of the caller, who does something that must not happen
 * without it. It should be the last thing before the commit: the chain waits for its end.
 *
 * @param client of a log-in that may write the audit
 * @param known the head kept outside; it is moved after the commit, where it is in the chain
 * @throws FlowledgerError `audit-unwritable`
 */
export async function appendWithin(
  client: pg.ClientBase,
  entry: AuditEntry,
  known: AuditHead
): Promise<AuditReceipt & { readonly holdsKnown: boolean }> {
  const prepared = prepare(entry)
  const waiting = { ...prepared, resolve: () => {}, reject: () => {} }
  const { receipts, holdsKnown } = await appendGroup(client, [waiting], known)
  if (receipts[0] === undefined) throw unwritable(undefined)
  return { ...receipts[0], holdsKnown }
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
  client: pg.ClientBase,
  entries: readonly HashedEntry[]
): Promise<void> {
  // All of a group are of one instant.
  const at = toTimestamp(entries[0]?.atUs ?? 0)
  await client.query({
    name: 'append audit',
    text: `insert into audit.entry (id, at, actor, action, detail, prev_hash, hash)
           select * from unnest($1::int8[], $2::timestamptz[], $3::text[], $4::text[], $5::text[],
             $6::bytea[], $7::bytea[])`,
    values: [
      entries.map((entry) => entry.id),
      entries.map(() => at),
      entries.map((entry) => entry.actor),
      entries.map((entry) => entry.action),
      entries.map((entry) => entry.detail),
      entries.map((entry) => entry.previous),
      entries.map((entry) => entry.hash),
    ],
  })
}

/** The texts of an entry, bounded: what cannot be written is refused before it joins a group. */
function prepare(entry: AuditEntry): { actor: string; action: string; detail: string } {
  const actor = storable(entry.actor)
  const action = storable(entry.action)
  if (actor.length > maxNameLength || action.length > maxNameLength) {
    throw unwritable(new RangeError('The name of an actor or action is too long.'))
  }
  // PostgreSQL's text cannot hold it. In JSON text it is escaped, and harmless.
  if (`${actor}${action}`.includes('\0')) {
    throw unwritable(new RangeError('The name of an actor or action holds a zero octet.'))
  }
  const detail = detailText(entry.detail)
  if (detail.length > maxDetailLength) throw unwritable(new RangeError('The detail is too long.'))
  return { actor, action, detail }
}

function detailText(detail: unknown): string {
  try {
    return canonicalJson(detail)
  } catch (error) {
    throw unwritable(error)
  }
}

function unwritable(cause: unknown): FlowledgerError {
  const reason = cause instanceof Error ? ` ${cause.message}` : ''
  return new FlowledgerError('audit-unwritable', `The audit entry was not written.${reason}`, {
    fix:
      'Nothing is answered without it; see that the database and the data directory can be ' +
      'written.',
    cause,
  })
}

/**
 * A name as PostgreSQL gives it back: half a surrogate pair has no UTF-8, and an entry must be
 * hashed as it is stored.
 */
function storable(name: string): string {
  return Buffer.from(name, 'utf8').toString('utf8')
}

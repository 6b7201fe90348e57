import { createHmac } from 'node:crypto'
import type pg from 'pg'
import { to } from 'pg-copy-streams'
import { archiveLock } from '../archive/archive-lock.ts'
import type { ToldAside } from '../archive/aside.ts'
import { advanceAuditHead, readAuditHead } from '../audit-head.ts'
import { appendWithin } from '../audit.ts'
import type { Database } from '../database.ts'
import { codeOf } from '../database-error.ts'
import { openSigningKey } from '../signing-key.ts'
import { toTimestamp } from '../timestamp.ts'
import type { RetentionKeys } from './keys.ts'

/** What a purge did to rows. `empty`, `hash`: of a field; the rows stay. */
export type PurgeAct = 'drop' | 'delete' | 'empty' | 'hash'

/** What was purged, as its proof says it. Times are microseconds since 1970. */
export interface PurgeFacts {
  readonly act: PurgeAct
  readonly kind: string
  /** What they were rows of: a table, a file, a hold. */
  readonly subject: string
  readonly field?: string
  /** The time that the rows lie in; left out where they have none. */
  readonly fromUs?: number
  readonly toUs?: number
  readonly rows: number
  /** Rows of each source, and the rule that they were past by. */
  readonly parts: readonly {
    readonly source: string
    readonly rows: number
    readonly rule: string
  }[]
  /** HMAC-SHA-256, hexadecimal: of rows, see {@link digestRows}, or of the octets of a file. */
  readonly digest: string
  /** Rows that a hold keeps a copy of, or kept from being purged. */
  readonly held: number
  /** Of a purge by people: what it was done by. */
  readonly authority?: Readonly<Record<string, unknown>>
  /**
   * Of a sealed file: SHA-256 as it was `sealed`, as it was `found` where that is another, and
   * `after` it was written anew as `path`; of a hold that of its `signed_copy`.
   */
  readonly files?: Readonly<Record<string, string>>
}

/** A signed file, as the wiring makes it of a document. */
export interface SignedProof {
  readonly text: string
  readonly sha256: string
}

/** What purges work with. */
export interface PurgeContext {
  /** A pool of the owner: nobody else may drop what is past. */
  readonly database: Database
  readonly dataDir: string
  readonly keys: RetentionKeys
  readonly actor: string
  readonly nowUs: number
  /** Signs what a proof says. */
  sign(facts: PurgeFacts, actor: string): Promise<SignedProof>
  /** Told of a file of the archive that is kept under another name: see removeStrays. */
  readonly toldAside?: ToldAside
  /** Called between steps, for tests that end the process there. */
  step?(name: string): void
}

/** Key of the advisory lock that one purge at a time holds: the letters "purg". */
const purgeLock = 0x70757267

/**
 * How long a purge waits for a lock. Below PostgreSQL's deadlock_timeout (1 s), so that where it
 * and the collector wait for each other it is the purge that gives way.
 */
const settings = `
  set local lock_timeout = '900ms';
  set local timezone = 'UTC';
  set local datestyle = 'ISO, MDY';
  set local bytea_output = 'hex'`

/** SQLSTATEs after which a purge is tried again: lock_not_available, deadlock_detected. */
const busyCodes = new Set(['55P03', '40P01'])
const tries = 20
const pauseMs = 500

/**
 * Purges and proves in one transaction: rows go if, and only if, their signed proof and its entry
 * in the audit are there.
 *
 * @param work purges, and gives what it purged; undefined: no row
 * @returns the number of the proof
 */
export async function purge(
  context: PurgeContext,
  work: (client: pg.ClientBase) => Promise<PurgeFacts | undefined>
): Promise<PurgeFacts | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await purgeOnce(context, work)
    } catch (error) {
      const busy = busyCodes.has(codeOf((error as Error).cause ?? error))
      if (!busy || attempt >= tries) throw error
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}

async function purgeOnce(
  context: PurgeContext,
  work: (client: pg.ClientBase) => Promise<PurgeFacts | undefined>
): Promise<PurgeFacts | undefined> {
  const { database, dataDir, actor } = context
  const step = (name: string): void => context.step?.(name)
  const [key, known] = [await openSigningKey(dataDir), await readAuditHead(dataDir)]
  const done = await database.transaction('purge', async (client) => {
    await client.query(settings)
    await client.query('select pg_advisory_xact_lock($1)', [purgeLock])
    // What is being sealed is not purged meanwhile: it would come back from the file.
    await client.query('select pg_advisory_xact_lock($1)', [archiveLock])
    step('begun')
    const facts = await work(client)
    if (facts === undefined || facts.rows === 0) return undefined
    step('purged')
    const signed = await context.sign(facts, actor)
    const { act, kind, subject, field, rows, digest, parts, files } = facts
    const what = { act, kind, subject, field, rows, digest, parts, files }
    const detail = { ...what, file_sha256: signed.sha256 }
    const entry = { actor, action: 'purge', detail }
    const receipt = await appendWithin(client, entry, known)
    step('chained')
    await insertProof(client, context, facts, signed, receipt.id)
    step('proven')
    return { facts, receipt }
  })
  step('committed')
  if (done?.receipt.holdsKnown === true) await advanceAuditHead(dataDir, done.receipt, key)
  step('headed')
  return done?.facts
}

async function insertProof(
  client: pg.ClientBase,
  { actor, nowUs }: PurgeContext,
  facts: PurgeFacts,
  signed: SignedProof,
  auditId: number
): Promise<void> {
  const { act, kind, subject, fromUs, toUs, rows, digest } = facts
  const time = (us: number | undefined): string | null =>
    us === undefined ? null : toTimestamp(us)
  await client.query(
    `insert into retention.proof (at, actor, act, kind, subject, from_at, to_at, row_count, digest,
       audit_id, document, document_sha256)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      toTimestamp(nowUs),
      actor,
      act,
      kind,
      subject,
      time(fromUs),
      time(toUs),
      rows,
      Buffer.from(digest, 'hex'),
      auditId,
      signed.text,
      Buffer.from(signed.sha256, 'hex'),
    ]
  )
}

/**
 * HMAC-SHA-256, hexadecimal, of rows in the text form of COPY: a line a row, columns between tabs,
 * times in UTC, octets in hexadecimal. The statement orders by every column, so that the same rows
 * have one digest.
 *
 * @param select has no parameters, and holds nothing that came from outside
 */
export async function digestRows(
  client: pg.ClientBase,
  select: string,
  { digest }: RetentionKeys
): Promise<string> {
  const hmac = createHmac('sha256', digest)
  const stream = client.query(to(`copy (${select}) to stdout`))
  for await (const chunk of stream) hmac.update(chunk as Buffer)
  return hmac.digest('hex')
}

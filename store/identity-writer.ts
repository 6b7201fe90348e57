import type pg from 'pg'
import { FlowledgerError } from '../model/errors.ts'
import type { IdentityEvent, IdentitySourceKind } from '../model/identity.ts'
import type { Database } from './database.ts'
import { IdentityBatch } from './identity-batch.ts'
import { bindRows, writeRestarts } from './identity-bounds.ts'
import type { Restart } from './identity-bounds.ts'
import { insertSegments } from './identity-copy.ts'
import { mergeRows, readSegments, updateSegments } from './identity-rows.ts'
import type { Segment } from './identity-segment.ts'
import { keptText } from './identity-text.ts'
import { fromInt8, toTimestamp } from './timestamp.ts'

/** A source of statements, as the operator named it. */
export interface IdentitySourceName {
  /** Keys of statements, cursors and restarts are its own. */
  readonly name: string
  readonly kind: IdentitySourceKind
  /** How far its clock may be off (us); left out: what it was before, at first 0. */
  readonly skewUs?: number | undefined
}

/** What is written together with statements. */
export interface IdentityProgress {
  /** Up to here the source was heard (us). */
  readonly atUs: number
  /** Records since the last write: read, not understood, and refused. */
  readonly counters: {
    readonly read: number
    readonly unknown: number
    readonly refused: number
  }
  /** Where in `file` the next statement stands; `key` names the file through its renamings. */
  readonly cursor?: { readonly file: string; readonly key: string; readonly offset: number }
  /** Times in which the source was not heard. */
  readonly gaps?: readonly {
    readonly fromUs: number
    readonly toUs: number
    readonly reason: string
  }[]
}

/** Statements that wait to be written, whole or not at all. Thousands at a time are fastest. */
export interface CollectedStatements {
  /** Takes statements; what was handed over is not kept. */
  add(events: readonly IdentityEvent[]): void
  /** Statements that wait. */
  readonly size: number
  /** Keys that they name: as many as statements where nothing is said again. */
  readonly keys: number
  /**
   * Writes them; nothing can be added any more.
   *
   * @throws FlowledgerError `database-unreachable`, `database-failed`: nothing was written, unless
   *   the connection broke in the last moment; {@link IdentityWriter.readCursor} tells
   */
  write(progress: IdentityProgress): Promise<void>
}

/**
 * Each statement here finds a few rows by an index for each row of the batch. A table that grew by
 * an import has no statistics yet, and PostgreSQL would rather read it whole.
 */
const planByIndex = `
  select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true), set_config('enable_bitmapscan', 'off', true),
    set_config('jit', 'off', true)`

/**
 * Folds what one source says into `identity.holding`, as the log-in `identity`. Each write is a
 * transaction that moves the cursor too, so that nothing is taken twice; and would it be, nothing
 * would change (docs/explanation/identity.md). Several processes may write for one source: its row
 * is locked for as long as a write takes.
 */
export class IdentityWriter {
  readonly #database: Database
  readonly #source: IdentitySourceName
  #id: number | undefined
  readonly #lengths = new Set<string>()

  constructor(database: Database, source: IdentitySourceName) {
    this.#database = database
    this.#source = source
  }

  /** Takes statements that are to be written together, as many and as often as is wanted. */
  collect(): CollectedStatements {
    const batch = new IdentityBatch(this.#source.name)
    return {
      add: (events) => batch.add(events),
      get size() {
        return batch.size
      },
      get keys() {
        return batch.keys
      },
      write: (progress) => this.#write(batch, progress),
    }
  }

  /** Writes statements, as {@link CollectedStatements} does. */
  write(events: readonly IdentityEvent[], progress: IdentityProgress): Promise<void> {
    const collected = this.collect()
    collected.add(events)
    return collected.write(progress)
  }

  async #write(batch: IdentityBatch, progress: IdentityProgress): Promise<void> {
    const id = await this.#sourceId()
    const lengths = [...batch.lengths].filter((length) => !this.#lengths.has(length)).toSorted()
    await this.#database.transaction('write who held what', async (client) => {
      await client.query({ name: 'plan by index', text: planByIndex })
      await lockSource(client, id, batch, progress)
      await fold(client, id, batch)
      await writeLengths(client, lengths)
      await writeCursor(client, id, progress)
      await writeGaps(client, id, progress)
    })
    for (const length of lengths) this.#lengths.add(length)
  }

  /** Where the file that goes by `key` was read to; undefined where nothing of it was. */
  async readCursor(key: string): Promise<number | undefined> {
    const rows = await this.#database.query<{ byte_offset: string }>('read the cursor', {
      text: `select c.byte_offset from identity.cursor c
             join identity.source s on s.id = c.source where s.name = $1 and c.key = $2`,
      values: [this.#source.name, key],
    })
    const row = rows[0]
    return row === undefined ? undefined : fromInt8(row.byte_offset)
  }

  async #sourceId(): Promise<number> {
    if (this.#id !== undefined) return this.#id
    const { name, kind, skewUs } = this.#source
    const known = await this.#database.transaction('name a source', async (client) => {
      await client.query(
        'insert into identity.source (name, kind) values ($1, $2) on conflict (name) do nothing',
        [name, kind]
      )
      const { rows } = await client.query<{ id: number; kind: string }>(
        `update identity.source set skew_us = coalesce($2, skew_us) where name = $1
         returning id, kind`,
        [name, skewUs ?? null]
      )
      return rows[0]
    })
    if (known === undefined) throw new Error(`the source ${name} vanished`)
    if (known.kind !== kind) {
      const what = `The source "${name}" is of the kind ${known.kind}, not ${kind}.`
      throw new FlowledgerError('usage', what, { fix: 'Give this one another name.' })
    }
    this.#id = known.id
    return known.id
  }
}

async function fold(client: pg.ClientBase, id: number, batch: IdentityBatch): Promise<void> {
  const restarts = batch.restarts.map(restartOf)
  if (batch.size > 0) {
    const known = await readRestarts(client, id, restarts)
    batch.load(await readSegments(client, batch.wanted()))
    batch.load(await readSegments(client, batch.separate()))
    batch.fold(known)
    await writeBatch(client, id, batch, known.size > 0)
  }
  await writeRestarts(client, id, restarts)
}

/**
 * Lengths are of all sources. Who writes some that are new waits for who writes the same until that
 * ends, so everybody writes them in one order: else two could wait for each other.
 */
async function writeLengths(client: pg.ClientBase, lengths: readonly string[]): Promise<void> {
  for (const length of lengths) {
    await client.query(
      'insert into identity.prefix_length values ($1, $2) on conflict do nothing',
      length.split(' ')
    )
  }
}

function restartOf({ nas, atUs, record }: IdentityEvent): Restart {
  return { nas: keptText(nas) ?? '', at: toTimestamp(atUs), record: keptText(record) ?? '-' }
}

/** Counts, and keeps other writers of the source waiting until the transaction ends. */
async function lockSource(
  client: pg.ClientBase,
  id: number,
  { firstUs, unusable }: IdentityBatch,
  { atUs, counters }: IdentityProgress
): Promise<void> {
  const { rowCount } = await client.query({
    name: 'lock the source',
    text: `update identity.source set
             first_heard = least(first_heard, $2), last_heard = greatest(last_heard, $3),
             read_count = read_count + $4, unknown_count = unknown_count + $5,
             refused_count = refused_count + $6
           where id = $1`,
    values: [
      id,
      toTimestamp(Math.min(firstUs, atUs)),
      toTimestamp(atUs),
      counters.read,
      counters.unknown,
      counters.refused + unusable,
    ],
  })
  // Rows of holdings point to it, and nothing else looks whether it is there.
  if (rowCount !== 1) throw new Error(`the source of identities ${id} vanished`)
}

async function readRestarts(
  client: pg.ClientBase,
  id: number,
  added: readonly Restart[]
): Promise<ReadonlyMap<string, readonly number[]>> {
  const { rows } = await client.query<{ nas: string; us: string }>({
    name: 'read restarts',
    text: `select nas, (extract(epoch from at) * 1000000)::int8 as us
           from identity.restart where source = $1`,
    values: [id],
  })
  const found = new Map<string, number[]>()
  const add = (nas: string, us: number): void => {
    const list = found.get(nas)
    if (list === undefined) found.set(nas, [us])
    else list.push(us)
  }
  for (const { nas, us } of rows) add(nas, fromInt8(us))
  for (const { nas, at } of added) add(nas, Date.parse(at) * 1000)
  return found
}

async function writeBatch(
  client: pg.ClientBase,
  id: number,
  batch: IdentityBatch,
  restarted: boolean
): Promise<void> {
  const { segments, parts } = batch.changed()
  const fresh: Segment[] = segments.filter((segment) => segment.id === undefined)
  const known = segments.filter((segment) => segment.id !== undefined)
  await updateSegments(client, known)
  await insertSegments(client, id, fresh)
  await mergeRows(client, parts)
  const moved = known.filter(({ recheck }) => recheck)
  await bindRows(
    client,
    [...fresh, ...moved].flatMap((segment) => segment.id ?? []),
    restarted
  )
}

async function writeCursor(
  client: pg.ClientBase,
  id: number,
  { cursor }: IdentityProgress
): Promise<void> {
  if (cursor === undefined) return
  await client.query({
    name: 'write the cursor',
    text: `insert into identity.cursor (source, key, file, byte_offset) values ($1, $2, $3, $4)
           on conflict (source, key) do update set file = $3, byte_offset = $4`,
    values: [id, cursor.key, cursor.file, cursor.offset],
  })
}

async function writeGaps(
  client: pg.ClientBase,
  id: number,
  { gaps = [] }: IdentityProgress
): Promise<void> {
  if (gaps.length === 0) return
  await client.query(
    `insert into identity.gap (source, from_at, to_at, reason)
     select $1, * from unnest($2::timestamptz[], $3::timestamptz[], $4::text[])`,
    [
      id,
      gaps.map(({ fromUs, toUs }) => toTimestamp(Math.min(fromUs, toUs))),
      gaps.map(({ fromUs, toUs }) => toTimestamp(Math.max(fromUs, toUs))),
      gaps.map(({ reason }) => reason),
    ]
  )
}

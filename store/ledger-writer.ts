import type pg from 'pg'
import type { Gap, Progress, SourceKind } from '../model/coverage.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import type { Networks } from '../model/nat-view.ts'
import { connect } from './connect.ts'
import { CopyEncoder } from './copy-encoder.ts'
import type { Refusal } from './copy-encoder.ts'
import { startCopy } from './copy-stream.ts'
import { queryError } from './database-error.ts'
import { copyFlows } from './flow-table.ts'
import { KeyOrder, groupsToOrder } from './key-order.ts'
import { collectHours, ensurePartitions, hoursAhead, hoursFrom } from './partitions.ts'
import { cursorUnknown, requireNext, selectCursor, writeCursor } from './ledger-cursor.ts'
import type { SpoolPosition } from './spool-writer.ts'
import { toTimestamp } from './timestamp.ts'

/** What is written as one: all of it, or none. */
export interface LedgerCommit {
  /** Id of the source, as {@link LedgerWriter.registerSource} gives it. */
  readonly source: number
  /** Name of what is read; a source can have several. */
  readonly spool: string
  readonly batches: readonly FlowBatch[]
  readonly gaps: readonly Gap[]
  readonly progress?: Progress | undefined
  /** When the source first began to watch; only the first one counts. */
  readonly watchedFromUs?: number | undefined
  /** Up to where the spool is in the database after this commit. */
  readonly cursor: SpoolPosition
}

/** What a commit wrote. */
export interface CommitResult {
  /** Rows of `ledger.flow`: one or two for each flow. */
  readonly rows: number
  /** Flows that were refused, by reason. */
  readonly refused: Readonly<Partial<Record<Refusal, number>>>
  readonly clampedCounters: number
}

/**
 * Octets that are collected before they are sent: PostgreSQL works on them during the next ones.
 */
const chunkBytes = 256 << 10

/**
 * Writes flows, gaps and progress with the collector's log-in, over one connection, one commit
 * after another.
 *
 * **Exactly once.** The cursor moves in the transaction that writes the rows it stands for. When a
 * commit fails, nobody knows whether it took place: the answer may be what was lost. So the writer
 * forgets the cursor, and takes no commit until {@link readCursor} has asked the database. A cursor
 * that somebody else moved ends a commit too.
 */
export class LedgerWriter {
  readonly #url: string
  readonly #encoder = new CopyEncoder()
  readonly #order = new KeyOrder()
  readonly #cursors = new Map<string, SpoolPosition | undefined>()
  readonly #hours = new Set<number>()
  #networks: Networks
  #client: pg.Client | undefined
  #queue: Promise<unknown> = Promise.resolve()

  constructor(url: string, networks: Networks) {
    this.#url = url
    this.#networks = networks
  }

  /** Commits from now on go by these networks. */
  useNetworks(networks: Networks): void {
    this.#networks = networks
  }

  /** Makes a source known, or finds it again by its name; gives its id. */
  async registerSource(name: string, kind: SourceKind): Promise<number> {
    return this.#inTurn('register a source', async (client) => {
      const known = await client.query<{ id: number }>(
        `with made as (
           insert into ledger.source (name, kind) values ($1, $2)
           on conflict (name) do nothing returning id
         ) select id from made union all select id from ledger.source where name = $1`,
        [name, kind]
      )
      const id = known.rows[0]?.id
      // Somebody made it between the two halves of the statement; it is there the next time.
      if (id === undefined) throw new Error(`the source ${name} was being made`)
      return id
    })
  }

  /**
   * Up to where a spool is in the database; undefined where nothing of it is.
   *
   * @throws FlowledgerError `database-unreachable`, `database-failed`
   */
  async readCursor(source: number, spool: string): Promise<SpoolPosition | undefined> {
    return this.#inTurn('read the cursor', async (client) => {
      const cursor = await selectCursor(client, source, spool)
      this.#cursors.set(`${source} ${spool}`, cursor)
      return cursor
    })
  }

  /** Up to when a source is known (us since 1970), by whichever spool; undefined before it is. */
  async readWatermark(source: number): Promise<number | undefined> {
    return this.#inTurn('read the watermark', async (client) => {
      const text = `select extract(epoch from watermark)::float8 * 1e6 as us
                    from ledger.source where id = $1`
      const { rows } = await client.query<{ us: number | null }>(text, [source])
      return rows[0]?.us ?? undefined
    })
  }

  /**
   * Writes a commit, whole or not at all.
   *
   * @throws FlowledgerError `database-failed`, `database-unreachable`: read the cursor, then go on
   *   from there
   */
  async commit(commit: LedgerCommit): Promise<CommitResult> {
    return this.#inTurn('write flows', (client) => this.#write(client, commit))
  }

  /** Makes the partitions of the coming hours. */
  async ensureAhead(nowUs: number, hours = hoursAhead): Promise<void> {
    return this.#inTurn('make partitions', (client) =>
      this.#ensureHours(client, hoursFrom(nowUs, hours))
    )
  }

  /** Waits for the commit under way and closes the connection. */
  async close(): Promise<void> {
    await this.#queue.catch(() => {})
    await this.#client?.end()
    this.#client = undefined
  }

  /**
   * One after another, with a connection; after any failure nothing that was known still counts.
   */
  #inTurn<T>(what: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const turn = this.#queue
      .catch(() => {})
      .then(async () => {
        this.#client ??= await connect(this.#url)
        const client = this.#client
        try {
          return await work(client)
        } catch (error) {
          this.#client = undefined
          this.#cursors.clear()
          this.#hours.clear()
          await client.end().catch(() => {})
          throw queryError(error, what)
        }
      })
    this.#queue = turn.catch(() => {})
    return turn
  }

  async #ensureHours(client: pg.Client, hours: Iterable<number>): Promise<void> {
    const missing = [...hours].filter((hour) => !this.#hours.has(hour))
    await ensurePartitions(client, missing)
    for (const hour of missing) this.#hours.add(hour)
  }

  async #write(client: pg.Client, commit: LedgerCommit): Promise<CommitResult> {
    const key = `${commit.source} ${commit.spool}`
    if (!this.#cursors.has(key)) throw cursorUnknown(commit.spool)
    const nowUs = Date.now() * 1000
    const hours = new Set<number>()
    for (const batch of commit.batches) collectHours(batch, nowUs, hours)
    await this.#ensureHours(client, hours)
    await client.query('begin')
    const found = await selectCursor(client, commit.source, commit.spool, 'for update')
    requireNext(commit.spool, found, this.#cursors.get(key), commit.cursor)
    const encoder = this.#encoder
    encoder.begin(commit.source, this.#networks, nowUs)
    if (hours.size > 0) await this.#copy(client, commit.batches)
    else for (const batch of commit.batches) encoder.append(batch)
    await writeGaps(client, commit)
    await writeProgress(client, commit)
    await writeCursor(client, commit.source, commit.spool, found, commit.cursor)
    await client.query('commit')
    this.#cursors.set(key, commit.cursor)
    const { rows, clampedCounters } = encoder
    return { rows, refused: { ...encoder.refused }, clampedCounters }
  }

  async #copy(client: pg.Client, batches: readonly FlowBatch[]): Promise<void> {
    const encoder = this.#encoder
    const copy = startCopy(client, copyFlows)
    for (const group of groupsToOrder(batches)) {
      const rows = this.#order.sort(group, this.#networks)
      for (let place = 0; place < rows; place++) {
        const batch = group[this.#order.batchAt(place)]
        if (batch !== undefined) encoder.appendRow(batch.columns, this.#order.rowAt(place))
        if (encoder.bytesUsed < chunkBytes) continue
        await copy.write(encoder.bytes)
        encoder.clear()
      }
    }
    encoder.finish()
    await copy.write(encoder.bytes)
    const taken = await copy.end()
    if (taken !== encoder.rows) {
      throw new Error(`PostgreSQL took ${taken} rows of ${encoder.rows}`)
    }
  }
}

async function writeGaps(client: pg.Client, { source, gaps }: LedgerCommit): Promise<void> {
  if (gaps.length === 0) return
  await client.query(
    `insert into ledger.gap (source, from_at, to_at, reason, lost)
     select $1, * from unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::int8[])`,
    [
      source,
      // After a clock was set back a gap can end before it began; both ends stand for it then.
      gaps.map((gap) => toTimestamp(Math.min(gap.fromUs, gap.toUs))),
      gaps.map((gap) => toTimestamp(Math.max(gap.fromUs, gap.toUs))),
      gaps.map((gap) => gap.reason),
      gaps.map((gap) => gap.lost ?? null),
    ]
  )
}

/**
 * Moves watermark and closed_through, forwards only: `greatest` passes over nulls. A source that
 * begins to watch anew, having lost its spool, has a gap behind it: nobody watched since its last
 * watermark. One whose first frames are gone with an old ledger is believed from its first
 * watermark.
 */
async function writeProgress(client: pg.Client, commit: LedgerCommit): Promise<void> {
  const { source, progress, watchedFromUs } = commit
  if (progress === undefined && watchedFromUs === undefined) return
  const watchedFrom = watchedFromUs === undefined ? null : toTimestamp(watchedFromUs)
  if (watchedFrom !== null) {
    await client.query({
      name: 'gap of a new spool',
      text: `insert into ledger.gap (source, from_at, to_at, reason)
             select id, watermark, $2::timestamptz, 'down' from ledger.source
             where id = $1 and watched_from is not null and watermark < $2::timestamptz`,
      values: [source, watchedFrom],
    })
  }
  await client.query({
    name: 'progress',
    text: `update ledger.source set
             watermark = greatest(watermark, $2::timestamptz),
             closed_through = greatest(closed_through, $3::timestamptz),
             watched_from = coalesce(watched_from, $4::timestamptz, $2::timestamptz)
           where id = $1`,
    values: [
      source,
      progress === undefined ? null : toTimestamp(progress.watermarkUs),
      progress === undefined ? null : toTimestamp(progress.closedThroughUs),
      watchedFrom,
    ],
  })
}

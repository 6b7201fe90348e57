import type pg from 'pg'
import type { SourceKind } from '../model/coverage.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { latestUs } from '../model/latest-clock.ts'
import type { Networks } from '../model/nat-view.ts'
import { connect } from './connect.ts'
import { CopyEncoder } from './copy-encoder.ts'
import { startCopy } from './copy-stream.ts'
import { queryError } from './database-error.ts'
import { copyFlows } from './flow-table.ts'
import { KeyOrder, groupsToOrder } from './key-order.ts'
import { collectHours, ensurePartitions, hoursFrom, hoursMade } from './partitions.ts'
import { cursorUnknown, requireNext, selectCursor, writeCursor } from './ledger-cursor.ts'
import type { RecalledSpool, Rollups } from './rollups/rollups.ts'
import type { SpoolPosition } from './spool-position.ts'
import { writeCoverage } from './coverage-write.ts'
import type { SourceCommit } from './coverage-write.ts'

/**
 * Writes rows that are no slices, in the transaction of the commit that they came with; gives those
 * that it refused, by reason.
 */
export type NatRowWriter = (
  client: pg.Client,
  batches: readonly FlowBatch[],
  sourceIds: ReadonlyMap<number, number>
) => Promise<Readonly<Record<string, number>>>

/** What is written as one: all of it, or none. */
export interface LedgerCommit extends SourceCommit {
  /** Name of what is read; a source can have several. */
  readonly spool: string
  readonly batches: readonly FlowBatch[]
  /** See {@link RolledCommit}. */
  readonly areKept?: boolean
  /** Port blocks and the like; the writer that was given takes them. */
  readonly natBatches?: readonly FlowBatch[]
  /** Ids of the sources that rows name by their number in the spool. */
  readonly sourceIds?: ReadonlyMap<number, number>
  /** News of those sources. */
  readonly sources?: readonly SourceCommit[]
  /** Up to where the spool is in the database after this commit. */
  readonly cursor: SpoolPosition
}

/** What a commit wrote. */
export interface CommitResult {
  /** Rows of `ledger.flow`: one or two for each flow. */
  readonly rows: number
  /** Rows that were refused, by reason. */
  readonly refused: Readonly<Record<string, number>>
  readonly clampedCounters: number
}

const findSource = 'select id from ledger.source where name = $1'
const makeSource = `
  insert into ledger.source (name, kind, listener) values ($1, $2, $3)
  on conflict (name) do nothing returning id`

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
  readonly #writeNatRows: NatRowWriter | undefined
  /** What adds up for reports; undefined where nobody does. */
  readonly rollups: Rollups | undefined
  #networks: Networks
  #client: pg.Client | undefined
  #queue: Promise<unknown> = Promise.resolve()

  /**
   * @param writeNatRows takes the rows of a commit that are no slices
   * @param rollups adds up what is written, for reports
   */
  constructor(url: string, networks: Networks, writeNatRows?: NatRowWriter, rollups?: Rollups) {
    this.#url = url
    this.rollups = rollups
    this.#writeNatRows = writeNatRows
    this.#networks = networks
  }

  /** Commits from now on go by these networks. */
  useNetworks(networks: Networks): void {
    this.#networks = networks
  }

  /**
   * Makes a source known, or finds it again by its name; gives its id.
   *
   * @param listener id of the source whose gaps are its gaps too: what it was heard through
   */
  async registerSource(name: string, kind: SourceKind, listener?: number): Promise<number> {
    return this.#inTurn('register a source', async (client) => {
      for (;;) {
        // Looked for first: an insert takes one of the 32 767 numbers, also where it does nothing.
        const found = await client.query<{ id: number }>(findSource, [name])
        if (found.rows[0] !== undefined) return found.rows[0].id
        const made = await client.query<{ id: number }>(makeSource, [name, kind, listener ?? null])
        if (made.rows[0] !== undefined) return made.rows[0].id
        // Somebody else has made it in between.
      }
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

  /**
   * Takes up the sums of a spool where they are in the database: call after {@link readCursor},
   * before the first commit.
   */
  async recallRollups(
    source: number,
    sourceIds: ReadonlyMap<number, number>,
    spool: RecalledSpool
  ): Promise<void> {
    const context = { source, sourceIds, networks: this.#networks, nowUs: Date.now() * 1000 }
    const cursor = this.#cursors.get(`${source} ${spool.spool}`)
    await this.#inTurn('read sums', async (client) => {
      await this.rollups?.recall(client, cursor, { ...spool, ...context })
    })
  }

  /**
   * Up to when a source, or who is heard through it, is known (us since 1970), by whichever spool;
   * undefined before it is.
   */
  async readWatermark(source: number): Promise<number | undefined> {
    return this.#inTurn('read the watermark', async (client) => {
      const text = `select extract(epoch from watermark)::float8 * 1e6 as us
                    from ledger.source where id = $1 or listener = $1
                    order by watermark desc nulls last limit 1`
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
  async ensureAhead(nowUs: number, hours = hoursMade): Promise<void> {
    return this.#inTurn('make partitions', (client) =>
      this.#ensureHours(client, hoursFrom(nowUs, hours))
    )
  }

  /** Waits for the commit under way and closes the connection. */
  async close(): Promise<void> {
    await this.#queue.catch(() => {})
    if (this.#client !== undefined && this.rollups !== undefined) {
      const rollups = this.rollups
      // What it leaves undone is noted in the database, and done by the next that writes.
      await this.#inTurn('finish sums', (client) => rollups.finish(client)).catch(() => {})
    }
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
          this.rollups?.forget()
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
    const nowUs = latestUs()
    const hours = new Set<number>()
    for (const batch of commit.batches) collectHours(batch, nowUs, hours)
    await this.#ensureHours(client, hours)
    await client.query('begin')
    const found = await selectCursor(client, commit.source, commit.spool, 'for update')
    requireNext(commit.spool, found, this.#cursors.get(key), commit.cursor)
    const encoder = this.#encoder
    encoder.begin(commit.source, this.#networks, nowUs, commit.sourceIds)
    if (hours.size > 0) await this.#copy(client, commit.batches)
    else for (const batch of commit.batches) encoder.append(batch)
    const { natBatches = [], sourceIds = new Map<number, number>(), sources = [] } = commit
    const others =
      natBatches.length > 0 ? await this.#writeNatRows?.(client, natBatches, sourceIds) : undefined
    await writeCoverage(client, [commit, ...sources, ...encoder.ahead.list()])
    await writeCursor(client, commit.source, commit.spool, found, commit.cursor)
    await this.rollups?.take(client, commit, this.#networks, nowUs)
    await client.query('commit')
    this.rollups?.settled()
    this.#cursors.set(key, commit.cursor)
    const { rows, clampedCounters } = encoder
    return { rows, refused: addUp(encoder.refused, others ?? {}), clampedCounters }
  }

  async #copy(client: pg.Client, batches: readonly FlowBatch[]): Promise<void> {
    const encoder = this.#encoder
    const copy = startCopy(client, copyFlows)
    for (const group of groupsToOrder(batches)) {
      const rows = this.#order.sort(group, this.#networks)
      for (let place = 0; place < rows; place++) {
        const batch = group[this.#order.batchAt(place)]
        if (batch !== undefined) encoder.appendRow(batch, this.#order.rowAt(place))
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

/** Counts by reason, of two lists of them. */
function addUp(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>
): Record<string, number> {
  const sum: Record<string, number> = { ...one }
  for (const [reason, rows] of Object.entries(other)) sum[reason] = (sum[reason] ?? 0) + rows
  return sum
}

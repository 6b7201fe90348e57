import type pg from 'pg'
import type { ExtraName } from '../../model/fields.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { batchRows, waitingBatches } from '../../model/limits.ts'
import type { Networks } from '../../model/nat-view.ts'
import type { RollupKeep } from '../../model/reports-settings.ts'
import { selectCursor, writeCursor } from '../ledger-cursor.ts'
import { SpoolReader } from '../spool-reader.ts'
import type { SpoolPosition } from '../spool-position.ts'
import { RollupAggregate } from './aggregate.ts'
import type { RowContext } from './aggregate.ts'
import { deriveHours, removeOld, settleDays } from './derive.ts'
import type { WrittenHour } from './derive.ts'
import { trafficTables } from './traffic-rows.ts'
import { writeGauges } from './write-gauges.ts'
import type { GaugeSample } from './write-gauges.ts'
import { writePool } from './write-pool.ts'
import { writeTraffic } from './write-traffic.ts'

/** How sums are kept. */
export interface RollupOptions {
  /** How long sums gather before they are written (ms); 0: each commit writes its own. */
  readonly writeEveryMs: number
  readonly keep: RollupKeep
  /** Measures what is measured, once for each time that sums are written. */
  readonly measure?: (client: pg.ClientBase) => Promise<readonly GaugeSample[]>
  /** Milliseconds since 1970; left out: the clock. */
  readonly nowMs?: () => number
}

/** The commit whose rows are added up. */
export interface RolledCommit {
  readonly source: number
  readonly spool: string
  readonly batches: readonly FlowBatch[]
  /** True where they stay as they are until {@link waitingBatches} more have been committed. */
  readonly areKept?: boolean
  readonly natBatches?: readonly FlowBatch[]
  readonly sourceIds?: ReadonlyMap<number, number>
  readonly cursor: SpoolPosition
}

/** Rows that are not added up yet, and what they are taken by. */
interface WaitingBatch {
  readonly batch: FlowBatch
  readonly context: RowContext
}

/** Days are settled and old rows removed this often. */
const settleEveryMs = 600_000

/** The spool that flows come from. */
export interface RecalledSpool {
  readonly directory: string
  readonly spool: string
  /** Columns beside the usual ones that its rows are read with. */
  readonly extras: readonly ExtraName[]
}

/**
 * Adds up the rows of one writer's commits, and writes the sums now and then in the transaction of
 * one of them.
 *
 * **Exactly once.** Sums have a cursor of their own, `SPOOL rollups`, which moves in the
 * transaction that writes them and so is never past the cursor of the flows. What lies between the
 * two is in memory; after a failure or a start it is read from the spool again: see {@link recall}.
 * A writer without a spool (an import) writes its sums in each commit, and needs no cursor.
 */
export class Rollups {
  /** Rows of sums written by this process. */
  rows = 0
  readonly #options: RollupOptions
  readonly #nowMs: () => number
  readonly #aggregate = new RollupAggregate()
  #waiting: WaitingBatch[] = []
  readonly #sources = new Set<number>()
  #cursor: SpoolPosition | undefined
  #next: { readonly cursor: SpoolPosition } | undefined
  #writtenMs = 0
  #settledMs = 0
  #hurried = false

  constructor(options: RollupOptions) {
    this.#options = options
    this.#nowMs = options.nowMs ?? Date.now
  }

  /** Counters that were cut since no traffic is so much. */
  get cutCounters(): number {
    return this.#aggregate.cutCounters
  }

  /** Hours of what was told to last over a month that are in no sum. */
  get longRests(): number {
    return this.#aggregate.longRests
  }

  /** Names, interfaces and hosts that were added to `other`, for want of room. */
  get refusedItems(): number {
    const { traffic, hosts } = this.#aggregate
    const items = [traffic.applications, traffic.categories, traffic.protocols, traffic.interfaces]
    return hosts.refused + items.reduce((sum, { refused }) => sum + refused, 0)
  }

  /** The first segment that sums in memory are of: it must not be removed. */
  get segment(): number | undefined {
    return this.#options.writeEveryMs === 0 ? undefined : this.#cursor?.segment
  }

  /** True where the next commit writes. */
  get isDue(): boolean {
    if (this.#hurried && !this.#isEmpty) return true
    return this.#nowMs() - this.#writtenMs >= this.#options.writeEveryMs || this.#aggregate.isFull
  }

  /** The end is near: what there is, is written by the next commit. */
  hurry(): void {
    this.#hurried = true
  }

  /** Adds the rows of a commit, in its transaction; writes where that is due. */
  async take(
    client: pg.ClientBase,
    commit: RolledCommit,
    networks: Networks,
    nowUs: number
  ): Promise<void> {
    const { source, sourceIds = new Map<number, number>(), batches, natBatches = [] } = commit
    const context: RowContext = { source, sourceIds, networks, nowUs }
    this.#sources.add(source)
    for (const id of sourceIds.values()) this.#sources.add(id)
    let isWriting = this.#cursor === undefined || this.isDue
    for (const batch of batches) this.#waiting.push({ batch, context })
    const isLeft = commit.areKept === true && this.#waiting.length < waitingBatches
    if (isWriting || !isLeft) isWriting = (await this.#addUp(client, nowUs)) || isWriting
    for (const batch of natBatches) this.#aggregate.addNat(batch, context)
    if (!isWriting) return
    const isPlain = this.#options.writeEveryMs === 0
    await this.#writeSums(client, nowUs)
    if (!isPlain) {
      const name = cursorName(commit.spool)
      const from = this.#cursor ?? (await selectCursor(client, source, name))
      await writeCursor(client, source, name, from, commit.cursor)
    }
    await this.#measure(client, source, nowUs)
    await this.#settle(client, nowUs)
    this.#next = { cursor: commit.cursor }
  }

  /** The commit took place. */
  settled(): void {
    if (this.#next === undefined) return
    this.#cursor = this.#next.cursor
    this.#next = undefined
    this.#writtenMs = this.#nowMs()
  }

  /** A commit failed, or its answer was lost: what is in memory may be written, or not. */
  forget(): void {
    this.#waiting = []
    this.#aggregate.clear()
    this.#cursor = undefined
    this.#next = undefined
  }

  /**
   * Takes up where the database is: what flows are in the ledger and in no sum yet is read from the
   * spool again.
   *
   * @param cursor that of the flows
   */
  async recall(
    client: pg.ClientBase,
    cursor: SpoolPosition | undefined,
    from: RecalledSpool & RowContext
  ): Promise<void> {
    this.forget()
    this.#cursor = await selectCursor(client, from.source, cursorName(from.spool))
    if (this.#cursor === undefined || cursor === undefined) return
    const reader = new SpoolReader(from.directory, this.#cursor, true)
    const batch = makeFlowBatch(batchRows, from.extras)
    try {
      while (isBefore(reader.position, cursor)) {
        const frame = reader.next(batch)
        if (frame === undefined) break
        if (frame.kind === 'slices') this.#aggregate.addSlices(frame.batch, from)
        if (frame.kind === 'nat') this.#aggregate.addNat(frame.batch, from)
      }
    } finally {
      reader.close()
    }
  }

  /** The last words of a writer without a spool: what its commits left to be computed. */
  async finish(client: pg.ClientBase): Promise<void> {
    if (this.#options.writeEveryMs > 0 || this.rows === 0) return
    await client.query('begin')
    await settleDays(client, [...this.#sources], this.#options.keep, Date.now() * 1000)
    await client.query('commit')
  }

  get #isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#aggregate.isEmpty
  }

  /**
   * Adds up what waits.
   *
   * @returns true where it had to write: late rows of many hours take much room
   */
  async #addUp(client: pg.ClientBase, nowUs: number): Promise<boolean> {
    const waiting = this.#waiting
    this.#waiting = []
    let hasWritten = false
    for (const { batch, context } of waiting) {
      this.#aggregate.addSlices(batch, context)
      if (!this.#aggregate.isFull) continue
      hasWritten = true
      await this.#writeSums(client, nowUs)
    }
    return hasWritten
  }

  async #writeSums(client: pg.ClientBase, nowUs: number): Promise<void> {
    const aggregate = this.#aggregate
    if (aggregate.isEmpty) return
    this.rows += await writeTraffic(client, trafficTables(aggregate))
    const { pool } = aggregate
    this.rows += await writePool(client, pool)
    const hours = new Map<string, WrittenHour>()
    for (let block = 0; block < pool.blocks.count; block++) {
      const source = pool.addresses.sourceOf(pool.blocks.groups[block] ?? 0)
      const seconds = (pool.blocks.hours[block] ?? 0) * 3600
      hours.set(`${source} ${seconds}`, { source, seconds })
    }
    await deriveHours(client, [...hours.values()], this.#options.keep, nowUs)
    aggregate.clear()
  }

  async #measure(client: pg.ClientBase, source: number, nowUs: number): Promise<void> {
    const samples = (await this.#options.measure?.(client)) ?? []
    await writeGauges(client, source, samples, nowUs)
  }

  async #settle(client: pg.ClientBase, nowUs: number): Promise<void> {
    if (!this.#hurried && this.#nowMs() - this.#settledMs < settleEveryMs) return
    await settleDays(client, [...this.#sources], this.#options.keep, nowUs)
    await removeOld(client, this.#options.keep, nowUs)
    this.#settledMs = this.#nowMs()
  }
}

const cursorName = (spool: string): string => `${spool} rollups`

function isBefore(a: SpoolPosition, b: SpoolPosition): boolean {
  return a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset)
}

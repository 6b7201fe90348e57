import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Gap, Progress } from '../model/coverage.ts'
import { FlowledgerError } from '../model/errors.ts'
import type { ExtraName } from '../model/fields.ts'
import { makeFlowBatch } from '../model/flow-batch.ts'
import type { FlowBatch } from '../model/flow-batch.ts'
import { batchRows, waitingBatches } from '../model/limits.ts'
import { SpoolReader } from './spool-reader.ts'
import type { SpoolFrame } from './spool-reader.ts'
import { CommitNotes, isUrgent } from './commit-notes.ts'
import type { SourceNews } from './commit-notes.ts'
import { OwnSegments } from './own-segments.ts'
import { spoolFill } from './spool-room.ts'
import { listSegments, segmentName } from './spool-segments.ts'
import type { SpoolPosition } from './spool-position.ts'

/** What one transaction takes: all of it or nothing. */
export interface SpoolCommit {
  readonly batches: readonly FlowBatch[]
  /** They stay as they are until {@link waitingBatches} more have been committed. */
  readonly areKept: true
  /** What NAT gateways told that is no slice. */
  readonly natBatches: readonly FlowBatch[]
  /** News of the sources that a spool of several holds, by their number in it. */
  readonly sources: ReadonlyMap<number, SourceNews>
  readonly gaps: readonly Gap[]
  readonly watchedFromUs: number | undefined
  readonly progress: Progress | undefined
  readonly cursor: SpoolPosition
}

/** The ledger as the pump needs it; a failure leaves no trace of the commit, or all of it. */
export interface CommitTarget {
  readCursor(): Promise<SpoolPosition | undefined>
  commit(commit: SpoolCommit): Promise<void>
  /** Up to when the ledger knows what the spool tells (us since 1970). */
  readWatermark?(): Promise<number | undefined>
  /** True where a commit is wanted though nothing new was read. */
  owes?(isStopping: boolean): boolean
  /** The first segment that is needed still, though it is committed. */
  readonly neededSegment?: number | undefined
}

export interface PumpOptions {
  readonly directory: string
  /** Octets of all segments past which committed ones go before their time. */
  readonly maxBytes: number
  /** Octets of the disk that are left to others. */
  readonly keepFreeBytes?: number
  /** How long a committed segment is kept (ms). */
  readonly keepMs: number
  readonly onError: (error: unknown) => void
  /** Columns beside the usual ones that the ledger wants of this spool. */
  readonly extras?: readonly ExtraName[]
}

/** Frames that one transaction takes at the most. */
const framesPerCommit = 64
/** Rows are gathered this long, unless a look-up waits for them: each commit costs the same. */
const gatherMs = 500
const awaitedMs = 2
/** A watermark without rows is committed this often. */
const quietMs = 2000
const retryMs = 500
const cleanMs = 10_000

/**
 * Carries a spool into the ledger: rows, gaps and the cursor in one transaction, again and again
 * from the ledger's own cursor after a failure, so that each row arrives exactly once.
 */
export class SpoolPump {
  /** Rows committed by this process. */
  rows = 0
  /** Commits that failed; the rows were sent again. */
  failures = 0
  /** The last failure, while it lasts. */
  failure: unknown
  /** Watermark of the last commit (us). */
  committedWatermarkUs = 0
  private readonly target: CommitTarget
  private readonly options: PumpOptions
  private readonly reader: SpoolReader
  private readonly segments: OwnSegments
  /** A ring: those of a commit are taken again after those of the ones that followed it. */
  private readonly ring: readonly FlowBatch[]
  private nextInRing = 0
  private committed: SpoolPosition = { segment: 0, offset: 0 }
  private lastWatermarkUs = 0
  private seenDamage = 0
  /** From when on segments are gone that the ledger has not read; undefined where all are there. */
  private unreadFromUs: number | undefined
  private stopping = false
  private cleanedAtMs = -Infinity
  private committedAtMs = -Infinity
  private waiters: { position: SpoolPosition; resolve: () => void }[] = []
  private kick: () => void = () => {}

  constructor(target: CommitTarget, options: PumpOptions) {
    this.target = target
    this.options = options
    this.segments = new OwnSegments(options.directory)
    this.reader = new SpoolReader(options.directory, this.committed, true)
    this.ring = Array.from({ length: framesPerCommit + waitingBatches }, () =>
      makeFlowBatch(batchRows, options.extras)
    )
  }

  /** Runs until {@link stop}; whatever fails is tried again. */
  async run(): Promise<void> {
    let known = false
    for (;;) {
      try {
        if (!known) await this.rewind()
        known = true
        const more = await this.round()
        this.failure = undefined
        if (more) continue
        if (this.stopping) break
        await this.rest(this.waiters.length > 0 ? awaitedMs : gatherMs)
      } catch (error) {
        known = false
        this.failures++
        this.failure = error
        this.options.onError(error)
        if (this.stopping) break
        await this.rest(retryMs)
      }
    }
    this.reader.close()
  }

  /** Ends after what stands in the spool is committed, or a commit has failed. */
  stop(): void {
    this.stopping = true
    this.kick()
  }

  /**
   * Resolves once everything before a position is in the ledger.
   *
   * @throws FlowledgerError `database-failed` where that takes longer than `timeoutMs`
   */
  async reach(position: SpoolPosition, timeoutMs: number): Promise<void> {
    const reached = new Promise<void>((resolve) => {
      this.waiters.push({ position, resolve })
    })
    this.kick()
    const timer = new AbortController()
    const late = sleep(timeoutMs, 'late' as const, { signal: timer.signal }).catch(() => 'late')
    const won = await Promise.race([reached.then(() => 'reached'), late])
    timer.abort()
    if (won === 'late') {
      throw new FlowledgerError('database-failed', 'The ledger does not keep up with the spool.', {
        fix: 'Look at /readyz for what holds the writer up.',
        cause: this.failure,
      })
    }
  }

  /** The ledger's cursor is the truth; a commit whose answer was lost may have been made. */
  private async rewind(): Promise<void> {
    const cursor = await this.target.readCursor()
    this.committed = cursor ?? { segment: 0, offset: 0 }
    this.reader.seek(this.committed)
    this.unreadFromUs = undefined
    const [first] = listSegments(this.options.directory)
    // A database that was restored is behind; segments between it and the spool can be gone.
    if (cursor === undefined || first === undefined || first <= cursor.segment) return
    this.unreadFromUs = (await this.target.readWatermark?.()) ?? this.lastWatermarkUs
  }

  /** Reads what is there and commits it. @returns true where more may be waiting */
  private async round(): Promise<boolean> {
    const chunk = this.read()
    const news = chunk.natBatches.length > 0 || [...chunk.sources.values()].some(isUrgent)
    const quiet = chunk.batches.length === 0 && chunk.gaps.length === 0 && !news
    const due = this.stopping || performance.now() - this.committedAtMs >= quietMs
    const told = chunk.progress !== undefined || chunk.sources.size > 0
    const owes = this.target.owes?.(this.stopping) === true
    if (!quiet || chunk.watchedFromUs !== undefined || (due && told) || owes) {
      await this.target.commit(chunk)
      this.committed = chunk.cursor
      this.committedAtMs = performance.now()
      this.rows += chunk.batches.reduce((sum, batch) => sum + batch.length, 0)
      this.committedWatermarkUs = chunk.progress?.watermarkUs ?? this.committedWatermarkUs
    }
    this.release(chunk.cursor)
    if (quiet) this.segments.require(this.committed)
    this.clean()
    return chunk.frames >= framesPerCommit
  }

  private read(): SpoolCommit & { frames: number } {
    const batches: FlowBatch[] = []
    const natBatches: FlowBatch[] = []
    const notes = new CommitNotes()
    let progress: Progress | undefined
    let frames = 0
    let used = 0
    // Frames without rows cost nothing to carry, but a read is bounded all the same.
    while (used < framesPerCommit && frames < framesPerCommit * 64) {
      const frame = this.reader.next(this.ring[this.nextInRing])
      if (frame === undefined) break
      frames++
      notes.gaps.push(...this.unreadBefore(frame), ...this.damageBefore(frame))
      if ((frame.kind === 'slices' || frame.kind === 'nat') && frame.batch.length > 0) {
        ;(frame.kind === 'nat' ? natBatches : batches).push(frame.batch)
        this.nextInRing = (this.nextInRing + 1) % this.ring.length
        used++
      }
      if (frame.kind === 'note') notes.take(frame.note)
      if (frame.watermarkUs > 0) {
        const { watermarkUs, closedThroughUs } = frame
        progress = { watermarkUs, closedThroughUs }
        this.lastWatermarkUs = watermarkUs
      }
    }
    const cursor = this.reader.position
    const { gaps, sources, watchedFromUs } = notes
    const full = used === framesPerCommit
    return {
      batches,
      areKept: true,
      natBatches,
      gaps,
      sources,
      progress,
      watchedFromUs,
      cursor,
      frames: full ? frames : 0,
    }
  }

  /**
   * A damaged frame, or the unreadable rest of a segment, is a gap up to what could be read next.
   */
  private damageBefore(frame: SpoolFrame): Gap[] {
    const skipped = this.reader.damagedSegments > this.seenDamage
    this.seenDamage = this.reader.damagedSegments
    if (frame.kind !== 'damaged' && !skipped) return []
    const toUs = Math.max(frame.watermarkUs, this.lastWatermarkUs)
    const lost = frame.kind === 'damaged' && !skipped ? { lost: frame.rows } : {}
    return [{ fromUs: this.lastWatermarkUs, toUs, reason: 'spool-damaged', ...lost }]
  }

  /** What the ledger was told once and has not any more, nor the spool, is a gap. */
  private unreadBefore(frame: SpoolFrame): Gap[] {
    const fromUs = this.unreadFromUs
    if (fromUs === undefined) return []
    this.unreadFromUs = undefined
    const toUs = Math.max(fromUs, frame.watermarkUs || Date.now() * 1000)
    return [{ fromUs, toUs, reason: 'restored' }]
  }

  private release(position: SpoolPosition): void {
    const ready = this.waiters.filter((waiter) => !isBefore(position, waiter.position))
    if (ready.length === 0) return
    this.waiters = this.waiters.filter((waiter) => isBefore(position, waiter.position))
    for (const waiter of ready) waiter.resolve()
  }

  /** Removes segments that the ledger has and that are old enough, or too many. */
  private clean(): void {
    const monotonicMs = performance.now()
    if (monotonicMs - this.cleanedAtMs < cleanMs) return
    this.cleanedAtMs = monotonicMs
    const now = Date.now()
    const { directory, keepMs } = this.options
    const { usedBytes, usableBytes } = spoolFill(this.options)
    let size = usedBytes
    for (const segment of listSegments(directory)) {
      if (segment >= Math.min(this.committed.segment, this.target.neededSegment ?? Infinity)) break
      const path = join(directory, segmentName(segment))
      const { size: bytes, mtimeMs } = statSync(path)
      if (now - mtimeMs < keepMs && size < usableBytes / 2) break
      rmSync(path)
      size -= bytes
    }
  }

  private rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.kick = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

function isBefore(a: SpoolPosition, b: SpoolPosition): boolean {
  return a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset)
}

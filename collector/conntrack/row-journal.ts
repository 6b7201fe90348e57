import { cutInterval } from '../../model/cut-interval.ts'
import type { Gap, GapReason, Progress } from '../../model/coverage.ts'
import { copyRow } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { maxConnectionUs, maxSliceUs } from '../../model/limits.ts'
import { EventMemory } from './event-memory.ts'
import { clearVerdicts, makeVerdictBatch } from './row-verdicts.ts'
import { holdSinceBoot } from './since-boot.ts'

/** Where the follower's rows go: the spool, handed in by who wires the program. */
export interface Journal {
  /** @returns false where the rows could not be kept */
  append(kind: 'open' | 'slices', batch: FlowBatch, progress: Progress): boolean
  gap(gap: Gap, progress: Progress): boolean
  watchedFrom(us: number, progress: Progress): boolean
  /** Why rows were not kept, the last time. */
  readonly refusedFor?: GapReason
}

/**
 * Gathers rows and hands them to the journal a batch at a time. Slices go first: a flow that ended
 * and another that took its tuple may lie in one flush, and recovery then sees the end before the
 * new beginning.
 */
export class RowJournal {
  /** What the rows lie in, with all else that events pass through. */
  readonly memory = new EventMemory()
  readonly opens = this.memory.makeBatch('opens')
  readonly slices = this.memory.makeBatch('slices')
  /** Up to where the rows gathered so far are complete; set by the follower. */
  progress: Progress = { watermarkUs: 0, closedThroughUs: 0 }
  private readonly journal: Journal
  private readonly scratch = makeVerdictBatch(1)

  constructor(journal: Journal) {
    this.journal = journal
  }

  /** A row of `opens` to fill; it counts once {@link keepOpen} is called. */
  openRow(): number {
    if (this.opens.length === this.opens.capacity) this.flush()
    return this.opens.length
  }

  keepOpen(): void {
    this.opens.length++
  }

  /** A row of `slices` to fill; it counts once {@link keepSlice} is called. */
  sliceRow(): number {
    if (this.slices.length === this.slices.capacity) this.flush()
    return this.slices.length
  }

  /** Keeps the slice row that was filled last; a longer one than a row may be is cut. */
  keepSlice(): void {
    const row = this.slices.length
    const { flowStartMicroseconds, flowEndMicroseconds } = this.slices.columns
    const start = flowStartMicroseconds[row] ?? 0
    const end = flowEndMicroseconds[row] ?? 0
    if (end - start > maxConnectionUs) holdSinceBoot(this.slices, row)
    if (end - start > maxSliceUs) this.keepPieces()
    else this.slices.length++
  }

  /** Hands over what was gathered; a flush without rows still carries the progress. */
  flush(): boolean {
    const { opens, slices } = this
    const slicesKept = slices.length === 0 || this.append('slices')
    const opensKept = opens.length === 0 || this.append('open')
    slices.length = 0
    opens.length = 0
    clearVerdicts(slices)
    clearVerdicts(opens)
    return slicesKept && opensKept
  }

  /** Tells the progress even where there are no rows. */
  heartbeat(): boolean {
    return this.flush() && this.append('slices')
  }

  /** Why the journal did not take rows, the last time. */
  get refusedFor(): GapReason {
    return this.journal.refusedFor ?? 'spool-full'
  }

  gap(gap: Gap): boolean {
    return this.flush() && this.journal.gap(gap, this.progress)
  }

  watchedFrom(us: number): boolean {
    return this.journal.watchedFrom(us, this.progress)
  }

  private append(kind: 'open' | 'slices'): boolean {
    return this.journal.append(kind, kind === 'open' ? this.opens : this.slices, this.progress)
  }

  private keepPieces(): void {
    const { scratch } = this
    clearVerdicts(scratch)
    copyRow(this.slices, this.slices.length, scratch, 0)
    cutInterval(scratch, maxSliceUs, (piece) => {
      copyRow(piece, 0, this.slices, this.sliceRow())
      this.slices.length++
    })
  }
}

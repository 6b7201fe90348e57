import type { ExportSpool } from './messages.ts'
import type { ColumnMemory } from '../../model/column-memory.ts'
import { makeBatchIn } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { batchRows } from '../../model/limits.ts'
import { SpoolReader } from '../../store/spool-reader.ts'
import type { SpoolFrame } from '../../store/spool-reader.ts'
import { listSegments } from '../../store/spool-segments.ts'
import type { SpoolPosition } from '../../store/spool-position.ts'

/** One spool as one target reads it: its own place, its own losses. */
export class ExportSource {
  readonly id: string
  /** Rows that could not be read back. */
  damagedRows = 0
  /** Times that segments were removed before they were read. */
  missedSegments = 0
  /** Until when what was read is complete (us). */
  watermarkUs = 0
  private readonly directory: string
  private readonly reader: SpoolReader
  private readonly batch: FlowBatch

  /**
   * @param from where it was; left out: the newest segment, which is what this run collects
   * @param withOpen whether connections that have begun are wanted
   * @param memory where its rows stand, so that the target's kernels reach them
   */
  constructor(
    { id, directory, extras }: ExportSpool,
    from: SpoolPosition | undefined,
    withOpen: boolean,
    memory: ColumnMemory | undefined
  ) {
    this.batch = makeBatchIn(memory, batchRows, extras)
    this.id = id
    this.directory = directory
    const newest = { segment: listSegments(directory).at(-1) ?? 0, offset: 0 }
    this.reader = new SpoolReader(directory, from ?? newest, !withOpen)
    if (from !== undefined) this.seek(from)
  }

  get position(): SpoolPosition {
    return this.reader.position
  }

  /** Goes back to a place; what is gone there is counted. */
  seek(position: SpoolPosition): void {
    const oldest = listSegments(this.directory)[0]
    if (oldest !== undefined && oldest > position.segment) this.missedSegments++
    this.reader.seek(position)
  }

  /** The next frame of flows, or undefined where nothing waits. */
  next(): (SpoolFrame & { kind: 'open' | 'slices' }) | undefined {
    for (;;) {
      const before = this.reader.position.segment
      const frame = this.reader.next(this.batch)
      if (frame === undefined) return undefined
      if (frame.end.segment > before + 1 && before > 0) this.missedSegments++
      if (frame.watermarkUs > 0) this.watermarkUs = frame.watermarkUs
      if (frame.kind === 'damaged') this.damagedRows += frame.rows
      if (frame.kind !== 'open' && frame.kind !== 'slices') continue
      if (frame.batch.length > 0) return { ...frame, kind: frame.kind }
    }
  }

  close(): void {
    this.reader.close()
  }
}

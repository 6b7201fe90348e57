import type { Progress } from '../../model/coverage.ts'
import { counterNames, sliceFlags } from '../../model/fields.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { rowFlags } from './open-row.ts'
import { readVerdict } from './row-verdicts.ts'
import type { Tracker } from './tracker.ts'

/** A frame of the journal as recovery reads it: see store/spool-reader. */
export type JournalFrame = Progress &
  ({ readonly kind: 'open' | 'slices'; readonly batch: FlowBatch } | { readonly kind: string })

function flowIdOf(batch: FlowBatch, row: number): number {
  const { flowId } = batch.columns
  return (flowId[2 * row] ?? 0) + (flowId[2 * row + 1] ?? 0) * 4294967296
}

/**
 * Fills the table of open flows from the journal, as it was when its last frame was written. The
 * frames must reach back at least two active timeouts: every flow that is open was journalled
 * within the last one.
 *
 * @returns the watermark of the journal (us), 0 where it is empty; and from when on it cannot be
 *   relied upon, which is earlier where a frame was damaged
 */
export function recover(
  tracker: Tracker,
  frames: Iterable<JournalFrame>
): { watermarkUs: number; soundUntilUs: number } {
  let watermarkUs = 0
  let soundUntilUs = Infinity
  const endedInFlush = new Set<number>()
  for (const frame of frames) {
    if (frame.kind === 'damaged') soundUntilUs = Math.min(soundUntilUs, watermarkUs)
    watermarkUs = Math.max(watermarkUs, frame.watermarkUs)
    if (!('batch' in frame)) continue
    if (frame.kind === 'slices') takeEnds(tracker, frame.batch, endedInFlush)
    else takeOpen(tracker, frame.batch, endedInFlush)
  }
  const { table } = tracker
  for (let row = 0; row < table.rowsUsed; row++) {
    if (!table.isOpen(row)) continue
    table.setLastAlive(row, Math.max(table.sliceStart(row), watermarkUs))
  }
  return { watermarkUs, soundUntilUs: Math.min(soundUntilUs, watermarkUs) }
}

/**
 * Takes ended flows out; a flow that began and ended in one flush is remembered until its opening.
 */
function takeEnds(tracker: Tracker, batch: FlowBatch, endedInFlush: Set<number>): void {
  endedInFlush.clear()
  const { table } = tracker
  for (let row = 0; row < batch.length; row++) {
    const id = flowIdOf(batch, row)
    tracker.lastFlowId = Math.max(tracker.lastFlowId, id)
    if (((batch.columns.sliceFlags[row] ?? 0) & sliceFlags.continues) !== 0) continue
    const known = table.find(batch.columns, row)
    if (known >= 0 && table.flowId(known) === id) table.remove(known)
    endedInFlush.add(id)
  }
}

function takeOpen(tracker: Tracker, batch: FlowBatch, endedInFlush: Set<number>): void {
  const { table } = tracker
  const { columns } = batch
  for (let row = 0; row < batch.length; row++) {
    const id = flowIdOf(batch, row)
    tracker.lastFlowId = Math.max(tracker.lastFlowId, id)
    if (endedInFlush.has(id)) continue
    let known = table.find(columns, row)
    if (known >= 0 && table.flowId(known) !== id) {
      // The former flow's end is not in the journal: it was over when this one began.
      tracker.endUnseen(known, columns.flowStartMicroseconds[row] ?? 0)
      known = -1
    }
    if (known < 0) known = table.insert(columns, row)
    table.setFlowId(known, id)
    table.setFlags(known, tableFlags(columns.sliceFlags[row] ?? 0), 0)
    table.setConnectionStart(known, columns.connectionStart[row] ?? 0)
    table.setSliceStart(known, columns.flowStartMicroseconds[row] ?? 0)
    table.setLastAlive(known, columns.flowStartMicroseconds[row] ?? 0)
    for (const [index, name] of counterNames.entries()) {
      table.setCounterWord(known, 2 * index, columns[name][2 * row] ?? 0)
      table.setCounterWord(known, 2 * index + 1, columns[name][2 * row + 1] ?? 0)
    }
    const verdict = table.book.take(readVerdict(batch, row))
    if (verdict !== 0) table.setVerdict(known, verdict)
  }
}

function tableFlags(flags: number): number {
  return (
    ((flags & sliceFlags.startUnknown) !== 0 ? rowFlags.startUnknown : 0) |
    ((flags & sliceFlags.observedTimes) !== 0 ? rowFlags.observedTimes : 0)
  )
}

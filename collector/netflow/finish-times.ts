import { sliceFlags } from '../../model/fields.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'
import { maxConnectionUs, maxSliceUs } from '../../model/limits.ts'
import type { Exporter } from './exporter.ts'
import type { Facts } from './facts.ts'
import type { KernelContext } from './kernels.ts'
import type { Scratch } from './plan.ts'

/** What was seen of times in one call. */
export interface TimeTally {
  /** The longest flow (us). */
  longest: number
  implausible: number
}

/** Further than this ahead of its message no flow ends (us). */
const aheadUs = 86_400e6

/** The latest end that is believed of a record of this message. */
export const latestOf = ({ exportUs }: KernelContext): number => exportUs + aheadUs

/** The earliest start that is. */
export const earliestOf = ({ exportUs }: KernelContext): number => exportUs - maxConnectionUs

/**
 * Sees that each flow has a start and an end that can be. Where a record tells only one of them, or
 * neither, the other follows from its duration or from when its message was sent; times that make
 * no sense become the longest interval that they can stand for, and the row says so.
 */
export function finishTimes(
  exporter: Exporter,
  facts: Facts,
  batch: FlowBatch,
  scratch: Scratch,
  from: number,
  to: number,
  context: KernelContext,
  tally: TimeTally
): void {
  const { flowStartMicroseconds: starts, flowEndMicroseconds: ends } = batch.columns
  if (!facts.start || !facts.end) complete(facts, batch, scratch, from, to, context.exportUs)
  const latest = latestOf(context)
  const earliest = earliestOf(context)
  let { longest } = tally
  for (let row = from; row < to; row++) {
    const start = starts[row] ?? 0
    const end = ends[row] ?? 0
    // Written so that what is no number is not plausible.
    if (start >= earliest && end >= start && end <= latest) {
      if (end - start > longest) longest = end - start
      continue
    }
    mend(exporter, batch, row, context.exportUs, tally)
  }
  tally.longest = longest
}

/** Works out what a record does not tell. */
function complete(
  facts: Facts,
  { columns }: FlowBatch,
  { duration, eventTime }: Scratch,
  from: number,
  to: number,
  exportUs: number
): void {
  const { flowStartMicroseconds: starts, flowEndMicroseconds: ends } = columns
  for (let row = from; row < to; row++) {
    const lasted = facts.duration ? (duration[row] ?? 0) : 0
    const told = facts.eventTime ? (eventTime[row] ?? 0) : 0
    if (facts.end) starts[row] = (ends[row] ?? 0) - lasted
    else if (facts.start) {
      const start = starts[row] ?? 0
      ends[row] = facts.duration ? start + lasted : told > 0 ? told : Math.max(start, exportUs)
    } else {
      const end = told > 0 ? told : exportUs
      ends[row] = end
      starts[row] = end - lasted
    }
  }
}

function mend(
  exporter: Exporter,
  { columns }: FlowBatch,
  row: number,
  exportUs: number,
  tally: TimeTally
): void {
  tally.implausible++
  const { flowStartMicroseconds: starts, flowEndMicroseconds: ends, sliceFlags: flags } = columns
  const start = starts[row] ?? 0
  const end = ends[row] ?? 0
  const isNear = (us: number): boolean => Math.abs(us - exportUs) <= aheadUs
  if (isNear(start) && isNear(end) && end < start) {
    // Told the wrong way round: both instants were seen.
    starts[row] = end
    ends[row] = Math.min(start, end + maxSliceUs)
  } else {
    const lasts = Math.min(exporter.delayUs, maxSliceUs)
    starts[row] = exportUs - lasts
    ends[row] = exportUs
  }
  flags[row] = (flags[row] ?? 0) | sliceFlags.observedTimes
}

import type { Progress } from '../../model/coverage.ts'
import { maxSliceUs } from '../../model/limits.ts'
import type { CollectorJournal } from './collector-journal.ts'
import type { Exporter } from './exporter.ts'

/** A gap that grows with time is told this far ahead (us). */
const sampledAheadUs = 3_600e6
/** An open mapping was last cut, and so written, at most this long ago (us). */
const heldBackUs = maxSliceUs / 2 + 180e6

/** What is remembered of an exporter between two looks at it. */
export interface Watch {
  toldWatermarkUs: number
  toldSkewUs: number
  sampledToldUs: number
  startUs: number
  renumberedUs: number
}

/** Of who was not looked at before. */
export const nothingTold: Watch = {
  toldWatermarkUs: 0,
  toldSkewUs: 0,
  sampledToldUs: 0,
  startUs: -Infinity,
  renumberedUs: 0,
}

/** How far a source has come. */
export type Told = Progress & { readonly source: number }

/**
 * How far an exporter has come since it was last asked, if at all; who samples leaves a gap.
 *
 * @param tellsSkew whether our own clock can be compared with its
 */
export function progressOf(
  exporter: Exporter,
  watch: Watch,
  journal: CollectorJournal,
  tellsSkew: boolean
): Told | undefined {
  const { sourceIndex: source, watermarkUs } = exporter
  const skewUs = tellsSkew ? exporter.skewUs : 0
  if (watermarkUs <= watch.toldWatermarkUs && skewUs <= watch.toldSkewUs) return undefined
  watch.toldWatermarkUs = Math.max(watch.toldWatermarkUs, watermarkUs)
  watch.toldSkewUs = Math.max(watch.toldSkewUs, skewUs)
  const isSampled = exporter.samplingInterval > 1 || exporter.recordSampling > 1
  if (isSampled && watermarkUs > watch.sampledToldUs - sampledAheadUs / 4) {
    const fromUs = Math.max(watch.sampledToldUs, exporter.firstArrivalUs - exporter.delayUs)
    watch.sampledToldUs = Math.max(watermarkUs, fromUs) + sampledAheadUs
    journal.gap(source, { fromUs, toUs: watch.sampledToldUs, reason: 'sampled' })
  }
  // What is held is in the ledger up to when it was last cut.
  const openUs = exporter.tellsEvents ? heldBackUs : 0
  const progress = { source, watermarkUs, closedThroughUs: watermarkUs - openUs }
  return skewUs > 0 ? { ...progress, skewUs } : progress
}

/** True of who has more to be told even if it says nothing any more: a loss, or its skew. */
export const hasMoreToTell = ({ sequence, skewUs }: Exporter, tellsSkew: boolean): boolean =>
  sequence.missingAfterUs !== Infinity || (!tellsSkew && skewUs > 0)

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
  sampledToldUs: number
  startUs: number
  renumberedUs: number
}

/** So long must our clock have gone on without being set to be compared with others (ms). */
const steadyMs = 60_000

/** Whether our own clock can be compared with that of others. */
export class OurClock {
  #setMs = -Infinity

  /** It was set just now. */
  set(): void {
    this.#setMs = performance.now()
  }

  get isSteady(): boolean {
    return performance.now() - this.#setMs >= steadyMs
  }
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
  const { sourceIndex: source, watermarkUs, skewUs } = exporter
  if (watermarkUs <= watch.toldWatermarkUs) return undefined
  watch.toldWatermarkUs = watermarkUs
  const isSampled = exporter.samplingInterval > 1 || exporter.recordSampling > 1
  if (isSampled && watermarkUs > watch.sampledToldUs - sampledAheadUs / 4) {
    const fromUs = Math.max(watch.sampledToldUs, exporter.firstArrivalUs - exporter.delayUs)
    watch.sampledToldUs = Math.max(watermarkUs, fromUs) + sampledAheadUs
    journal.gap(source, { fromUs, toUs: watch.sampledToldUs, reason: 'sampled' })
  }
  // What is held is in the ledger up to when it was last cut.
  const openUs = exporter.tellsEvents ? heldBackUs : 0
  const progress = { source, watermarkUs, closedThroughUs: watermarkUs - openUs }
  return tellsSkew && skewUs > 0 ? { ...progress, skewUs } : progress
}

import { maxSkewUs } from '../clock-skew.ts'
import type { Exporter } from './exporter.ts'
import { secondUs } from './loss.ts'

const wrongUs = maxSkewUs + secondUs

/**
 * Whether a message was sent when it says. How far its exporter has come goes by that: one that is
 * in the future would vouch for what has not happened yet, one that is in the past, as that of a
 * router that starts in 1970, for all that was before it was ever heard. What comes late, over a
 * connection that was held up, is believed of a clock that was seen to be right.
 */
export function isSentWhenTold(exporter: Exporter, exportUs: number, arrivalUs: number): boolean {
  const offsetUs = arrivalUs - exportUs
  if (offsetUs < -wrongUs || Math.min(offsetUs, exporter.leastOffsetUs) > wrongUs) return false
  return exportUs >= exporter.lastExportUs - wrongUs
}

/** When what is lost was sent, as near to what came last as anything that came can be (us). */
export function nearLast({ lastExportUs }: Exporter, exportUs: number): number {
  return Math.abs(exportUs - lastExportUs) > 2 * wrongUs ? lastExportUs : exportUs
}

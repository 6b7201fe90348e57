import type { Exporter } from './exporter.ts'

/** How long a mapping whose beginning was lost can go on unknown (us): see {@link eventMargin}. */
const heldUs = 1800e6

/**
 * A lost datagram of a gateway that tells of events may have held the beginning of a mapping, and
 * so what is missing goes on until its end would have been told.
 */
export function eventMargin(beforeUs: number): number {
  return Math.max(beforeUs, heldUs)
}

/**
 * The time in which connections may be missing after datagrams were lost between two instants of
 * their exporter: they could tell of all that it had seen since its active timeout before.
 */
export function gapOfLoss(
  exporter: Exporter,
  afterUs: number,
  beforeUs: number
): { fromUs: number; toUs: number } {
  const after = exporter.tellsEvents ? eventMargin(0) : 0
  return { fromUs: afterUs - exporter.delayUs, toUs: beforeUs + after }
}

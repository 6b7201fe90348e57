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
 * Messages tell when they were sent in whole seconds (RFC 7011 §3.1, RFC 3954 §5.1): one that was
 * lost may have told of connections up to the end of the second of the one that came (us).
 */
export const secondUs = 1e6

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
  return { fromUs: afterUs - exporter.delayUs, toUs: beforeUs + secondUs + after }
}

/** As {@link gapOfLoss}, of datagrams that were dropped before anybody saw whose they were. */
export function gapOfDrops(
  exporters: Iterable<Exporter>,
  fromUs: number,
  toUs: number
): { fromUs: number; toUs: number } {
  const delays = [...exporters].map((exporter) => exporter.delayUs)
  const before = Math.max(0, ...delays)
  return { fromUs: fromUs - before, toUs: toUs + eventMargin(delays.length > 0 ? before : 0) }
}

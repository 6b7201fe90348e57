import { sliceFlags } from '../model/fields.ts'
import type { Slice } from '../model/slice.ts'
import { hasFlag } from './connections.ts'
import type { Connection } from './connections.ts'

/** Instants that a sighting is judged against, in microseconds since 1970. */
export interface Window {
  readonly atUs: number
  readonly fromUs: number
  readonly toUs: number
}

/**
 * How a connection bears on the time asked for, best first:
 * - `holds`: it was seen before and after T, and nothing about that is assumed
 * - `assumed`: T lies in a part of it that nobody saw
 * - `edge`: it meets the window around T, but not T
 */
export const holds = ['holds', 'assumed', 'edge'] as const

export type Hold = (typeof holds)[number]

/** A connection that meets the window. */
export interface Sighting {
  readonly connection: Connection
  readonly hold: Hold
  /** How far its nearest slice lies from T, in microseconds; 0 where it holds T. */
  readonly distanceUs: number
  /** The slice that shows it. */
  readonly slice: Slice
  /** How far the clock of its source may be off (us). */
  readonly skewUs: number
  /** The same connection as other sources saw it: gateways that replicate their tables. */
  readonly twins: readonly Sighting[]
  /** The gateways behind the first, towards the host: each shows what the one before had inside. */
  readonly hops: readonly Sighting[]
  /** Sources that ought to show a further gateway and do not: the host is not known. */
  readonly lost: readonly string[]
}

const alone = { twins: [], hops: [], lost: [] } as const

const distance = (slice: Slice, atUs: number): number =>
  Math.max(slice.startUs - atUs, atUs - slice.endUs, 0)

/** The nearest of the slices; of several that hold T the one that is sure, then the earliest. */
function nearest(slices: readonly [Slice, ...Slice[]], atUs: number): Slice {
  const rank = (slice: Slice): number =>
    2 * distance(slice, atUs) + (hasFlag(slice, sliceFlags.inferred) ? 1 : 0)
  return slices.reduce((best, slice) => (rank(slice) < rank(best) ? slice : best))
}

/**
 * True where T is sure to lie in a slice although the source's clock may be off by the skew. Where
 * the connection began before the slice, or went on after it, that end of the slice is no edge.
 */
function surelyHolds(connection: Connection, slice: Slice, atUs: number, skewUs: number): boolean {
  if (hasFlag(slice, sliceFlags.inferred) || distance(slice, atUs) > 0) return false
  const goesOn = (us: number): boolean =>
    connection.slices.some(
      (other) =>
        other !== slice &&
        !hasFlag(other, sliceFlags.inferred) &&
        other.startUs <= us &&
        other.endUs >= us
    )
  const afterStart = atUs - slice.startUs >= skewUs || goesOn(slice.startUs)
  const beforeEnd = slice.endUs - atUs >= skewUs || slice.open || goesOn(slice.endUs)
  const cutAfter = hasFlag(slice, sliceFlags.continues)
  return afterStart && (beforeEnd || cutAfter)
}

/**
 * Judges a connection against the window.
 *
 * @param skewUs how far the clock of its source may be off
 * @returns undefined where none of its slices, widened by the skew, meets the window
 */
export function sight(
  connection: Connection,
  window: Window,
  skewUs: number
): Sighting | undefined {
  const { atUs, fromUs, toUs } = window
  const touching = connection.slices.filter(
    (slice) => slice.startUs - skewUs <= toUs && slice.endUs + skewUs >= fromUs
  )
  const sure = touching.find((slice) => surelyHolds(connection, slice, atUs, skewUs))
  if (sure !== undefined) {
    return { ...alone, connection, hold: 'holds', distanceUs: 0, slice: sure, skewUs }
  }
  const [first, ...rest] = touching
  if (first === undefined) return undefined
  const slice = nearest([first, ...rest], atUs)
  const distanceUs = distance(slice, atUs)
  const assumed = distanceUs === 0 && hasFlag(slice, sliceFlags.inferred)
  return { ...alone, connection, hold: assumed ? 'assumed' : 'edge', distanceUs, slice, skewUs }
}

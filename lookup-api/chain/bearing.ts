import type { Holding } from '../../model/identity.ts'
import type { LinkClass } from './link.ts'

/** The time that a holding is judged against, in microseconds since 1970. */
export interface HoldingWindow {
  /** T, moved into the connection that is asked about where it lies outside. */
  readonly atUs: number
  readonly fromUs: number
  readonly toUs: number
  /** How far the clocks of the gateways on the way here may be off. */
  readonly skewUs: number
}

/**
 * How a holding bears on T, best first:
 * - `holds`: it was surely held at T, whatever the clocks
 * - `promised`: a lease was in force at T, after it was last heard of: its server lent the address
 *   to nobody else, but nobody saw who used it
 * - `perhaps`: T lies after the last sure moment, and nobody told an end before T
 * - `edge`: it meets the window around T, but not T
 * - `before`: its source first heard of it shortly after T, and it may have begun earlier
 */
export const bearings = ['holds', 'promised', 'perhaps', 'edge', 'before'] as const

export type Bearing = (typeof bearings)[number]

/** A holding that bears on T. */
export interface Claim {
  readonly holding: Holding
  readonly bearing: Bearing
}

/** How long before its first sighting a holding of unknown start is thought of at all. */
export const lookBackUs = 120e6

/** How long after it was seen a log-in without an end is thought of at all. */
const loginUs = 86_400e6

const isPromise = ({ kind, endUs }: Holding): boolean =>
  (kind === 'lease' || kind === 'delegation') && Number.isFinite(endUs)

/** True of a bearing that another holder of the same address contradicts. */
export const isSure = ({ bearing }: Claim): boolean => bearing === 'holds' || bearing === 'promised'

/** How a holding bears on the window; undefined where it does not. */
export function bearingOf(holding: Holding, window: HoldingWindow): Bearing | undefined {
  const { startUs, sureUntilUs, endUs } = holding
  const { atUs, fromUs, toUs } = window
  const skewUs = holding.skewUs + window.skewUs
  if (atUs - startUs >= skewUs && sureUntilUs - atUs >= skewUs) return 'holds'
  if (isPromise(holding) && atUs - startUs >= skewUs && endUs - atUs >= skewUs) return 'promised'
  if (startUs <= atUs && atUs <= endUs && !holding.endKnown && sureUntilUs < atUs + skewUs) {
    const stale = holding.kind === 'login' && atUs - sureUntilUs > loginUs
    return stale ? undefined : 'perhaps'
  }
  if (startUs - skewUs <= toUs && endUs + skewUs >= fromUs) return 'edge'
  const early = !holding.startKnown && startUs > atUs && startUs - atUs <= lookBackUs
  return early ? 'before' : undefined
}

/** The holdings that bear on the window. */
export function claimsOf(holdings: readonly Holding[], window: HoldingWindow): Claim[] {
  return holdings.flatMap((holding) => {
    const bearing = bearingOf(holding, window)
    return bearing === undefined ? [] : [{ holding, bearing }]
  })
}

/**
 * What a claim can make of a link. A lease that was not heard of at T or later says to whom the
 * address was given, and that its holder was still there is assumed: a client may leave without a
 * word, and another one take an address that nobody lent it. Where a source that saw the use (the
 * neighbour table, accounting) says the same, its claim is the better one.
 */
export const classOfClaim = ({ bearing, holding }: Claim): LinkClass =>
  bearing === 'holds' && !holding.weak ? 'exact' : 'inferred'

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Order of evidence: sure before perhaps before edge, sound before weak, the younger start. */
export function compareClaims(a: Claim, b: Claim): number {
  return (
    bearings.indexOf(a.bearing) - bearings.indexOf(b.bearing) ||
    Number(a.holding.weak) - Number(b.holding.weak) ||
    b.holding.startUs - a.holding.startUs ||
    compareTexts(a.holding.source, b.holding.source) ||
    compareTexts(a.holding.id, b.holding.id)
  )
}

/** The best of the claims. */
export function bestOf(claims: readonly [Claim, ...Claim[]]): Claim {
  return claims.reduce((best, claim) => (compareClaims(claim, best) < 0 ? claim : best))
}

const sameDevice = (a: Holding, b: Holding): boolean =>
  (a.device.mac !== undefined && a.device.mac === b.device.mac) ||
  (a.device.duid !== undefined && a.device.duid === b.device.duid)

const sameUser = (a: Holding, b: Holding): boolean =>
  a.user !== undefined && a.user.toLowerCase() === b.user?.toLowerCase()

/** True where a later holding of somebody else's proves that an earlier one was over by T. */
function ends(
  later: Holding,
  earlier: Holding,
  sure: readonly Claim[],
  window: HoldingWindow
): boolean {
  // Anybody may log in from an address, so a log-in ends nothing; a weak source proves nothing.
  if (later.kind === 'login' || later.weak) return false
  if (sameDevice(later, earlier) || sameUser(later, earlier)) return false
  const after = later.startUs - earlier.sureUntilUs >= later.skewUs + earlier.skewUs
  const began = window.atUs - later.startUs >= later.skewUs + window.skewUs
  // Where its device had the address before, nothing changed hands.
  const wasThere = sure.some(
    ({ holding }) =>
      sameDevice(holding, later) && holding.startUs <= earlier.sureUntilUs + earlier.skewUs
  )
  return after && began && !wasThere
}

/**
 * Leaves out what a later holding of the same address has ended: a holding without a told end
 * (a session whose Stop was lost) is over once somebody else surely had the address, at or before
 * T. And what was first heard of only after T says nothing where anything else bears on T.
 */
export function withoutSuperseded(claims: readonly Claim[], window: HoldingWindow): Claim[] {
  const sure = claims.filter((claim) => isSure(claim) || claim.bearing === 'perhaps')
  const kept = claims.filter(
    ({ holding, bearing }) =>
      bearing !== 'perhaps' || !sure.some((later) => ends(later.holding, holding, sure, window))
  )
  const others = kept.filter(({ bearing }) => bearing !== 'before')
  return others.length > 0 ? others : kept
}

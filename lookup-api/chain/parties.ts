import type { Device } from '../../model/identity.ts'
import { compareClaims, isSure } from './bearing.ts'
import type { Claim } from './bearing.ts'

/**
 * One that may have held the address: a device by its identifiers, or a log-in that no source ties
 * to a device.
 */
export interface Party {
  /** Best first; at least one. */
  readonly claims: readonly [Claim, ...Claim[]]
}

/** Identifiers of a device. The MAC decides; the others only join what has none. */
const idTypes = ['mac', 'duid', 'clientId'] as const satisfies readonly (keyof Device)[]

type IdType = (typeof idTypes)[number]

const valuesOf = (claims: readonly Claim[], type: IdType): Set<string> =>
  new Set(claims.flatMap(({ holding }) => holding.device[type] ?? []))

const hasId = ({ holding }: Claim): boolean =>
  idTypes.some((type) => holding.device[type] !== undefined)

/** True where some identifier of a kind is the same. */
function share(a: readonly Claim[], b: readonly Claim[]): boolean {
  return idTypes.some((type) => {
    const theirs = valuesOf(b, type)
    return [...valuesOf(a, type)].some((value) => theirs.has(value))
  })
}

/** True where some kind of identifier is given by both, with different values. */
function contradict(a: readonly Claim[], b: readonly Claim[]): boolean {
  return idTypes.some((type) => {
    const [ours, theirs] = [valuesOf(a, type), valuesOf(b, type)]
    return ours.size > 0 && theirs.size > 0 && ![...ours].some((value) => theirs.has(value))
  })
}

function groupBy(claims: readonly Claim[], keyOf: (claim: Claim) => string | undefined): Claim[][] {
  const groups = new Map<string, Claim[]>()
  for (const claim of claims) {
    const key = keyOf(claim)
    if (key === undefined) continue
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [claim])
    else group.push(claim)
  }
  return [...groups.values()]
}

/** Adds groups to those they belong with; the rest stand alone. */
function join(
  groups: Claim[][],
  more: readonly Claim[][],
  belongs: (group: Claim[], one: Claim[]) => boolean
): Claim[][] {
  const out = groups.map((group) => [...group])
  for (const one of more) {
    const homes = out.filter((group) => belongs(group, one))
    const [home] = homes
    if (home !== undefined && homes.length === 1) home.push(...one)
    else out.push([...one])
  }
  return out
}

/**
 * Puts claims on one address together by who they are about. Two MACs are two devices, whatever
 * else they share: client identifiers are no more unique than those who set them. Where there is
 * one device only, what names none (a session by its user, a line) is about that.
 */
export function findParties(claims: readonly Claim[]): Party[] {
  const byMac = groupBy(claims, ({ holding }) => holding.device.mac)
  const withoutMac = claims.filter((claim) => claim.holding.device.mac === undefined)
  const byId = groupBy(withoutMac.filter(hasId), ({ holding: { device } }) =>
    device.duid === undefined ? `client-id ${device.clientId}` : `duid ${device.duid}`
  )
  const shared = join(byMac, byId, share)
  const withMac = shared.filter((group) => valuesOf(group, 'mac').size > 0)
  const rest = shared.filter((group) => valuesOf(group, 'mac').size === 0)
  const [only] = withMac
  // A lease that knows a DUID and a neighbour table that knows a MAC do not contradict each other.
  const devices =
    only !== undefined && withMac.length === 1 && rest.length === 1 && !contradict(only, rest[0]!)
      ? [[...only, ...rest[0]!]]
      : shared
  const nameless = claims.filter((claim) => !hasId(claim))
  const byUser = groupBy(nameless, ({ holding: { user, device, source, id } }) =>
    user === undefined
      ? `line ${device.circuitId ?? ''} ${device.remoteId ?? `${source} ${id}`}`
      : `user ${user.toLowerCase()}`
  )
  const [device] = devices
  const groups =
    device !== undefined && devices.length === 1
      ? [[...device, ...byUser.flat()]]
      : join(devices, byUser, () => false)
  return groups
    .map((group) => ({ claims: group.sort(compareClaims) as [Claim, ...Claim[]] }))
    .sort((a, b) => compareClaims(a.claims[0], b.claims[0]))
}

/** True where the parties' claims are sure, of different sources, and so contradict each other. */
export function partiesDisagree(parties: readonly Party[]): boolean {
  const sure = parties.map(
    ({ claims }) => new Set(claims.filter(isSure).map((one) => one.holding.source))
  )
  return sure.some((ours, i) =>
    sure.some((theirs, k) => k > i && [...ours].some((a) => [...theirs].some((b) => a !== b)))
  )
}

/** What the claims of a party say of its device, the best claim first. */
export function deviceOf({ claims }: Party): Device {
  const out: Record<string, string> = {}
  for (const { holding } of claims) {
    for (const [name, value] of Object.entries(holding.device)) {
      if (value !== undefined) out[name] ??= value
    }
  }
  return out
}

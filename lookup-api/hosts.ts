import { formatWords } from '../model/address.ts'
import type { AddressWords } from '../model/address.ts'
import { endpointKey } from './connections.ts'
import type { Connection } from './connections.ts'
import { holds } from './sighting.ts'
import type { Sighting } from './sighting.ts'

/** An inside host that had the public address, with every connection that shows it, best first. */
export interface Host {
  readonly ip: AddressWords
  /** Connection tracking zone: where address plans overlap, an address alone is no host. */
  readonly zone: number
  readonly best: Sighting
  readonly sightings: readonly [Sighting, ...Sighting[]]
}

/** The far end that the question names; a part that is left out matches everything. */
export interface Destination {
  readonly ip?: AddressWords
  readonly port?: number
}

/** True where nobody logged the far end: then a destination rules nothing out. */
export const remoteUnknown = ({ remote }: Pick<Connection, 'remote'>): boolean =>
  remote.port === 0 && remote.ip.every((word) => word === 0)

/**
 * True where the connection's remote end is the one asked for, or may be it.
 *
 * @param hash keyed hash of the one asked for, for ends of which that alone is kept
 */
export function matchesDestination(
  connection: Connection,
  destination: Destination,
  hash?: string
): boolean {
  const { ip, port } = destination
  const { remoteHash } = connection
  if (remoteHash !== undefined && hash !== undefined) {
    const half = remoteHash.length / 2
    // The first half is of the address alone.
    if (port === undefined) return remoteHash.slice(0, half) === hash.slice(0, half)
    return remoteHash === hash
  }
  if (remoteUnknown(connection)) return true
  const sameIp = ip === undefined || ip.every((word, i) => word === connection.remote.ip[i])
  return sameIp && (port === undefined || port === connection.remote.port)
}

const length = ({ connection }: Sighting): number => connection.endUs - connection.startUs

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** A record of a connection says more than one of many ports, and that more than one of all. */
const bases = [undefined, 'block', 'deterministic', 'address'] as const

export const basisOf = ({ slice }: Sighting): (typeof bases)[number] => slice.ports?.basis

/**
 * Order of evidence: sure before assumed before edge, connections before ports, nearer to T,
 * longer, then by age and id.
 */
export function compareSightings(a: Sighting, b: Sighting): number {
  return (
    holds.indexOf(a.hold) - holds.indexOf(b.hold) ||
    bases.indexOf(basisOf(a)) - bases.indexOf(basisOf(b)) ||
    a.distanceUs - b.distanceUs ||
    length(b) - length(a) ||
    a.connection.startUs - b.connection.startUs ||
    compareTexts(a.connection.source, b.connection.source) ||
    Number(a.connection.flowId - b.connection.flowId)
  )
}

/** Groups sightings by inside host; hosts and their sightings come best first. */
export function groupByHost(sightings: readonly Sighting[]): Host[] {
  const groups = new Map<string, Sighting[]>()
  for (const sighting of sightings) {
    const { inside, zone } = sighting.connection
    const key = `${formatWords(inside.ip)} ${zone}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [sighting])
    else group.push(sighting)
  }
  const hosts = [...groups.values()].map((group): Host => {
    const sorted = group.sort(compareSightings) as [Sighting, ...Sighting[]]
    const [best] = sorted
    return { ip: best.connection.inside.ip, zone: best.connection.zone, best, sightings: sorted }
  })
  return hosts.sort(
    (a, b) =>
      compareSightings(a.best, b.best) || b.sightings.length - a.sightings.length || a.zone - b.zone
  )
}

/** Public end and protocol: one gateway can give these to a host, and with them a remote end. */
const outsideKey = ({ connection }: Sighting): string =>
  `${connection.protocol} ${endpointKey(connection.public)}`

interface Claim {
  readonly host: Host
  readonly sighting: Sighting
}

/**
 * True where two claims cannot both be right: of two hosts, by two sources or by two kinds of
 * record, about one remote end or about every one.
 */
function contradict(a: Claim, b: Claim): boolean {
  if (a.host === b.host) return false
  const [one, other] = [a.sighting.connection, b.sighting.connection]
  const differ = one.source !== other.source || basisOf(a.sighting) !== basisOf(b.sighting)
  const sameRemote = endpointKey(one.remote) === endpointKey(other.remote)
  return differ && (sameRemote || remoteUnknown(one) || remoteUnknown(other))
}

/**
 * True where two sources are both sure of T and give one and the same connection, as the world saw
 * it, to different hosts: or one has a session there and the other a block, or a map, that holds
 * the port. One of them is wrong, and nothing here can say which. An address that several may
 * share contradicts nobody.
 */
export function sourcesDisagree(hosts: readonly Host[]): boolean {
  const claims = new Map<string, Claim[]>()
  for (const host of hosts) {
    for (const sighting of host.sightings) {
      if (sighting.hold !== 'holds' || basisOf(sighting) === 'address') continue
      const claim = { host, sighting }
      const key = outsideKey(sighting)
      const others = claims.get(key) ?? []
      if (others.some((other) => contradict(claim, other))) return true
      claims.set(key, [...others, claim])
    }
  }
  return false
}

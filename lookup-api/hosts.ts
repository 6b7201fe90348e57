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

/** True where the connection's remote end is the one asked for. */
export function matchesDestination(connection: Connection, destination: Destination): boolean {
  const { ip, port } = destination
  const sameIp = ip === undefined || ip.every((word, i) => word === connection.remote.ip[i])
  return sameIp && (port === undefined || port === connection.remote.port)
}

const length = ({ connection }: Sighting): number => connection.endUs - connection.startUs

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Order of evidence: sure before assumed before edge, nearer to T, longer, then by age and id. */
export function compareSightings(a: Sighting, b: Sighting): number {
  return (
    holds.indexOf(a.hold) - holds.indexOf(b.hold) ||
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

/** Public end, protocol and remote end: of these one gateway can give a host only one at a time. */
const outsideKey = ({ connection }: Sighting): string => {
  const { protocol, public: outside, remote } = connection
  return `${protocol} ${endpointKey(outside)} ${endpointKey(remote)}`
}

/**
 * True where two sources are both sure of T and give one and the same connection, as the world saw
 * it, to different hosts. One of them is wrong, and nothing here can say which.
 */
export function sourcesDisagree(hosts: readonly Host[]): boolean {
  const claims = new Map<string, { host: Host; source: string }[]>()
  for (const host of hosts) {
    for (const sighting of host.sightings) {
      if (sighting.hold !== 'holds') continue
      const { source } = sighting.connection
      const key = outsideKey(sighting)
      const others = claims.get(key) ?? []
      if (others.some((other) => other.host !== host && other.source !== source)) return true
      claims.set(key, [...others, { host, source }])
    }
  }
  return false
}

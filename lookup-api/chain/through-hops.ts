import { endpointKey } from '../connections.ts'
import { holds } from '../sighting.ts'
import type { Sighting } from '../sighting.ts'

/**
 * Two gateways one behind the other: what the outer one has inside is the public side of the inner
 * one. The remote end is the same for both, so that the inner connection is found by it even where
 * the port is used towards several.
 *
 * ```
 *  host 10.1.0.5:4711 ── inner ── 100.64.0.9:2001 ── outer ── 192.0.2.1:2000 ── remote
 * ```
 */

/** What gateways further inside show of a connection. */
export interface Inner {
  /** Connections whose public side is what the outer one has inside, hops of theirs followed. */
  readonly sightings: readonly Sighting[]
  /** Sources that the configuration names for that address; empty where it names none. */
  readonly named: readonly string[]
}

/** By {@link hopKey} of the outer connection. */
export type InnerSightings = ReadonlyMap<string, Inner>

/** What an inner gateway knows a connection by, and who must not be asked again. */
export function hopKey({ connection }: Sighting): string {
  const { source, protocol, zone, inside, remote } = connection
  return JSON.stringify([source, zone, protocol, endpointKey(inside), endpointKey(remote)])
}

const weaker = (a: Sighting, b: Sighting): Sighting =>
  holds.indexOf(a.hold) >= holds.indexOf(b.hold) ? a : b

/** The outer connection with the host that the inner one names. */
function compose(outer: Sighting, inner: Sighting): Sighting {
  const { inside, zone } = inner.connection
  return {
    ...outer,
    connection: { ...outer.connection, inside, zone },
    hold: weaker(outer, inner).hold,
    distanceUs: Math.max(outer.distanceUs, inner.distanceUs),
    hops: [inner, ...inner.hops],
    lost: inner.lost,
  }
}

/** Follows each connection through the gateways behind the one that showed it. */
export function throughHops(
  sightings: readonly Sighting[],
  inner: InnerSightings | undefined
): Sighting[] {
  if (inner === undefined) return [...sightings]
  return sightings.flatMap((outer) => {
    const found = inner.get(hopKey(outer))
    if (found === undefined) return [outer]
    if (found.sightings.length === 0) {
      return [found.named.length === 0 ? outer : { ...outer, lost: found.named }]
    }
    return found.sightings.map((one) => compose(outer, one))
  })
}

import type { Slice } from '../../model/slice.ts'
import { natKinds } from '../../model/nat-view.ts'
import { endpointKey } from '../connections.ts'
import type { AnswerDependencies } from '../dependencies.ts'
import { maxSkewUs, openQueryOf, reachable, skewOf, widened } from '../evidence.ts'
import { sourcesOf } from '../own-networks.ts'
import type { Sighting } from '../sighting.ts'
import { findSightings, sightAll } from '../verdict.ts'
import type { Evidence } from '../verdict.ts'
import { hopKey, throughHops } from './through-hops.ts'
import type { Inner } from './through-hops.ts'
import { mergeTwins } from './twins.ts'

/** Gateways one behind the other that are followed. */
const maxDepth = 4

/** Connections of one answer that are followed, and rows that are read for each. */
const maxFollowed = 200
const maxRows = 1000

/** Questions to the ledger at a time. */
const atOnce = 8

type Readers = Pick<AnswerDependencies, 'ledger' | 'openFlows'>

/**
 * Whom to ask for a gateway behind this one: those that the configuration names for the inside
 * address, else whoever else is there. Nobody, where nothing was translated.
 */
function askedOf(sighting: Sighting, evidence: Evidence, seen: readonly string[]): string[] {
  const { natKind, inside } = sighting.connection
  if (natKind === natKinds.none) return []
  const named = sourcesOf(evidence.networks, inside.ip)
  const names = named ?? evidence.sources.map(({ source }) => source)
  return names.filter((name) => !seen.includes(name))
}

/** Slices whose public side is what the connection has inside, of the sources that may show it. */
async function readInner(
  { connection }: Sighting,
  names: readonly string[],
  { query, sources }: Evidence,
  { ledger, openFlows }: Readers
): Promise<Slice[]> {
  const { inside, remote, protocol } = connection
  const slices = {
    address: inside.ip,
    port: inside.port,
    protocol,
    fromUs: query.fromUs,
    toUs: query.toUs,
    limit: maxRows,
  }
  // The collector first: what has ended by then is in the ledger when that is read.
  const open = await reachable(openFlows.query(openQueryOf(slices, query.nowUs)))
  const closed = await ledger.findSlices(widened(slices, Math.min(skewOf(sources), maxSkewUs)))
  const all = [...closed.slices, ...(open ?? []).flatMap((one) => one.flows)]
  return all.filter(
    (slice) =>
      names.includes(slice.source) &&
      slice.protocol === protocol &&
      slice.natKind !== natKinds.none &&
      endpointKey(slice.public) === endpointKey(inside) &&
      endpointKey(slice.remote) === endpointKey(remote) &&
      endpointKey(slice.inside) !== endpointKey(inside)
  )
}

async function follow(
  sighting: Sighting,
  evidence: Evidence,
  deps: Readers,
  seen: readonly string[]
): Promise<Inner | undefined> {
  const passed = [...seen, sighting.connection.source]
  const names = askedOf(sighting, evidence, passed)
  if (names.length === 0) return undefined
  const named = sourcesOf(evidence.networks, sighting.connection.inside.ip) ?? []
  const slices = await readInner(sighting, names, evidence, deps)
  const found = mergeTwins(sightAll(slices, evidence.query, evidence.sources))
  if (passed.length >= maxDepth) return { sightings: found, named }
  const inner = new Map<string, Inner>()
  for (const one of found) {
    const further = await follow(one, evidence, deps, passed)
    if (further !== undefined) inner.set(hopKey(one), further)
  }
  return { sightings: throughHops(found, inner), named }
}

/**
 * Asks the gateways that stand behind the one that showed a connection. A ledger with one source
 * has none, and costs nothing. A gateway is passed once, so that no circle is walked.
 *
 * @returns the evidence with what they show, for `judge`
 */
export async function followHops(evidence: Evidence, deps: Readers): Promise<Evidence> {
  if (evidence.sources.length < 2) return evidence
  const byKey = new Map(findSightings(evidence).map((one) => [hopKey(one), one]))
  const asked = [...byKey].slice(0, maxFollowed)
  const inner = new Map<string, Inner>()
  for (let at = 0; at < asked.length; at += atOnce) {
    await Promise.all(
      asked.slice(at, at + atOnce).map(async ([key, sighting]) => {
        const found = await follow(sighting, evidence, deps, [])
        if (found !== undefined) inner.set(key, found)
      })
    )
  }
  if (inner.size === 0) return evidence
  const isGateway = [...inner.values()].some((one) => one.sightings.length + one.named.length > 0)
  const cut = evidence.cut || (isGateway && byKey.size > maxFollowed)
  return { ...evidence, inner, cut }
}

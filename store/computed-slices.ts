import { formatWords, isV4 } from '../model/address.ts'
import type { AddressWords } from '../model/address.ts'
import { poolOf } from '../model/deterministic-definition.ts'
import { holderOfPort, holdersOfAddress, portsOfInside } from '../model/deterministic-nat.ts'
import type { ComputedPorts, DeterministicPool } from '../model/deterministic-nat.ts'
import { sliceFlags } from '../model/fields.ts'
import { natKinds } from '../model/nat-view.ts'
import type { Slice, SliceQuery } from '../model/slice.ts'
import type { Database } from './database.ts'
import { findMaps } from './deterministic-maps.ts'
import type { DeterministicMap } from './deterministic-maps.ts'

const nobody: AddressWords = [0, 0, 0, 0]

/** Pools by the digest of their definition: reading one is more work than computing with it. */
const pools = new Map<string, DeterministicPool>()
const maxPools = 4096

function poolOfMap({ digest, definition }: DeterministicMap): DeterministicPool {
  let pool = pools.get(digest)
  if (pool === undefined) {
    pool = poolOf(definition)
    if (pools.size >= maxPools) pools.clear()
    pools.set(digest, pool)
  }
  return pool
}

type Held = { readonly inside: AddressWords } & ComputedPorts

/** The record that a map makes: in force for as long as the map is. */
function sliceOfMap(map: DeterministicMap, held: Held, port: number, protocol: number): Slice {
  // A map in force has no end yet; nothing is asked of the far future.
  const endUs = map.toUs ?? Number.MAX_SAFE_INTEGER
  const { outside, start, end, step } = held
  return {
    source: `natpool:${map.name}`,
    flowId: BigInt(map.id),
    open: map.toUs === undefined,
    natKind: natKinds.source,
    protocol,
    zone: map.definition.vrf,
    inside: { ip: held.inside, port: 0 },
    public: { ip: outside, port },
    remote: { ip: nobody, port: 0 },
    connectionStartUs: map.fromUs,
    startUs: map.fromUs,
    endUs,
    lastPacketUs: map.fromUs,
    octets: 0n,
    packets: 0n,
    reverseOctets: 0n,
    reversePackets: 0n,
    conntrackId: 0,
    mark: 0,
    endReason: 0,
    flags: map.toUs === undefined ? sliceFlags.continues : 0,
    ports: {
      basis: 'deterministic',
      start,
      end,
      step,
      note: `${map.definition.algorithm} ${map.digest.slice(0, 16)}`,
    },
  }
}

function* heldOf(map: DeterministicMap, { address, port }: SliceQuery): Generator<Held> {
  const pool = poolOfMap(map)
  if (port === undefined) yield* holdersOfAddress(pool, address)
  else {
    const holder = holderOfPort(pool, address, port)
    if (holder.kind === 'subscriber') yield holder
  }
}

const inForce = ({ fromUs, toUs = Infinity }: DeterministicMap, query: SliceQuery): boolean =>
  fromUs <= query.toUs && toUs > query.fromUs

function slicesBy(
  maps: readonly DeterministicMap[],
  query: SliceQuery
): { slices: Slice[]; cut: boolean } {
  const { protocol = 0, limit } = query
  const slices: Slice[] = []
  for (const map of maps.filter((each) => inForce(each, query))) {
    for (const held of heldOf(map, query)) {
      if (slices.length >= limit) return { slices, cut: true }
      slices.push(sliceOfMap(map, held, query.port ?? held.start, protocol))
    }
  }
  return { slices, cut: false }
}

/**
 * What the maps in force say of public addresses and ports, an answer for each question; computed,
 * never stored.
 */
export async function computeSlices(
  database: Database,
  queries: readonly SliceQuery[]
): Promise<readonly { readonly slices: readonly Slice[]; readonly cut: boolean }[]> {
  const v4 = queries.filter(({ address: [w0, w1, w2] }) => isV4(w0, w1, w2))
  const [only] = v4
  if (only === undefined) return queries.map(() => ({ slices: [], cut: false }))
  const maps = await findMaps(database, {
    ...(v4.length === 1 ? { outside: formatWords(only.address) } : {}),
    fromUs: Math.min(...v4.map(({ fromUs }) => fromUs)),
    toUs: Math.max(...v4.map(({ toUs }) => toUs)),
  })
  return queries.map((query) => slicesBy(maps, query))
}

/** The ports that the maps in force give to an inside address. */
export async function computeHeld(
  database: Database,
  query: { readonly inside: AddressWords; readonly fromUs: number; readonly toUs: number }
): Promise<Slice[]> {
  const maps = await findMaps(database, { fromUs: query.fromUs, toUs: query.toUs })
  return maps.flatMap((map) =>
    portsOfInside(poolOfMap(map), query.inside).map((ports) =>
      sliceOfMap(map, { inside: query.inside, ...ports }, ports.start, 0)
    )
  )
}

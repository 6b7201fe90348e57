import { endpointKey } from '../connections.ts'
import { compareSightings } from '../hosts.ts'
import type { Sighting } from '../sighting.ts'

/** Everything that tells one connection from another, whoever saw it. */
function tupleKey({ connection }: Sighting): string {
  const { natKind, protocol, zone, inside, public: outside, remote } = connection
  return [natKind, protocol, zone, ...[inside, outside, remote].map(endpointKey)].join(' ')
}

/**
 * Puts what several sources say of one connection together. Gateways that replicate their tables
 * (conntrackd) both report it; with one and the same translation it is one connection, not two.
 * What one source reports twice stays two: a port that was used again.
 */
export function mergeTwins(sightings: readonly Sighting[]): Sighting[] {
  const groups = new Map<string, Sighting[]>()
  for (const sighting of sightings) {
    const key = tupleKey(sighting)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [sighting])
    else group.push(sighting)
  }
  return [...groups.values()].flatMap((group) => (group.length === 1 ? group : pairUp(group)))
}

function pairUp(group: readonly Sighting[]): Sighting[] {
  let rest = [...group].sort(compareSightings)
  const out: Sighting[] = []
  for (let [lead] = rest; lead !== undefined; [lead] = rest) {
    const taken = new Map<string, Sighting>()
    for (const one of rest) {
      const { source } = one.connection
      if (!taken.has(source)) taken.set(source, one)
    }
    const [first, ...twins] = taken.values()
    if (first !== undefined) out.push(twins.length === 0 ? first : { ...first, twins })
    const gone = new Set(taken.values())
    rest = rest.filter((one) => !gone.has(one))
  }
  return out
}

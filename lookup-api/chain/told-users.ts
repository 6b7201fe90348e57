import type { Principal } from '../../model/principal.ts'
import type { Access } from '../dependencies.ts'
import type { Host } from '../hosts.ts'
import { recordOf } from '../present.ts'
import type { LookupQuery } from '../query.ts'
import type { Sighting } from '../sighting.ts'
import type { Judgement } from '../verdict.ts'
import type { Chain } from './chain.ts'
import type { Identified } from './identify.ts'
import type { Link } from './link.ts'
import { decideReveal } from './reveal.ts'

/** Names of one host that an answer shows at most. */
const maxNames = 5

/** The best sighting of each name that gateways give to a host's user. */
function namesOf({ sightings }: Host): ReadonlyMap<string, Sighting> {
  const names = new Map<string, Sighting>()
  for (const sighting of sightings.flatMap((one) => [one, ...one.hops])) {
    const { userName } = sighting.connection
    if (userName === undefined || names.has(userName) || names.size >= maxNames) continue
    names.set(userName, sighting)
  }
  return names
}

function linkOf(name: string, sighting: Sighting, isOnly: boolean): Link {
  const surety = sighting.hold === 'holds' ? 'exact' : 'inferred'
  return {
    step: 'user',
    class: isOnly ? surety : 'ambiguous',
    source: sighting.connection.source,
    record: recordOf(sighting),
    skewUs: sighting.skewUs,
    // The chain rests on what sources of identity say: this stands beside it.
    counts: false,
    why: `The gateway itself says that it was user "${name.replaceAll(/\p{Cc}/gu, '?')}".`,
  }
}

function withNames(chain: Chain, names: ReadonlyMap<string, Sighting>): Chain {
  const links = [...names].map(([name, one]) => linkOf(name, one, names.size === 1))
  const [only, ...others] = names.keys()
  const isNew = chain.leaves.length === 0 && only !== undefined && others.length === 0
  return {
    ...chain,
    ...(isNew ? { toldUser: only } : {}),
    links: [...chain.links, ...links],
    holdings: [...chain.holdings, ...[...names.values()].map(recordOf)],
  }
}

/**
 * Adds whom gateways themselves name as the user of a connection, where the asker may know who it
 * was: by the same decision as whether sources of identity are asked.
 */
export async function withToldUsers(
  identified: Identified,
  { hosts }: Judgement,
  query: LookupQuery,
  principal: Principal,
  access: Access
): Promise<Identified> {
  const told = hosts.flatMap((host) => {
    const names = namesOf(host)
    return names.size === 0 ? [] : [{ host, names }]
  })
  const { chains, otherwise, revealed } = identified
  // Chains that are there without anything revealed are withheld ones.
  if (told.length === 0 || (!revealed && chains.size > 0)) return identified
  if (!principal.rights.has('reveal')) return identified
  const decision = revealed ? undefined : await decideReveal(principal, query, hosts.length, access)
  if (decision?.allowed === false) {
    const reasons = [decision.reason]
    const withheld: Chain = { ...otherwise, state: 'withheld', reasons }
    return { ...identified, chains: new Map(told.map(({ host }) => [host, withheld])) }
  }
  const named = told.map(({ host, names }) => {
    return [host, withNames(chains.get(host) ?? otherwise, names)] as const
  })
  const { authority } = decision ?? identified
  const granted = authority === undefined ? {} : { authority }
  return { ...identified, ...granted, revealed: true, chains: new Map([...chains, ...named]) }
}

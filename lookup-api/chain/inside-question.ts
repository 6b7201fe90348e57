import { isV4, prefixHolds } from '../../model/address.ts'
import { isPrivate } from '../../model/nat-view.ts'
import type { OwnNetworks } from '../dependencies.ts'
import { isForeign } from '../own-networks.ts'
import type { LookupQuery } from '../query.ts'
import type { Judgement, Verdict } from '../verdict.ts'
import type { Chain } from './chain.ts'

/**
 * The question who had an inside address: no translation stands between it and its holder, and no
 * connection need have been seen.
 */

/** What identity alone says of an inside address. */
export interface HolderRuling {
  readonly chain: Chain
  readonly verdict: Verdict
  readonly reasons: readonly string[]
}

/**
 * True where an address is one that a device has itself: one of the configured inside prefixes, a
 * private one, or any of ours in IPv6. A question that names a port is about a connection, and who
 * held the address without that connection is no answer to it.
 */
export function isInsideQuestion(query: LookupQuery, networks: OwnNetworks | undefined): boolean {
  const { ip, port, protocol, destination } = query
  if (port !== undefined || protocol !== undefined || destination !== undefined) return false
  if (networks?.inside.some((prefix) => prefixHolds(prefix, ...ip)) === true) return true
  if (isPrivate(ip, 0)) return true
  return !isV4(ip[0], ip[1], ip[2]) && !isForeign(networks, ip)
}

const aloneSentence = 'No connection of the address was seen; identity alone tells who held it.'

function verdictOf({ leaves, class: ofChain }: Chain): Verdict | undefined {
  const [first, ...rest] = leaves
  if (first === undefined) return undefined
  if (rest.length > 0) return ofChain === 'conflict' ? 'conflict' : 'multiple'
  return first.links[0]?.class === 'exact' ? 'unique' : 'inferred'
}

/**
 * The verdict on an inside address without a connection. Who is not found in identities leaves what
 * the ledger says; who may not be told leaves nothing that could be said.
 */
export function holderRuling(
  { ip }: LookupQuery,
  { verdict, reasons }: Judgement,
  chain: Chain
): HolderRuling {
  const found = verdictOf(chain)
  if (found !== undefined) return { chain, verdict: found, reasons: [aloneSentence] }
  const isOurs = chain.state === 'withheld' && isPrivate(ip, 0)
  const kept = isOurs && verdict === 'no-match' ? 'no-data' : verdict
  return { chain, verdict: kept, reasons: [...reasons, ...chain.reasons] }
}

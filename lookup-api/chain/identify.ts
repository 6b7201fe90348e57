import { isV4 } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import type { Principal } from '../../model/principal.ts'
import type { AnswerDependencies, Authority } from '../dependencies.ts'
import type { Host } from '../hosts.ts'
import type { Evidence, Judgement } from '../verdict.ts'
import type { HoldingWindow } from './bearing.ts'
import { emptyChain } from './chain.ts'
import type { Chain } from './chain.ts'
import { holderRuling, isInsideQuestion } from './inside-question.ts'
import type { HolderRuling } from './inside-question.ts'
import { decideReveal } from './reveal.ts'
import { walkChain } from './walk.ts'

/** What is known of the people behind an answer's hosts, and by what right. */
export interface Identified {
  /** Of each candidate host; near misses have none. */
  readonly chains: ReadonlyMap<Host, Chain>
  /** What is said of a host without a chain. */
  readonly otherwise: Chain
  /** Who held an inside address that no connection was seen of; it goes before the verdict. */
  readonly holder?: HolderRuling
  /** True where the stores of identity or directory were asked. */
  readonly revealed: boolean
  readonly authority?: Authority
}

const notConnected = emptyChain('unknown', ['No source of identities is connected.'])
const ruledOut = emptyChain('withheld', ['The question rules this host out.'])

/**
 * The time in which a host's connections meet the question: who held the inside address before or
 * after them has nothing to do with it. T itself is moved into the connection.
 */
function windowOf(host: Host, { query, sources }: Evidence): HoldingWindow {
  const skews = new Map(sources.map(({ source, skewUs }) => [source, skewUs]))
  const { connection } = host.best
  const names = [connection.source, ...host.best.hops.map((hop) => hop.connection.source)]
  const skewUs = Math.max(0, ...names.map((name) => skews.get(name) ?? 0))
  const all = host.sightings.map((sighting) => sighting.connection)
  const endOf = ({ open, continues, endUs }: typeof connection): number =>
    open || continues ? Infinity : endUs
  const startUs = Math.min(...all.map((one) => one.startUs))
  const endUs = Math.max(...all.map(endOf))
  const atUs = Math.min(Math.max(query.atUs, connection.startUs), endOf(connection))
  return {
    atUs,
    fromUs: Math.min(atUs, Math.max(query.fromUs, startUs - skewUs)),
    toUs: Math.max(atUs, Math.min(query.toUs, endUs + skewUs)),
    skewUs,
  }
}

const tunnelSentence =
  'The inside end is an IPv6 address behind an IPv4 one: with DS-Lite that is the B4, and which ' +
  'host behind it had the connection is not recoverable (RFC 7422 §2).'

/** What is said where an inside IPv6 address may be a tunnel's end instead of a host's (NAT64). */
function withTunnel(chain: Chain, outside: AddressWords, inside: AddressWords): Chain {
  const crosses = isV4(outside[0], outside[1], outside[2]) && !isV4(inside[0], inside[1], inside[2])
  return crosses ? { ...chain, reasons: [...chain.reasons, tunnelSentence] } : chain
}

/**
 * Joins the hosts of a judgement with who they were, where the asker may know. Where not, or where
 * no host is answered, neither store is touched.
 *
 * @throws FlowledgerError of the stores
 */
export async function identify(
  evidence: Evidence,
  judgement: Judgement,
  deps: AnswerDependencies,
  principal: Principal
): Promise<Identified> {
  const { identity, directory } = deps
  const { query, networks } = evidence
  const { hosts } = judgement
  const none = { chains: new Map<Host, Chain>(), revealed: false }
  if (identity === undefined) return { ...none, otherwise: notConnected }
  // Who may never know does not even make the store say whether it has anything.
  if (principal.rights.has('reveal') && !(await identity.connected())) {
    return { ...none, otherwise: notConnected }
  }
  const alone = hosts.length === 0 && isInsideQuestion(query, networks)
  if (hosts.length === 0 && !alone) return { ...none, otherwise: ruledOut }
  const decision = await decideReveal(principal, query, Math.max(1, hosts.length), deps.access)
  if (!decision.allowed) {
    const withheld = emptyChain('withheld', [decision.reason])
    const chains = new Map(hosts.map((host) => [host, withheld]))
    const holder = alone ? { holder: holderRuling(query, judgement, withheld) } : {}
    return { ...none, chains, otherwise: ruledOut, ...holder }
  }
  const hasDirectory = directory !== undefined && (await directory.connected())
  const stores = { identity, ...(hasDirectory ? { directory } : {}) }
  const { authority } = decision
  const revealed = {
    otherwise: ruledOut,
    revealed: true,
    ...(authority === undefined ? {} : { authority }),
  }
  if (alone) {
    const { ip, atUs, fromUs, toUs } = query
    const window = { atUs, fromUs, toUs, skewUs: 0 }
    const chain = await walkChain({ ip, zone: 0, window }, stores)
    return { ...none, ...revealed, holder: holderRuling(query, judgement, chain) }
  }
  const pairs = await Promise.all(
    hosts.map(async (host): Promise<[Host, Chain]> => {
      const target = { ip: host.ip, zone: host.zone, window: windowOf(host, evidence) }
      return [host, withTunnel(await walkChain(target, stores), query.ip, host.ip)]
    })
  )
  return { ...revealed, chains: new Map(pairs) }
}

/** The records that an answer's identities rest on: for the audit. */
export function revealedRecords({ chains, holder }: Identified): {
  holdings: string[]
  subscribers: string[]
} {
  const all = [...chains.values(), ...(holder === undefined ? [] : [holder.chain])]
  return {
    holdings: [...new Set(all.flatMap((chain) => chain.holdings))],
    subscribers: [...new Set(all.flatMap((chain) => chain.subscribers))],
  }
}

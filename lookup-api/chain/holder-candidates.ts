import { formatWords, isV4 } from '../../model/address.ts'
import { formatInstant } from '../../model/time.ts'
import type { AnswerCandidate } from '../contract.ts'
import type { LookupQuery } from '../query.ts'
import type { Chain } from './chain.ts'
import { holderJson, identityJson, linkJson } from './identity-json.ts'
import type { Leaf } from './leaf.ts'
import { classOf } from './link.ts'

/**
 * Who held an inside address that no connection was seen of: a candidate for everybody it may have
 * been. `flows` is 0, the remote end is the unspecified address, start and end are those of the
 * holding.
 */
export function holderCandidates({ ip }: LookupQuery, chain: Chain): AnswerCandidate[] {
  return chain.leaves.map((leaf, i) => holderCandidate(ip, i + 1, leaf, chain))
}

function holderCandidate(
  ip: LookupQuery['ip'],
  rank: number,
  leaf: Leaf,
  chain: Chain
): AnswerCandidate {
  const [{ holding }] = leaf.party.claims
  const end = { ip: formatWords(ip), port: 0 }
  const links = leaf.links.map(linkJson)
  const isOpen = !Number.isFinite(holding.endUs)
  const alone = chain.leaves.length === 1
  const identity = alone
    ? identityJson(chain)
    : { state: 'ambiguous' as const, reasons: [...chain.reasons], ...holderJson(leaf) }
  return {
    rank,
    inside: end,
    public: end,
    remote: { ip: isV4(ip[0], ip[1], ip[2]) ? '0.0.0.0' : '::', port: 0 },
    protocol: 'any',
    start: formatInstant(holding.startUs),
    start_known: holding.startKnown,
    end: isOpen ? null : formatInstant(holding.endUs),
    end_known: holding.endKnown,
    open: isOpen,
    continues: false,
    last_packet: formatInstant(Math.min(holding.sureUntilUs, holding.endUs)),
    bytes: 0,
    packets: 0,
    exporter: holding.source,
    nat: 'none',
    zone: 0,
    application: null,
    protocol_name: null,
    hostname: null,
    class: alone ? classOf(links) : leaf.class,
    identity,
    links,
    reasons: leaf.links.map(({ why }) => why),
    flows: 0,
    also: [],
  }
}

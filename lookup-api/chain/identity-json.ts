import { isRandomised } from '../../model/mac.ts'
import { formatInstant } from '../../model/time.ts'
import type { AnswerHolder, AnswerIdentity, AnswerLink } from '../contract.ts'
import type { Chain } from './chain.ts'
import type { Leaf } from './leaf.ts'
import type { Link } from './link.ts'
import { deviceOf } from './parties.ts'
import type { Party } from './parties.ts'

/** A chain as answers show it. */

const instant = (us: number): string | null => (Number.isFinite(us) ? formatInstant(us) : null)

/** A link as answers show it; what was found nowhere has neither source nor record. */
export function linkJson(link: Link): AnswerLink {
  const { step, source = '', record = '', statements, skewUs, counts, why } = link
  return {
    step,
    class: link.class,
    source,
    record,
    ...(statements === undefined ? {} : { statements: [...statements] }),
    ...(skewUs === undefined ? {} : { skew_seconds: skewUs / 1e6 }),
    counts,
    why,
  }
}

function deviceJson(party: Party): AnswerHolder['device'] {
  const device = deviceOf(party)
  if (Object.keys(device).length === 0) return null
  const { mac = null, duid = null, clientId = null, hostname = null } = device
  return {
    mac,
    mac_randomised: mac === null ? null : isRandomised(mac),
    duid,
    client_id: clientId,
    circuit_id: device.circuitId ?? null,
    remote_id: device.remoteId ?? null,
    hostname,
  }
}

function sessionJson({ party, user }: Leaf): AnswerHolder['session'] {
  const [{ holding }] = user?.claims ?? party.claims
  return {
    id: holding.session ?? null,
    kind: holding.kind,
    nas: holding.nas ?? null,
    station: holding.station ?? null,
    start: formatInstant(holding.startUs),
    start_known: holding.startKnown,
    sure_until: instant(holding.sureUntilUs),
    end: instant(holding.endUs),
    end_known: holding.endKnown,
  }
}

/** One that an address may stand for. */
export function holderJson(leaf: Leaf): AnswerHolder {
  const { subscriber } = leaf
  return {
    device: deviceJson(leaf.party),
    user: leaf.user?.name ?? null,
    session: sessionJson(leaf),
    subscriber:
      subscriber === undefined
        ? null
        : {
            id: subscriber.id,
            name: subscriber.name ?? null,
            contact: subscriber.contact ?? null,
            attributes: { ...subscriber.attributes },
            directory: subscriber.directory,
            version: subscriber.version,
            by: subscriber.by.type,
          },
    shared: leaf.shared,
    class: leaf.class,
  }
}

/** What several leaves have in common: the subscriber, where they are all the same one's. */
function commonJson(leaves: readonly Leaf[]): Partial<AnswerHolder> {
  const [first] = leaves.map(holderJson)
  if (first === undefined) return {}
  const { subscriber, shared } = first
  return { device: null, user: null, session: null, subscriber, shared }
}

/** A chain as `candidates[].identity`. */
export function identityJson(chain: Chain): AnswerIdentity {
  const { state, reasons, leaves, toldUser, class: ofChain } = chain
  const [first, ...rest] = leaves
  const base = { state, reasons: [...reasons] }
  const surety = ofChain === undefined ? {} : { class: ofChain }
  const told = toldUser === undefined ? {} : { user: toldUser }
  if (first === undefined) return { ...base, ...told, ...surety }
  if (rest.length === 0) return { ...base, ...holderJson(first), ...surety }
  const candidates = leaves.map((leaf) => ({
    ...holderJson(leaf),
    links: leaf.links.map(linkJson),
  }))
  const common = state === 'resolved' ? commonJson(leaves) : {}
  return { ...base, ...common, ...surety, candidates }
}

import type { Subscriber } from '../../model/identity.ts'
import { isRandomised } from '../../model/mac.ts'
import { formatInstant } from '../../model/time.ts'
import { bestOf, classOfClaim } from './bearing.ts'
import type { Claim, HoldingWindow } from './bearing.ts'
import { classOf, weakest } from './link.ts'
import type { Link, LinkClass } from './link.ts'
import { deviceOf } from './parties.ts'
import type { Party } from './parties.ts'
import { bearingSentence, deviceSentence, nameOf, recordOfHolding } from './sentences.ts'
import { sameKey } from './subscribers.ts'
import type { Found, Key } from './subscribers.ts'
import type { User } from './users.ts'

/** One that the address may stand for: a device, who was logged in on it, and whose it is. */
export interface Leaf {
  readonly party: Party
  readonly user?: User
  readonly subscriber?: Subscriber
  /** Several people or devices use the account. */
  readonly shared: boolean
  readonly links: readonly Link[]
  readonly class: LinkClass
}

/** What is known of a party and one of its users, ready to be judged. */
export interface LeafFacts {
  readonly party: Party
  readonly user?: User
  /** Devices that the user was on at one time. */
  readonly devices: number
  /** The configuration says that several people use the log-in. */
  readonly shared: boolean
  readonly keys: readonly Key[]
  /** Undefined where no directory is connected. */
  readonly found?: Found
  readonly window: HoldingWindow
  /** Why links to the address itself are no more than inferred; empty where they are. */
  readonly doubts: readonly string[]
}

function claimLink(step: Link['step'], claim: Claim, more: Omit<Link, 'step'>): Link {
  const { source, records, skewUs } = claim.holding
  return {
    step,
    source,
    record: recordOfHolding(claim.holding),
    statements: records,
    skewUs,
    ...more,
  }
}

function deviceLink({ party, window, doubts }: LeafFacts, counts: boolean): Link {
  const [best] = party.claims
  const { mac } = deviceOf(party)
  const weak = doubts.length > 0 || (mac !== undefined && isRandomised(mac))
  return claimLink('device', best, {
    class: weakest([classOfClaim(best), weak ? 'inferred' : 'exact']),
    counts,
    why: [deviceSentence(party, window), ...doubts].join(' '),
  })
}

function userLink(facts: LeafFacts, user: User, counts: boolean): Link {
  const [best] = user.claims
  const { through } = user
  const shared = facts.shared || facts.devices > 1
  const where = best.holding.station === undefined ? '' : ` at ${best.holding.station}`
  const parts = [`${user.name} was logged in${where}.`, bearingSentence(best, facts.window)]
  if (through !== undefined) {
    parts.push(`The log-in names the MAC alone; ${recordOfHolding(through.holding)} ties it to it.`)
  }
  if (facts.shared) parts.push('The configuration says that several people use the account.')
  if (facts.devices > 1) {
    parts.push(`The account was in use on ${facts.devices} devices at once.`)
  }
  const lower = shared || facts.doubts.length > 0 ? 'inferred' : 'exact'
  const why = [...parts, ...facts.doubts].join(' ')
  return claimLink('user', best, { class: weakest([user.class, lower]), counts, why })
}

const keyText = ({ type, value }: { type: string; value: string }): string => `${type} ${value}`

/** How sure it is that the address was where the key was. */
function classOfKey({ claims }: Key, user: User | undefined): LinkClass {
  if (user !== undefined && claims.some((claim) => user.claims.includes(claim))) return user.class
  const [first, ...rest] = claims
  return first === undefined ? 'exact' : classOfClaim(bestOf([first, ...rest]))
}

function subscriberLink(facts: LeafFacts, found: Found, subscriber: Subscriber): Link {
  const { by, directory, id, version, shared } = subscriber
  const key =
    facts.keys.find((one) => sameKey(one, by)) ?? facts.keys.find(({ type }) => type === by.type)
  const several = found.subscribers.length > 1
  const parts = [`${directory} has ${keyText(by)} as that of subscriber ${id}.`]
  const lower: LinkClass[] = [key === undefined ? 'inferred' : classOfKey(key, facts.user)]
  if (facts.doubts.length > 0) lower.push('inferred')
  if (by.type === 'mac' && isRandomised(by.value)) lower.push('inferred')
  if (shared) {
    lower.push('inferred')
    parts.push('The directory says that several people use it.')
  }
  if (several) {
    lower.push(found.conflict ? 'conflict' : 'ambiguous')
    const names = found.subscribers.map((one) => `${one.id} (${keyText(one.by)})`)
    parts.push(`The keys lead to ${names.length} subscribers: ${names.join(', ')}.`)
  }
  for (const other of found.overruled) {
    parts.push(`${keyText(other.by)} is known as that of ${other.id}; ${by.type} decides.`)
  }
  return {
    step: 'subscriber',
    class: weakest(lower),
    source: directory,
    record: `${directory}/${id}@${version}`,
    counts: true,
    why: parts.join(' '),
  }
}

function unknownSubscriber({ keys, window, found }: LeafFacts): Link {
  const looked = keys.map(keyText).join(', ')
  const why =
    found?.unreachable === true
      ? 'A directory gave no answer. Nobody is named, since it might name somebody else.'
      : `No directory had at ${formatInstant(window.atUs)} any of: ${looked}.`
  return { step: 'subscriber', class: 'unknown', counts: true, why }
}

function makeLeaf(facts: LeafFacts, subscriber: Subscriber | undefined): Leaf {
  const { party, user, found, devices } = facts
  const by = subscriber?.by.type
  const throughDevice = by === 'mac' || by === 'duid' || by === 'client-id'
  // Without anybody further on, the chain ends at the log-in, or at the device.
  const endsAtUser = by === undefined ? user !== undefined : by === 'user'
  const endsAtDevice = by === undefined ? user === undefined : throughDevice
  const links = [deviceLink(facts, endsAtDevice)]
  if (user !== undefined) links.push(userLink(facts, user, endsAtUser))
  if (found !== undefined) {
    const link = subscriber && subscriberLink(facts, found, subscriber)
    links.push(link ?? unknownSubscriber(facts))
  }
  return {
    party,
    ...(user === undefined ? {} : { user }),
    ...(subscriber === undefined ? {} : { subscriber }),
    shared: facts.shared || devices > 1 || subscriber?.shared === true,
    links,
    class: classOf(links),
  }
}

/** Everybody that a party and user may stand for: one, where the directory names one or none. */
export function leavesOf(facts: LeafFacts): Leaf[] {
  const subscribers = facts.found?.subscribers ?? []
  if (subscribers.length === 0) return [makeLeaf(facts, undefined)]
  return subscribers.map((subscriber) => makeLeaf(facts, subscriber))
}

/** What a leaf is called in a sentence. */
export function leafName({ party, user, subscriber }: Leaf): string {
  const parts = [nameOf(party)]
  if (user !== undefined) parts.push(`user ${user.name}`)
  if (subscriber !== undefined) parts.push(`subscriber ${subscriber.id}`)
  return parts.join(', ')
}

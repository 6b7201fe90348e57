import type { Subscriber } from '../../model/identity.ts'
import type { Leaf } from './leaf.ts'
import { leafName } from './leaf.ts'
import { classOf, linkSteps, weakest } from './link.ts'
import type { Link, LinkClass, LinkStep } from './link.ts'
import { partiesDisagree } from './parties.ts'
import { recordOfHolding } from './sentences.ts'

/**
 * What became of the question who it was.
 * - `resolved`: one, as far as the stores that are connected go; `class` says how surely
 * - `ambiguous`: several, all listed, none picked
 * - `unknown`: nobody is known, or the chain breaks off before the subscriber
 * - `withheld`: it was not looked up, since the asker may not know
 */
export const identityStates = ['resolved', 'withheld', 'unknown', 'ambiguous'] as const

export type IdentityState = (typeof identityStates)[number]

/** An inside address as the identity sources and the directory know it. */
export interface Chain {
  readonly state: IdentityState
  /** The weakest link from the inside address on; undefined where nothing was looked up. */
  readonly class?: LinkClass
  readonly reasons: readonly string[]
  /** Of a chain that nothing else was found for: whom the gateway names as the user. */
  readonly toldUser?: string
  readonly links: readonly Link[]
  /** Everybody it may be, best first. */
  readonly leaves: readonly Leaf[]
  /** Records that were read for it: for the audit. */
  readonly holdings: readonly string[]
  readonly subscribers: readonly string[]
}

const lineSentence = 'It names a line or an account, not the person who used it.'

/** A chain that says nothing but why. */
export const emptyChain = (
  state: 'withheld' | 'unknown' | 'ambiguous',
  reasons: readonly string[] = [],
  links: readonly Link[] = []
): Chain => ({
  state,
  ...(links.length === 0 ? {} : { class: classOf(links) }),
  reasons,
  links,
  leaves: [],
  holdings: [],
  subscribers: [],
})

const subscriberKey = (one: Subscriber | undefined): string | undefined =>
  one && `${one.directory} ${one.id}`

/** True where every leaf is the same subscriber's, whichever of them it was. */
function isOneSubscriber(leaves: readonly Leaf[]): boolean {
  const names = new Set(leaves.map(({ subscriber }) => subscriberKey(subscriber)))
  return names.size === 1 && !names.has(undefined)
}

const labels: Readonly<Record<LinkStep, string>> = {
  nat: 'addresses',
  device: 'devices',
  user: 'log-ins',
  subscriber: 'subscribers',
}

/** The links of several leaves as one: where they part, how many ways there are. */
function joinLinks(leaves: readonly Leaf[], parted: LinkClass, one: boolean): Link[] {
  return linkSteps.flatMap((step): Link[] => {
    const links = leaves.flatMap((leaf) => leaf.links.filter((link) => link.step === step))
    const [first] = links
    if (first === undefined) return []
    const records = new Set(links.map(({ record }) => record))
    if (records.size === 1 && links.length === leaves.length) {
      const common = step === 'subscriber' && one && first.class === 'exact'
      if (!common) return [{ ...first, counts: first.counts && !(one && step !== 'subscriber') }]
      const why = `${first.why} Whichever device or log-in it was, it is the same subscriber.`
      return [{ ...first, class: 'inferred', why }]
    }
    const why = `There are ${records.size} ${labels[step]}, and nothing tells which it was.`
    return [{ step, class: parted, counts: !one, why }]
  })
}

/** Leaves beside others: where they part, a leaf's own link is no surer than the choice. */
function besideOthers(leaves: readonly Leaf[], parted: LinkClass): Leaf[] {
  const several = (step: LinkStep): boolean =>
    new Set(leaves.map(({ links }) => links.find((link) => link.step === step)?.record)).size > 1
  const steps = new Set(linkSteps.filter(several))
  return leaves.map((leaf) => ({
    ...leaf,
    class: weakest([leaf.class, parted]),
    links: leaf.links.map((link) =>
      steps.has(link.step) ? { ...link, class: weakest([link.class, parted]) } : link
    ),
  }))
}

const recordsOf = (leaves: readonly Leaf[]): Pick<Chain, 'holdings' | 'subscribers'> => ({
  holdings: [
    ...new Set(
      leaves.flatMap(({ party, user }) =>
        [...party.claims, ...(user?.claims ?? [])].map(({ holding }) => recordOfHolding(holding))
      )
    ),
  ],
  subscribers: leaves.flatMap(({ subscriber: one }) =>
    one === undefined ? [] : [`${one.directory}/${one.id}@${one.version}`]
  ),
})

/**
 * Puts together what was found behind an inside address.
 *
 * @param leaves at least one, best first
 * @param hasDirectory whether the chain could go on to a subscriber
 */
export function makeChain(
  leaves: readonly [Leaf, ...Leaf[]],
  hasDirectory: boolean,
  reasons: readonly string[]
): Chain {
  const [first, ...rest] = leaves
  const records = recordsOf(leaves)
  if (rest.length === 0) {
    const { links, subscriber } = first
    const resolved = subscriber !== undefined || !hasDirectory
    const said = subscriber === undefined ? reasons : [...reasons, lineSentence]
    return {
      state: resolved ? 'resolved' : 'unknown',
      class: first.class,
      reasons: resolved ? said : [...said, ...links.slice(-1).map(({ why }) => why)],
      links,
      leaves,
      ...records,
    }
  }
  const parties = [...new Set(leaves.map(({ party }) => party))]
  const conflict = partiesDisagree(parties) || leaves.some((leaf) => leaf.class === 'conflict')
  const parted = conflict ? 'conflict' : 'ambiguous'
  const one = isOneSubscriber(leaves)
  const links = joinLinks(leaves, parted, one)
  const names = leaves.map(leafName).join('; ')
  const sentence = conflict
    ? `The sources contradict each other, and one is wrong: ${names}.`
    : `It may be any of ${leaves.length}: ${names}.`
  return {
    state: one ? 'resolved' : 'ambiguous',
    class: one ? classOf(links) : parted,
    reasons: [...reasons, sentence, ...(one ? [lineSentence] : [])],
    links,
    leaves: besideOthers(leaves, parted),
    ...records,
  }
}

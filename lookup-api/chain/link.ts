/** One step from what the world saw to whom it stands for, and how sure it is. */

/**
 * How sure a link is, best first:
 * - `exact`: a record shows it at the time itself
 * - `inferred`: something about it is assumed, or the source is weak
 * - `ambiguous`: it leads to several
 * - `conflict`: sources contradict each other
 * - `unknown`: nothing shows it
 */
export const linkClasses = ['exact', 'inferred', 'ambiguous', 'conflict', 'unknown'] as const

export type LinkClass = (typeof linkClasses)[number]

/**
 * `nat`: a public address and port to an inside one, once a gateway; `device`: an inside address to
 * what held it; `user`: to who was logged in there; `subscriber`: to the contract.
 */
export const linkSteps = ['nat', 'device', 'user', 'subscriber'] as const

export type LinkStep = (typeof linkSteps)[number]

export interface Link {
  readonly step: LinkStep
  readonly class: LinkClass
  /** Exporter, identity source or directory; undefined where nothing was found in any. */
  readonly source?: string
  /** What shows it, within the source. */
  readonly record?: string
  /** Where the source itself has it: `file:line`, or the peer and identifier of a packet. */
  readonly statements?: readonly string[]
  /** How far the clock of the source may be off (us). */
  readonly skewUs?: number
  /** False where the answer does not rest on it: it is shown, and weakens nothing. */
  readonly counts: boolean
  /** A plain sentence. */
  readonly why: string
}

/** The weakest of the classes: an answer is as strong as that. Of none it is `exact`. */
export function weakest(classes: Iterable<LinkClass>): LinkClass {
  let worst = 0
  for (const one of classes) worst = Math.max(worst, linkClasses.indexOf(one))
  return linkClasses[worst] ?? 'unknown'
}

/** The class of a chain: the weakest of the links that it rests on. */
export function classOf(links: readonly Pick<Link, 'class' | 'counts'>[]): LinkClass {
  return weakest(links.filter((link) => link.counts).map((link) => link.class))
}

import type { ClassifiedFlow } from '../model/classified-flow.ts'
import type { ConntrackEntry } from '../model/conntrack-entry.ts'

/** What became of one action on one connection; each is counted by target. */
export const outcomes = [
  /** The kernel has it, or it was written or sent. */
  'done',
  /** The entry of the connection was gone (ENOENT). */
  'vanished',
  /** The set is not there (ENOENT). */
  'missing',
  /** The set takes no more elements. */
  'full',
  /** The entry has no room for labels: no rule used labels when it was made (ENOSPC). */
  'no-labels',
  /** The kernel does not let us (EPERM). */
  'denied',
  /** The connection lacks what the target needs: an Ethernet address, a port. */
  'unsuited',
  /** It began before the policy did, and is left alone. */
  'baseline',
  /** It is where it should be. */
  'in-place',
  /** It was moved or reset already, and came again as it was: the rules that route it are amiss. */
  'again',
  /** More wait already than the rate lets through. */
  'limited',
  /** Another error, which is said. */
  'failed',
] as const

export type Outcome = (typeof outcomes)[number]

/** A connection, what it is, and the action that means it. */
export interface Verdict {
  readonly flow: ClassifiedFlow
  readonly entry: ConntrackEntry
  readonly action: { readonly name: string; readonly place: string }
}

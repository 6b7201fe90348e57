import type { Outbox } from './outbox.ts'

/** Why a target cannot be reached, or was lost. */
export const lossReasons = [
  /** Its name has no address. */
  'unresolved',
  /** Nobody listens there. */
  'refused',
  /** Its certificate is not one that we trust. */
  'untrusted',
  /** Everything else: no way there, no answer, a connection that broke. */
  'unreachable',
] as const

export type LossReason = (typeof lossReasons)[number]

/** A target that could not be opened, or is lost. */
export class TargetLost extends Error {
  readonly reason: LossReason

  constructor(reason: LossReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'TargetLost'
    this.reason = reason
  }
}

/** What did not leave, though it was encoded. */
export interface NotSent {
  messages: number
  bytes: number
  records: number
}

/** A session that is open. */
export interface Session {
  /** Octets of the longest message, and how many go together. */
  readonly slotBytes: number
  readonly slots: number
  /**
   * Octets that may be under way though they were handed over: when the session is lost, so much
   * is sent again.
   */
  readonly unsureBytes: number
  /** How long after it was handed over a message may still turn out to be refused (us). */
  readonly settleUs: number
  /** True where the peer keeps what it was told for as long as the session lasts. */
  readonly reliable: boolean
  /** What was encoded and could not go, as too long for the way. */
  readonly notSent: NotSent
  /**
   * Hands over what the outbox holds.
   *
   * @throws TargetLost
   */
  send(outbox: Outbox): Promise<void>
  /**
   * Looks whether the peer has refused what was sent.
   *
   * @throws TargetLost
   */
  check(): void
  /** True where the session should end for another to begin, as when a file is long enough. */
  isDue(nowUs: number): boolean
  /** Ends it after what was handed over has left, where that can be known. */
  close(): Promise<void>
}

/** A way to a target: opens a session, as often as one is lost. */
export interface Transport {
  /** @throws TargetLost */
  open(): Promise<Session>
}

import { decodeFailures } from '../../netlink/ctnetlink-layout.ts'
import type { DecodeFailure } from '../../netlink/ctnetlink-layout.ts'

/** Counted events; those of `messages` that are malformed are counted by reason. */
export interface TrackerCounters {
  messages: number
  newEvents: number
  destroyEvents: number
  dumped: number
  /** The same event twice. */
  duplicates: number
  /** Ends of connections whose beginning nobody saw. */
  orphans: number
  inferredEnds: number
  malformed: Record<DecodeFailure | 'message-length' | 'foreign-type', number>
}

export function zeroCounters(): TrackerCounters {
  const reasons = [...decodeFailures, 'message-length', 'foreign-type'] as const
  const malformed = Object.fromEntries(reasons.map((reason) => [reason, 0]))
  return {
    messages: 0,
    newEvents: 0,
    destroyEvents: 0,
    dumped: 0,
    duplicates: 0,
    orphans: 0,
    inferredEnds: 0,
    malformed: malformed as TrackerCounters['malformed'],
  }
}

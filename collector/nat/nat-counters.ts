/** What became of the events; every one of these is a thing that an auditor may ask about. */
export interface NatCounters {
  begun: number
  /** Begin paired with its end. */
  closed: number
  /** An end of something whose beginning was not seen. */
  orphans: number
  /** The same beginning once more: interim logs, repeated lines. */
  confirmed: number
  /** Ends that were missed: somebody else has the mapping, or the host has another. */
  inferredEnds: number
  /** Let go because too many were open. */
  evicted: number
  /** Let go because nothing was heard of them for too long. */
  forgotten: number
  /** Ends older than the beginning: the clock was set, or the order. */
  outOfOrder: number
  /** Events that begin and end nothing: kept for reports. */
  notices: number
}

/** Nothing has happened yet. */
export const noNatCounters = (): NatCounters => ({
  begun: 0,
  closed: 0,
  orphans: 0,
  confirmed: 0,
  inferredEnds: 0,
  evicted: 0,
  forgotten: 0,
  outOfOrder: 0,
  notices: 0,
})

/**
 * What a source saw without loss. Up to its **watermark** every connection that existed is in the
 * ledger or among the open flows; up to **closedThrough** it is in the ledger alone. A gap is a
 * time in which connections may have been missed.
 */
export const gapReasons = [
  /** Nobody was following: the collector was down. */
  'down',
  /** The kernel dropped events because the socket's buffer was full (ENOBUFS). */
  'overrun',
  /** The wall clock was set; instants in between are ambiguous. */
  'clock-step',
  /** A line or message could not be read. */
  'malformed',
  /** A spool frame was damaged. */
  'spool-damaged',
  /** The database was restored to a state whose later flows are in no spool any more. */
  'restored',
  /** The spool had reached its bound: flows were not journalled. */
  'spool-full',
  /** The disk had no room left for the spool: flows were not journalled. */
  'disk-full',
  /** The disk refused, or did not keep what it had taken. */
  'disk-failed',
  /** Sequence numbers of an exporter were passed over: its datagrams were lost on the way. */
  'sequence-gap',
  /** The kernel dropped datagrams because the receiving socket's buffer was full. */
  'kernel-drop',
  /** Records were given up since the template that explains them never came. */
  'template-missing',
  /** An exporter began anew; what it had not told yet is lost. */
  'exporter-restart',
  /** Nothing was heard of an exporter that had been telling. */
  'exporter-silent',
  /** An exporter counts only some of the packets, so flows may be missing at any time. */
  'sampled',
  /** A limit of ours was met and records were let go. */
  'limit',
  /** A file of the sealed archive is missing or is not what was sealed. */
  'archive-damaged',
  /** Records of somebody were deleted: an inside address is not known any more, nor is its port. */
  'deleted',
] as const

export type GapReason = (typeof gapReasons)[number]

/** A time in which a source may have missed connections. */
export interface Gap {
  readonly fromUs: number
  readonly toUs: number
  readonly reason: GapReason
  /** How many events were lost, where that is known. */
  readonly lost?: number
}

/** Progress of a source, as it travels with its flows. */
export interface Progress {
  readonly watermarkUs: number
  readonly closedThroughUs: number
  /** How far its clock may be from the true time, where that was measured (us). */
  readonly skewUs?: number
}

/** What kind of source saw a flow: only a live one can prove that nothing was missed. */
export const sourceKinds = ['conntrack', 'import', 'netflow', 'syslog'] as const

export type SourceKind = (typeof sourceKinds)[number]

/** A source as look-ups see it. */
export interface SourceCoverage extends Progress {
  readonly source: string
  readonly kind: SourceKind
  /** When it first began to watch; undefined for a source that proves nothing (imports). */
  readonly watchedFromUs: number | undefined
  readonly skewUs: number
  /** Gaps that meet the time asked for. */
  readonly gaps: readonly Gap[]
  /** Before this, rows of it are not kept any more; left out: nothing was purged. */
  readonly keptFromUs?: number
  /** Fields that rows from before a time have no more, and the rule that they went by. */
  readonly purgedFields?: readonly PurgedField[]
}

/** A field of flows that is not kept any more for what starts before a time. */
export interface PurgedField {
  readonly field: string
  readonly beforeUs: number
  readonly rule: string
}

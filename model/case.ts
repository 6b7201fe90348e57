/** A case of the abuse desk and what it holds. Times are microseconds since 1970. */

/** How a case stands. */
export const caseStatuses = ['open', 'waiting', 'answered', 'closed'] as const

export type CaseStatus = (typeof caseStatuses)[number]

/**
 * What can stand in the history of a case. `lookup`: one that named the case; `evidence`: a signed
 * answer that the case keeps; `exported`: the whole case was given out.
 */
export const caseEntryKinds = [
  'opened',
  'status',
  'notice',
  'lookup',
  'evidence',
  'hold',
  'hold-released',
  'decision',
  'deadline',
  'deadline-met',
  'note',
  'exported',
] as const

export type CaseEntryKind = (typeof caseEntryKinds)[number]

/** A case without its history. */
export interface CaseFile {
  readonly id: number
  /** What people call it, and look-ups name in `case`. */
  readonly reference: string
  readonly title: string
  readonly status: CaseStatus
  /** Counts what people did to it; a change has to name the one that it was made on. */
  readonly version: number
  readonly openedUs: number
  readonly openedBy: string
  readonly changedUs: number
  /** The next deadline that is not met. */
  readonly dueUs?: number
}

/** Something that was done in a case; never changed, never removed. */
export interface CaseEntry {
  readonly id: number
  readonly atUs: number
  readonly actor: string
  readonly kind: CaseEntryKind
  /** The audit's entry of it. */
  readonly auditId?: number
  readonly detail: Readonly<Record<string, unknown>>
  /** SHA-256 (hexadecimal) of the signed file that belongs to it. */
  readonly documentSha256?: string
}

/** When something has to be done. */
export interface Deadline {
  readonly id: number
  readonly name: string
  /** Name of the preset that it came of. */
  readonly preset?: string
  readonly dueUs: number
  /** Where the time comes from: law, agreement. */
  readonly basis: string
  readonly setBy: string
  readonly metUs?: number
  readonly metBy?: string
}

/** A record of what must be kept whatever the retention says. */
export interface Hold {
  readonly id: number
  readonly case?: string
  /** An address or prefix as text; left out where records alone are held. */
  readonly address?: string
  readonly port?: number
  readonly fromUs?: number
  readonly toUs?: number
  readonly records: readonly string[]
  readonly reason: string
  readonly placedUs: number
  readonly placedBy: string
  /** Left out: until it is released. */
  readonly expiresUs?: number
  readonly releasedUs?: number
  readonly releasedBy?: string
  readonly releaseReason?: string
  /** SHA-256 (hexadecimal) of the signed copy of the rows. */
  readonly documentSha256?: string
}

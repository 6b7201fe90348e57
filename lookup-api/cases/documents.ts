import type { ListedFlow } from '../contract.ts'
import type { Envelope } from '../evidence-file/envelope.ts'
import type { CaseJson, DeadlineJson, EntryJson, HoldJson } from './present.ts'

/** What is signed of cases and holds: the documents of the kinds `case` and `hold`. */

export interface Software {
  readonly name: 'flowledger'
  readonly version: string
  readonly node: string
}

/** Which program signs. */
export const softwareOf = (version: string): Software => ({
  name: 'flowledger',
  version,
  node: process.version,
})

/** A case as it stood when it was exported. */
export interface CaseDocument {
  readonly case: CaseJson
  readonly deadlines: readonly DeadlineJson[]
  readonly holds: readonly HoldJson[]
  readonly history: readonly EntryJson[]
  /** The signed files of the case, each whole: it can be taken out and checked alone. */
  readonly evidence: readonly Envelope[]
  /** Who exported it, as the audit names them. */
  readonly officer: string
  readonly software: Software
  readonly limits: readonly string[]
}

export const caseLimits: readonly string[] = [
  'It shows what was entered into the case and when, not that what people entered is true.',
  'Notices are kept as what was read of them and the SHA-256 of what came, not as the mail itself.',
  'Each enclosed answer names a line, a device or a log-in, not a person; see its own limits.',
]

/** Rows of the ledger as they were when a hold was placed. */
export interface HoldDocument {
  readonly held: {
    readonly case: string | null
    readonly address: string | null
    readonly port: number | null
    readonly from: string | null
    readonly to: string | null
    readonly records: readonly string[]
    readonly reason: string
  }
  readonly rows: readonly ListedFlow[]
  /** True where there were more rows than are copied. */
  readonly cut: boolean
  /** False where no collector could be asked for connections that were open still. */
  readonly open_read: boolean
  readonly officer: string
  readonly software: Software
  readonly limits: readonly string[]
}

export const holdLimits: readonly string[] = [
  'It is a copy of rows of the ledger as they were when the hold was placed, not of packets.',
  'Who held the inside addresses is not copied: leases, sessions and subscribers are not in it.',
  'Rows that came to the ledger later, and records held by their name alone, are not in it.',
]

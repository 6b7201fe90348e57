import type { LineReason } from '../../collector/conntrack/text-entry.ts'

/** Why a line was passed over. */
export type Rejection =
  | Exclude<LineReason, 'blank' | 'summary'>
  | 'no-time'
  | 'line-too-long'
  /** The last line has no end and may be cut short: it is read once its end is there. */
  | 'unterminated-line'

export interface Rejected {
  count: number
  /** The first of them, as `file:line`. */
  readonly first: string
}

/** What an import counts while it runs. */
export class ImportTally {
  /** Lines read in this run, and how many of them an earlier run had taken. */
  lines = 0
  linesKnown = 0
  /** Rows handed to the ledger. */
  rows = 0
  /** Octets read of the files, as they are on disk; and what there is to read (0: unknown). */
  bytes = 0
  bytesTotal = 0
  /** Compressed files that were cut short or damaged, by name. */
  readonly damaged: string[] = []
  readonly rejected: Partial<Record<Rejection, Rejected>> = {}

  reject(reason: Rejection, name: string, lineNumber: number): void {
    const known = this.rejected[reason]
    if (known === undefined) this.rejected[reason] = { count: 1, first: `${name}:${lineNumber}` }
    else known.count++
  }
}

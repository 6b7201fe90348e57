import type { IdentityReader } from './reader.ts'

/** What was read of a source so far. */
export interface SourceTotals {
  readonly lines: number
  readonly events: number
  readonly unknown: number
  /** Records or parts of them that could not be believed, by reason. */
  readonly refused: Readonly<Record<string, number>>
}

/** Sums what the readers of one source have counted, one after the other. */
export class ReaderTotals {
  private before: SourceTotals = { lines: 0, events: 0, unknown: 0, refused: {} }
  private reader: IdentityReader | undefined

  /** The reader that is at work now. */
  note(reader: IdentityReader): void {
    this.reader = reader
  }

  /** The reader has read its last. */
  leave(reader: IdentityReader): void {
    this.reader = reader
    this.before = this.now
    this.reader = undefined
  }

  get now(): SourceTotals {
    const { before } = this
    const counters = this.reader?.counters
    if (counters === undefined) return before
    const refused = { ...before.refused }
    for (const [reason, count] of Object.entries(counters.refused)) {
      refused[reason] = (refused[reason] ?? 0) + count
    }
    return {
      lines: before.lines + counters.lines,
      events: before.events + counters.events,
      unknown: before.unknown + counters.unknown,
      refused,
    }
  }
}

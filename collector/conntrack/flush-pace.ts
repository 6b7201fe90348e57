import type { RowJournal } from './row-journal.ts'

/** How long rows are gathered at the most before they go to the journal. */
const flushAfterMs = 50
/** An idle follower tells its watermark this often. */
export const heartbeatMs = 1000

/** Hands gathered rows to the journal now and then, and tells the progress where there are none. */
export class FlushPace {
  private readonly rows: RowJournal
  private flushedAtMs = 0
  private beatAtMs = 0

  constructor(rows: RowJournal) {
    this.rows = rows
  }

  /** @returns false where the journal did not take rows */
  flush(now: boolean): boolean {
    const ms = performance.now()
    const { opens, slices } = this.rows
    const waiting = opens.length + slices.length > 0
    if (waiting && (now || ms - this.flushedAtMs >= flushAfterMs)) {
      this.flushedAtMs = ms
      this.beatAtMs = ms
      return this.rows.flush()
    }
    if (!now && ms - this.beatAtMs < heartbeatMs) return true
    this.beatAtMs = ms
    return this.rows.heartbeat()
  }
}

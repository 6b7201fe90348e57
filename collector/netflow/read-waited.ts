import type { CollectorJournal } from './collector-journal.ts'
import type { RowWriter } from './rows.ts'

/** Reads data sets whose template has come: their rows are kept as a whole, apart from others. */
export function readWaited(
  rows: RowWriter,
  journal: CollectorJournal,
  ids: readonly string[],
  read: () => void
): void {
  if (journal.once === undefined) return read()
  rows.flush()
  journal.once(ids, () => {
    read()
    rows.flush()
  })
}

import { RowJournal } from '../collector/conntrack/row-journal.ts'
import { readTimeouts } from '../collector/conntrack/timeouts.ts'
import { Tracker } from '../collector/conntrack/tracker.ts'
import { verdictExtras } from '../model/flow-verdict.ts'
import { SpoolWriter } from '../store/spool-writer.ts'

/** A tracker whose rows go into a spool in `directory`, as those of `up` do. */
export function trackInto(directory: string) {
  const spool = new SpoolWriter({
    directory,
    source: 'b',
    maxBytes: 2 ** 40,
    syncBytes: 1 << 30,
    extras: verdictExtras,
  })
  const journal = new RowJournal({
    append: (kind, batch, progress) => spool.append(kind, batch, progress),
    gap: () => true,
    watchedFrom: () => true,
  })
  return { spool, journal, tracker: new Tracker(journal, readTimeouts(), 1800e6) }
}

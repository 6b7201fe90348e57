import type { Registry } from 'prom-client'
import { perScrape } from '../per-scrape.ts'
import { addRead, single, valuesBy } from '../read-metric.ts'
import type { Value } from '../read-metric.ts'
import type { Collecting } from './collecting.ts'
import type { FollowerStatus } from './messages.ts'

/** What the collecting half counts, in plain numbers: they become metrics when somebody looks. */
type Numeric = {
  [K in keyof FollowerStatus]-?: FollowerStatus[K] extends number ? K : never
}[keyof FollowerStatus]

const numbers: readonly (readonly [name: string, help: string, key: Numeric])[] = [
  ['conntrack_new_total', 'NEW events read.', 'newEvents'],
  ['conntrack_destroy_total', 'DESTROY events read.', 'destroyEvents'],
  ['conntrack_overruns_total', 'Times the kernel dropped events.', 'overruns'],
  ['conntrack_orphans_total', 'Ends of connections not seen to begin.', 'orphans'],
  ['conntrack_duplicates_total', 'Events that were told twice.', 'duplicates'],
  ['conntrack_inferred_ends_total', 'Ends that nobody told.', 'inferredEnds'],
  ['verdicts_joined_total', 'Verdicts of first packets that found their flow.', 'joined'],
  ['verdict_names_left_out_total', 'Verdicts kept without their host name.', 'namesLeftOut'],
  ['spool_lost_rows_total', 'Rows that the spool did not take or the disk not keep.', 'lostRows'],
  ['spool_thinned_rows_total', 'Rows kept without names for want of room.', 'thinnedRows'],
  ['spool_failed_syncs_total', 'Times the disk did not make it safe.', 'failedSyncs'],
  ['open_flows', 'Connections that are open.', 'openFlows'],
  ['netlink_buffer_bytes', 'Receive buffer that the kernel granted.', 'receiveBuffer'],
]

const reasons = [
  ['netlink_malformed_total', 'Netlink messages that could not be read.', 'malformed'],
  ['verdicts_unjoined_total', 'Verdicts that found no flow, by reason.', 'unjoined'],
] as const

/** Puts what the collecting half counts on the program's registry. */
export function countCollecting(registry: Registry, collecting: Collecting): void {
  const reading = perScrape(() => collecting.status().catch(() => undefined))
  for (const [name, help, key] of numbers) {
    addRead(registry, { name, help, read: async () => single((await reading())?.[key]) })
  }
  for (const [name, help, key] of reasons) {
    const read = async (): Promise<Value[]> => valuesBy('reason', (await reading())?.[key] ?? {})
    addRead(registry, { name, help, labels: ['reason'], read })
  }
  const { pump } = collecting
  addRead(registry, {
    name: 'ledger_rows_total',
    help: 'Flows written to the ledger.',
    read: () => single(pump.rows),
  })
  addRead(registry, {
    name: 'ledger_writable',
    help: '1 while the database takes what is collected, 0 while that waits in the spool.',
    read: () => single(pump.failure === undefined ? 1 : 0),
  })
  addRead(registry, {
    name: 'ledger_commit_failures_total',
    help: 'Commits that failed and were sent again.',
    read: () => single(pump.failures),
  })
  addRead(registry, {
    name: 'ledger_lag_seconds',
    help: 'How far the ledger is behind the present.',
    async read() {
      if ((await reading()) === undefined) return undefined
      return single(Math.max(0, (Date.now() - pump.committedWatermarkUs / 1000) / 1000))
    },
  })
}

import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import { perScrape } from '../per-scrape.ts'
import type { Collecting } from './collecting.ts'
import type { FollowerStatus } from './messages.ts'

/** What the collecting half counts, in plain numbers: they become metrics when somebody looks. */
type Numeric = {
  [K in keyof FollowerStatus]-?: FollowerStatus[K] extends number ? K : never
}[keyof FollowerStatus]

const counters: readonly (readonly [name: string, help: string, key: Numeric])[] = [
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
]

const gauges: readonly (readonly [name: string, help: string, key: Numeric])[] = [
  ['open_flows', 'Connections that are open.', 'openFlows'],
  ['netlink_buffer_bytes', 'Receive buffer that the kernel granted.', 'receiveBuffer'],
]

/** Puts what the collecting half counts on the program's registry. */
export function countCollecting(registry: Registry, collecting: Collecting): void {
  const registers = [registry]
  const reading = perScrape(() => collecting.status().catch(() => undefined))
  const counter = (name: string, help: string, value: () => Promise<number> | number): void => {
    const made = new Counter({
      name: `flowledger_${name}`,
      help,
      registers,
      async collect() {
        this.reset()
        this.inc(await value())
      },
    })
    made.inc(0)
  }
  const gauge = (name: string, help: string, value: () => Promise<number> | number): void => {
    const made = new Gauge({
      name: `flowledger_${name}`,
      help,
      registers,
      async collect() {
        this.set(await value())
      },
    })
    made.set(0)
  }
  for (const [name, help, key] of counters) {
    counter(name, help, async () => (await reading())?.[key] ?? 0)
  }
  for (const [name, help, key] of gauges) {
    gauge(name, help, async () => (await reading())?.[key] ?? 0)
  }
  const { pump } = collecting
  counter('ledger_rows_total', 'Flows written to the ledger.', () => pump.rows)
  counter('ledger_commit_failures_total', 'Commits that failed and were sent again.', () => {
    return pump.failures
  })
  gauge('ledger_lag_seconds', 'How far the ledger is behind the present.', async () => {
    if ((await reading()) === undefined) return 0
    return Math.max(0, (Date.now() - pump.committedWatermarkUs / 1000) / 1000)
  })
  const byReason = (name: string, help: string, key: 'malformed' | 'unjoined'): void => {
    const made = new Counter({
      name: `flowledger_${name}`,
      help,
      labelNames: ['reason'],
      registers,
      async collect() {
        this.reset()
        const counts = (await reading())?.[key] ?? {}
        for (const [reason, count] of Object.entries(counts)) this.inc({ reason }, count)
      },
    })
    made.reset()
  }
  byReason('netlink_malformed_total', 'Netlink messages that could not be read.', 'malformed')
  byReason('verdicts_unjoined_total', 'Verdicts that found no flow, by reason.', 'unjoined')
}

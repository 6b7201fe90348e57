import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Collecting } from './collecting.ts'

/** What the collecting half counts, in plain numbers; they become metrics when somebody looks. */
const gauges = [
  ['flowledger_conntrack_new_total', 'NEW events read.', 'newEvents'],
  ['flowledger_conntrack_destroy_total', 'DESTROY events read.', 'destroyEvents'],
  ['flowledger_conntrack_overruns_total', 'Times the kernel dropped events.', 'overruns'],
  ['flowledger_conntrack_orphans_total', 'Ends of connections not seen to begin.', 'orphans'],
  ['flowledger_conntrack_duplicates_total', 'Events that were told twice.', 'duplicates'],
  ['flowledger_conntrack_inferred_ends_total', 'Ends that nobody told.', 'inferredEnds'],
  ['flowledger_spool_refused_rows_total', 'Rows that the spool did not take.', 'refusedRows'],
  ['flowledger_open_flows', 'Connections that are open.', 'openFlows'],
  ['flowledger_netlink_buffer_bytes', 'Receive buffer that the kernel granted.', 'receiveBuffer'],
] as const

export function countCollecting(registry: Registry, collecting: Collecting): void {
  const registers = [registry]
  const made = gauges.map(
    ([name, help, key]) => [new Gauge({ name, help, registers }), key] as const
  )
  const malformed = new Gauge({
    name: 'flowledger_netlink_malformed_total',
    help: 'Netlink messages that could not be read, by reason.',
    labelNames: ['reason'],
    registers,
  })
  const behind = new Gauge({
    name: 'flowledger_ledger_lag_seconds',
    help: 'How far the ledger is behind the present.',
    registers,
  })
  const rows = new Gauge({
    name: 'flowledger_ledger_rows_total',
    help: 'Flows that this process wrote to the ledger.',
    registers,
  })
  // A gauge that collects fills all the others, so that one question to the thread serves a scrape.
  new Gauge({
    name: 'flowledger_ledger_commit_failures_total',
    help: 'Commits that failed; their rows were sent again.',
    registers,
    async collect() {
      this.set(collecting.pump.failures)
      rows.set(collecting.pump.rows)
      const status = await collecting.status()
      if (status === undefined) return
      behind.set(Math.max(0, (Date.now() - collecting.pump.committedWatermarkUs / 1000) / 1000))
      for (const [gauge, key] of made) gauge.set(status[key])
      for (const [reason, count] of Object.entries(status.malformed)) {
        malformed.set({ reason }, count)
      }
    },
  })
}

/**
 * NAT logs of other gateways: syslog -> receiver thread -> spool -> pump -> ledger, and what is
 * open to look-ups.
 */
import { join } from 'node:path'
import { LedgerFeed, networksOf } from '../ledger-feed.ts'
import type { LedgerGate } from '../ledger-gate.ts'
import type { SyslogStatus } from './messages.ts'
import { SyslogThread } from './thread.ts'
import { noticeExtras } from '../../collector/nat/extras.ts'
import type { Config } from '../../model/config.ts'
import type { Log } from '../../model/log.ts'
import type { OpenFlows } from '../../model/open-flows.ts'
import type { SyslogConfig } from '../../model/syslog-sources.ts'
import { writeNatRows } from '../../store/nat-rows.ts'
import type { Rollups } from '../../store/rollups/rollups.ts'
import type { SpoolPump } from '../../store/spool-pump.ts'
import { spoolIdentity } from '../../store/spool-identity.ts'

/** Lines that nobody understands are told of this often (ms). */
const unknownMs = 600_000

export interface CollectingSyslog {
  readonly pump: SpoolPump
  readonly rollups: Rollups
  readonly openFlows: OpenFlows
  /** Where it listens: `udp 127.0.0.1:514`. */
  readonly addresses: readonly string[]
  status(): Promise<SyslogStatus | undefined>
  describe(): string
  reload(config: Config): void
  stop(): Promise<void>
}

/** Tells of lines that were not understood, with one of them: a log nobody reads is no evidence. */
function watchUnknown(thread: SyslogThread, log: Log): () => void {
  const told = new Map<string, number>()
  const timer = setInterval(() => {
    void thread.status().then((status) => {
      for (const sender of status?.senders ?? []) {
        const { name, unknown, malformed, unknownLines, malformedLines } = sender
        const count = unknown + malformed
        if (count <= (told.get(name) ?? 0)) continue
        told.set(name, count)
        const sample = malformedLines.at(-1) ?? unknownLines.at(-1) ?? ''
        log.warn(`${count} lines of ${name} were not understood, such as: ${sample}`)
      }
    })
  }, unknownMs)
  return () => clearInterval(timer)
}

/** Starts to receive syslog. */
export async function startCollectingSyslog(
  config: Config,
  syslog: SyslogConfig,
  ledger: LedgerGate,
  log: Log
): Promise<CollectingSyslog> {
  const spoolDir = join(config.dataDir, 'spool', 'syslog')
  const { source, spool } = spoolIdentity(spoolDir, 'syslog', config.collector.name)
  const thread = await SyslogThread.start({
    config: syslog,
    source,
    spoolDir,
    spoolMaxBytes: config.spool.maxBytes,
    spoolKeepFreeBytes: config.spool.keepFreeBytes,
    syncBytes: config.spool.syncBytes,
    syncIntervalMs: config.spool.syncIntervalMs,
    networks: networksOf(config),
  })
  void thread.ended.then(() => {
    if (thread.failure === undefined) return
    log.error(`Syslog is not received any more: ${thread.failure.sentence}`)
  })
  const spooled = {
    directory: spoolDir,
    source,
    kind: 'syslog',
    spool,
    extras: noticeExtras,
  } as const
  const feed = new LedgerFeed(config, ledger, spooled, log, { writeNatRows })
  const stopWatching = watchUnknown(thread, log)
  const queryAll: Required<OpenFlows>['queryAll'] = async (queries) => {
    const { answers, position } = await thread.query(queries)
    await feed.reach(position)
    return answers
  }
  return {
    pump: feed.pump,
    rollups: feed.rollups,
    openFlows: { queryAll, query: async (query) => (await queryAll([query]))[0] ?? [] },
    addresses: thread.addresses,
    status: () => thread.status(),
    describe: () => `Receiving NAT logs by syslog on ${thread.addresses.join(', ')}.`,
    reload(next) {
      feed.reload(next)
      thread.useNetworks(networksOf(next))
    },
    async stop() {
      stopWatching()
      await thread.stop()
      await feed.stop()
    },
  }
}

/**
 * NetFlow and IPFIX of other gateways: sockets -> collector thread -> spool -> pump -> ledger, as
 * appliance/conntrack/collecting.ts has it for this host's own connections.
 */
import { join } from 'node:path'
import { LedgerFeed, networksOf } from '../ledger-feed.ts'
import type { LedgerGate } from '../ledger-gate.ts'
import type { NetflowStatus } from './messages.ts'
import { NetflowThread } from './thread.ts'
import { flowExtras } from '../../collector/netflow/extras.ts'
import type { Config } from '../../model/config.ts'
import type { ExporterDetail, ExporterHealth } from '../../model/exporter-health.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { Log } from '../../model/log.ts'
import type { OpenFlows } from '../../model/open-flows.ts'
import { writeNatRows } from '../../store/nat-rows.ts'
import type { Rollups } from '../../store/rollups/rollups.ts'
import { spoolIdentity } from '../../store/spool-identity.ts'
import type { SpoolPump } from '../../store/spool-pump.ts'

export interface CollectingNetflow {
  readonly pump: SpoolPump
  readonly rollups: Rollups
  readonly openFlows: OpenFlows
  /** Why nothing is received any more; undefined while it is. */
  readonly failure: FlowledgerError | undefined
  status(): Promise<NetflowStatus>
  exporters(): Promise<readonly ExporterHealth[]>
  exporter(name: string): Promise<ExporterDetail | undefined>
  describe(): string[]
  /** Takes over who is listened to, and what is said of them. */
  reload(config: Config): void
  stop(): Promise<void>
}

/** What is bound at the start: sockets and their sizes. */
export function netflowSockets({ collector }: Config): string {
  const { exporters: _, ...fixed } = collector.netflow
  return JSON.stringify(fixed)
}

/** True where some socket is wanted. */
function isWanted({ collector }: Config): boolean {
  const { listen, tcp, tls } = collector.netflow
  return listen.length + tcp.length + (tls?.listen.length ?? 0) > 0
}

/** Who is refused is told of so often (ms). */
const refusedMs = 600_000

/** Tells of who sends and is not on the list: a gateway that was forgotten there is no evidence. */
function watchRefused(thread: NetflowThread, log: Log): () => void {
  const told = new Set<string>()
  const tell = ({ refusedBy }: NetflowStatus): void => {
    for (const [address, datagrams] of refusedBy) {
      if (told.has(address)) continue
      told.add(address)
      log.warn(
        `${datagrams} NetFlow datagrams of ${address} were refused: ` +
          'collector.netflow.exporters does not name it.'
      )
    }
  }
  // A thread that has ended says so itself.
  const look = (): void => void thread.status().then(tell, () => {})
  const timer = setInterval(look, refusedMs)
  return () => clearInterval(timer)
}

/** Starts to listen; undefined where the configuration names no socket. */
export async function startCollectingNetflow(
  config: Config,
  ledger: LedgerGate,
  log: Log
): Promise<CollectingNetflow | undefined> {
  if (!isWanted(config)) return undefined
  const directory = join(config.dataDir, 'spool', 'netflow')
  const { source, spool } = spoolIdentity(directory, 'netflow', config.collector.name)
  const thread = await startThread(config, source, directory, log)
  if (thread === undefined) return undefined

  void thread.ended.then(() => {
    if (thread.failure !== undefined) {
      log.error(`NetFlow is not received any more: ${thread.failure.sentence}`)
    }
  })
  const { addresses, receiveBuffer } = await thread.status()
  warnOfBuffer(receiveBuffer, config, log)
  const stopWatching = watchRefused(thread, log)
  const spooled = { directory, source, kind: 'netflow', spool, extras: flowExtras } as const
  const feed = new LedgerFeed(config, ledger, spooled, log, { writeNatRows })
  const queryAll: Required<OpenFlows>['queryAll'] = async (queries) => {
    const { found, position } = await thread.query(queries)
    await feed.reach(position)
    return found
  }
  return {
    pump: feed.pump,
    rollups: feed.rollups,
    openFlows: { query: async (query) => (await queryAll([query]))[0] ?? [], queryAll },
    get failure() {
      return thread.failure
    },
    status: () => thread.status(),
    exporters: () => thread.exporters(),
    exporter: (name) => thread.exporter(name),
    describe: () => [`Listening for NetFlow and IPFIX on ${addresses.join(', ')}.`],
    reload(next) {
      feed.reload(next)
      thread.reload({ networks: networksOf(next), netflow: next.collector.netflow })
    },
    async stop() {
      stopWatching()
      await thread.stop()
      await feed.stop()
    },
  }
}

/** A port that nobody asked for and somebody else has is only told of. */
async function startThread(
  config: Config,
  source: string,
  spoolDir: string,
  log: Log
): Promise<NetflowThread | undefined> {
  const { spool, collector } = config
  try {
    return await NetflowThread.start({
      source,
      spoolDir,
      netflow: collector.netflow,
      networks: networksOf(config),
      spoolMaxBytes: spool.maxBytes,
      spoolKeepFreeBytes: spool.keepFreeBytes,
      syncBytes: spool.syncBytes,
      syncIntervalMs: spool.syncIntervalMs,
    })
  } catch (error) {
    const isTaken = error instanceof FlowledgerError && error.code === 'port-in-use'
    if (!isTaken || !collector.netflow.isDefaultListen) throw error
    log.warn(`NetFlow is not received: ${error.sentence}`)
    return undefined
  }
}

/** The kernel gives no more than net.core.rmem_max to who may not force it. */
function warnOfBuffer(granted: number, { collector }: Config, log: Log): void {
  const wanted = collector.netflow.receiveBufferBytes
  if (collector.netflow.listen.length === 0 || granted >= wanted) return
  log.warn(
    `The kernel gave NetFlow's socket ${granted} octets of receive buffer, not ${wanted}: ` +
      `set net.core.rmem_max=${wanted}, or give the service CAP_NET_ADMIN.`
  )
}

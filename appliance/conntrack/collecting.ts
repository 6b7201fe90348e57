/**
 * The collecting half of the appliance: conntrack -> follower thread -> spool -> pump -> ledger,
 * and the socket on which look-ups ask for open flows.
 */
import { join } from 'node:path'
import type { MessagePort } from 'node:worker_threads'
import { serveOpenFlows } from '../../collector/open-flows-server.ts'
import { collectorSocket } from '../../collector/socket-path.ts'
import type { ExportSpool } from '../exporting/messages.ts'
import { makeMeasure } from './measure.ts'
import type { FollowerStatus } from './messages.ts'
import { joinOpenFlows } from './open-sources.ts'
import { FollowerThread } from './thread.ts'
import { LedgerFeed, networksOf } from '../ledger-feed.ts'
import type { LedgerGate } from '../ledger-gate.ts'
import type { Config } from '../../model/config.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { Exporters } from '../../model/exporter-health.ts'
import { verdictExtras } from '../../model/flow-verdict.ts'
import type { Log } from '../../model/log.ts'
import type { OpenFlows } from '../../model/open-flows.ts'
import type { Rollups } from '../../store/rollups/rollups.ts'
import { spoolIdentity } from '../../store/spool-identity.ts'
import type { SpoolPump } from '../../store/spool-pump.ts'
import type { SpoolPosition } from '../../store/spool-position.ts'

const partitionsMs = 600_000

export interface Collecting {
  readonly openFlows: OpenFlows
  readonly pump: SpoolPump
  readonly rollups: Rollups
  /** What it writes into, for who reads along. */
  readonly spools: readonly ExportSpool[]
  /** Why conntrack is not followed any more; undefined where it is, or never was. */
  readonly notFollowing: FlowledgerError | undefined
  status(): Promise<FollowerStatus | undefined>
  /** A way for verdicts to the thread that follows; undefined where none does. */
  openVerdicts(): MessagePort | undefined
  describe(): string
  /** Takes over networks and the active timeout. */
  reload(config: Config): void
  stop(): Promise<void>
}

/** Starts to follow; with `enabled: auto` a host that does not permit it is only told of. */
async function follow(
  config: Config,
  source: string,
  spoolDir: string,
  log: Log
): Promise<FollowerThread | FlowledgerError> {
  const { enabled, activeTimeoutUs, receiveBufferBytes } = config.collector.conntrack
  if (enabled === false) {
    return new FlowledgerError('conntrack-missing', 'collector.conntrack.enabled is false.')
  }
  try {
    return await FollowerThread.start({
      source,
      spoolDir,
      spoolMaxBytes: config.spool.maxBytes,
      spoolKeepFreeBytes: config.spool.keepFreeBytes,
      syncBytes: config.spool.syncBytes,
      syncIntervalMs: config.spool.syncIntervalMs,
      activeTimeoutUs,
      receiveBuffer: receiveBufferBytes,
      networks: networksOf(config),
    })
  } catch (error) {
    if (enabled === true || !(error instanceof FlowledgerError)) throw error
    log.warn(`This host's connections are not followed: ${error.sentence}`)
    return error
  }
}

/** The later of two positions in the spool. */
function laterOf(a: SpoolPosition, b: SpoolPosition): SpoolPosition {
  const isLater = a.segment > b.segment || (a.segment === b.segment && a.offset > b.offset)
  return isLater ? a : b
}

/** What other parts of the collector hold: look-ups ask all of them at once, by one socket. */
export interface BesideConntrack {
  readonly openFlows: readonly OpenFlows[]
  readonly exporters?: Exporters | undefined
}

/** Starts the collecting half. */
export async function startCollecting(
  config: Config,
  ledger: LedgerGate,
  log: Log,
  { openFlows: others, exporters }: BesideConntrack = { openFlows: [] }
): Promise<Collecting> {
  const spoolDir = join(config.dataDir, 'spool', 'conntrack')
  const { source, spool } = spoolIdentity(spoolDir, 'conntrack', config.collector.name)
  const followed = await follow(config, source, spoolDir, log)
  const thread = followed instanceof FollowerThread ? followed : undefined
  void thread?.ended.then(() => {
    if (thread.failure === undefined) return
    log.error(`Connections are not followed any more: ${thread.failure.sentence}`)
  })
  const spooled = {
    directory: spoolDir,
    source,
    kind: 'conntrack',
    spool,
    extras: verdictExtras,
  } as const
  const feed = new LedgerFeed(config, ledger, spooled, log, { measure: makeMeasure(config) })
  const queryAll: Required<OpenFlows>['queryAll'] = async (queries) => {
    if (thread === undefined) return queries.map(() => [])
    const answers = await Promise.all(queries.map((query) => thread.query(query)))
    const positions = answers.map(({ position }) => position)
    await feed.reach(positions.reduce(laterOf, { segment: 0, offset: 0 }))
    return answers.map(({ flows, cut, watermarkUs, closedThroughUs }) => [
      { source, flows, cut, watermarkUs, closedThroughUs },
    ])
  }
  const own: OpenFlows = { query: async (query) => (await queryAll([query]))[0] ?? [], queryAll }
  const openFlows = joinOpenFlows([own, ...others])
  const socket = await serveOpenFlows(collectorSocket(config.dataDir), openFlows, exporters)
  const { capture } = config.collector
  const isClassifying = capture !== undefined && capture.enabled !== false
  const ahead = (): void => {
    if (!ledger.isOpen) return
    feed.writer.ensureAhead(Date.now() * 1000).catch(() => {
      // The pump meets the same failure and reports it.
    })
  }
  void ledger.opened.then(ahead)
  const partitions = setInterval(ahead, partitionsMs)
  return {
    openFlows,
    pump: feed.pump,
    rollups: feed.rollups,
    // Records have places for verdicts only where somebody classifies.
    spools: [{ id: spool, directory: spoolDir, extras: isClassifying ? verdictExtras : [] }],
    // With `enabled: auto` a host that does not permit it is told of at the start, and answers.
    get notFollowing() {
      return thread?.failure
    },
    status: async () => thread?.status(),
    openVerdicts: () => thread?.openVerdicts(),
    describe: () =>
      thread === undefined
        ? `Not following conntrack: ${(followed as FlowledgerError).sentence}`
        : `Following this host's connections (conntrack) as source "${source}".`,
    reload(next) {
      feed.reload(next)
      const { activeTimeoutUs } = next.collector.conntrack
      thread?.reload({ networks: networksOf(next), activeTimeoutUs })
    },
    async stop() {
      clearInterval(partitions)
      await socket.close()
      await thread?.stop()
      await feed.stop()
    },
  }
}

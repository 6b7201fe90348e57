/**
 * The one wiring file: read it top to bottom and you know the program.
 *
 *   kernel conntrack ─┐
 *   NetFlow, syslog  ─┴> collector -> spool ┬> store -> Postgres -> lookup-api -> people
 *                                           └> exporter -> NetFlow, IPFIX
 *   first packets ────> classifier -> rules ┬> stream of flows
 *                                           └> the collector: what its open flows are
 */
import { startPurging } from './appliance/retention/purging.ts'
import type { Purging } from './appliance/retention/purging.ts'
import { startSealing } from './appliance/archive/sealing.ts'
import type { Sealing } from './appliance/archive/sealing.ts'
import { fixedCapture, startCapturing } from './appliance/capture/capturing.ts'
import type { Capturing } from './appliance/capture/capturing.ts'
import { startCollecting } from './appliance/conntrack/collecting.ts'
import type { Collecting } from './appliance/conntrack/collecting.ts'
import { netflowSockets, startCollectingNetflow } from './appliance/netflow/collecting.ts'
import type { CollectingNetflow } from './appliance/netflow/collecting.ts'
import { startCollectingSyslog } from './appliance/syslog/collecting.ts'
import type { CollectingSyslog } from './appliance/syslog/collecting.ts'
import { fixedPart, startCollectingIdentity } from './appliance/identity/collecting.ts'
import type { CollectingIdentity } from './appliance/identity/collecting.ts'
import { startExporting } from './appliance/exporting/exporting.ts'
import type { Exporting } from './appliance/exporting/exporting.ts'
import type { Appliance, RunAppliance } from './model/appliance.ts'
import type { Config } from './model/config.ts'
import { FlowledgerError } from './model/errors.ts'
import { LedgerGate } from './appliance/ledger-gate.ts'
import { apartUser } from './appliance/serving/apart/user.ts'
import { startServing } from './appliance/serving/serving.ts'
import { SpoolWatch } from './appliance/spool-watch.ts'
import type { Serving } from './appliance/serving/serving.ts'
import { openServer } from './store/database.ts'
import type { DatabaseServer } from './store/database.ts'
import { placeOf } from './store/database-url.ts'
import { migrateToLatest, requireCurrentSchema } from './store/migrate.ts'

/** What is running, in the order in which it was started. */
interface Parts {
  server?: DatabaseServer
  ledger?: LedgerGate
  syslog?: CollectingSyslog
  netflow?: CollectingNetflow
  collecting?: Collecting
  spoolWatch?: SpoolWatch
  exporting?: Exporting
  capturing?: Capturing
  identity?: CollectingIdentity
  sealing?: Sealing
  purging?: Purging
  serving?: Serving
}

export const runAppliance: RunAppliance = async (config, { collect, serve, log }) => {
  const parts: Parts = {}
  try {
    // The database first: the embedded one, unless a URL is given.
    parts.server = await openServer(config.dataDir, config.database)
    const { urls, embedded } = parts.server

    // `up` brings its tables up to date by itself; the two halves leave that to `migrate`.
    const ledger = new LedgerGate(urls.collector, async () => {
      if (embedded === undefined && !(collect && serve)) {
        return await requireCurrentSchema(collect ? urls.collector : urls.lookup)
      }
      const report = await migrateToLatest(urls.owner, embedded?.credentials)
      for (const notice of report.notices) log.warn(notice)
    })
    parts.ledger = ledger
    // Collecting waits for no server that is another's: see below.
    if (embedded !== undefined || !collect) await ledger.pass()

    // NAT logs of other gateways, where any are received.
    const { syslog } = config.collector
    if (collect && syslog !== undefined) {
      parts.syslog = await startCollectingSyslog(config, syslog, ledger, log)
    }

    // NetFlow and IPFIX of other gateways.
    if (collect) {
      const netflow = await startCollectingNetflow(config, ledger, log)
      if (netflow !== undefined) parts.netflow = netflow
    }

    // Conntrack into the spool, the spool into the ledger.
    if (collect) {
      const openFlows = [parts.syslog, parts.netflow].flatMap((part) => part?.openFlows ?? [])
      const others = { openFlows, exporters: parts.netflow }
      parts.collecting = await startCollecting(config, ledger, log, others)
    }

    // How full the spools are, told before they are.
    if (collect) parts.spoolWatch = new SpoolWatch(config, log)

    // The spool, as records that other collectors read.
    if (parts.collecting !== undefined) {
      parts.exporting = startExporting(config, parts.collecting.spools, log)
    }

    // First packets to the classifier, what it finds to the stream.
    if (collect) {
      const capturing = await startCapturing(config, log, () => parts.collecting?.openVerdicts())
      if (capturing !== undefined) parts.capturing = capturing
    }

    // What is collected waits in the spool for a database that is away.
    const isThere = await ledger.passOrWait(log)

    // Leases, RADIUS and neighbours: who held an inside address.
    if (collect) {
      parts.identity = await startCollectingIdentity(config, urls.identity, log, isThere)
    }

    // Hours that are over to the archive, where that is wanted.
    const sealing = collect ? startSealing(config, urls.owner, log) : undefined
    if (sealing !== undefined) parts.sealing = sealing

    // What is past its time goes, with a proof, where that is wanted.
    const purging = collect ? startPurging(config, urls.owner, log) : undefined
    if (purging !== undefined) parts.purging = purging

    // The ledger, and what is open at the collector, to people.
    // Where root collects, that is a process without rights.
    if (serve) {
      const apart = collect ? await apartUser(embedded?.socketDir, log) : undefined
      parts.serving = await startServing(config, urls, parts, log, apart)
    }
  } catch (error) {
    await stopParts(parts)
    throw error
  }
  return applianceOf(parts, config)
}

function applianceOf(parts: Parts, config: Config): Appliance {
  let inForce = config
  return {
    stop: () => stopParts(parts),
    async reload(next) {
      const key = fixedKeys.find(([, of]) => of(next) !== of(inForce))?.[0]
      if (key !== undefined) {
        throw new FlowledgerError('config-invalid', `${key} cannot change while it runs.`, {
          fix: 'Restart flowledger for it.',
        })
      }
      // Rules that cannot be used refuse the whole: so before anything else is taken.
      await parts.capturing?.reload(next)
      parts.identity?.reload(next)
      parts.syslog?.reload(next)
      parts.netflow?.reload(next)
      parts.collecting?.reload(next)
      parts.exporting?.reload(next)
      parts.serving?.reload(next)
      inForce = next
    },
    describe: () => describe(parts),
  }
}

/** What is bound at the start: sockets and the sizes of what is open. */
const fixedKeys: readonly (readonly [key: string, of: (config: Config) => string])[] = [
  ['data_dir', ({ dataDir }) => dataDir],
  ['database', ({ database }) => JSON.stringify(database)],
  ['api.listen', ({ api }) => api.listen],
  ['api.oidc', ({ api }) => JSON.stringify(api.oidc ?? null)],
  ['collector.conntrack.enabled', ({ collector }) => String(collector.conntrack.enabled)],
  ['archive', ({ archive }) => JSON.stringify(archive)],
  ['spool', ({ spool }) => JSON.stringify(spool)],
  ['retention', ({ retention }) => JSON.stringify(retention ?? null)],
  ['collector.identity (but for clients)', fixedPart],
  ['collector.netflow (but for exporters)', netflowSockets],
  ['collector.syslog', ({ collector }) => JSON.stringify(collector.syslog ?? null)],
  ['collector.capture, stream, applications, policy (but for rules and catalogue)', fixedCapture],
  [
    'collector.conntrack.receive_buffer',
    ({ collector }) => String(collector.conntrack.receiveBufferBytes),
  ],
]

function describe(parts: Parts): string[] {
  const { server, syslog, netflow, collecting, exporting, identity, capturing } = parts
  const { sealing, serving } = parts
  const lines: string[] = []
  if (server?.embedded !== undefined) {
    lines.push('The ledger is in the embedded PostgreSQL, on a unix socket of the data directory.')
  } else if (server !== undefined) {
    lines.push(`The ledger is in PostgreSQL at ${placeOf(server.urls.collector).place}.`)
  }
  if (collecting !== undefined) lines.push(collecting.describe())
  if (netflow !== undefined) lines.push(...netflow.describe())
  if (syslog !== undefined) lines.push(syslog.describe())
  if (exporting !== undefined) lines.push(...exporting.describe())
  if (identity !== undefined) lines.push(...identity.describe())
  if (capturing !== undefined) lines.push(...capturing.describe())
  if (sealing !== undefined) lines.push(sealing.describe())
  if (parts.purging !== undefined) lines.push(parts.purging.describe())
  if (serving !== undefined) lines.push(...serving.describe())
  return lines
}

/** Answers end first, then collecting drains into the ledger, and the database goes last. */
async function stopParts(parts: Parts): Promise<void> {
  const { server, syslog, netflow, collecting, exporting, identity, capturing } = parts
  await parts.serving?.stop()
  await parts.purging?.stop()
  await parts.sealing?.stop()
  parts.spoolWatch?.stop()
  await capturing?.stop()
  await identity?.stop()
  await collecting?.stop()
  await netflow?.stop()
  await syslog?.stop()
  // After the collector: its last slices are told too.
  await exporting?.stop()
  await server?.stop()
}

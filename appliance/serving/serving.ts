/** The answering half of the appliance: ledger and open flows -> look-up API -> people. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { makeAnswerDependencies } from './answering.ts'
import type { AnswerDatabases } from './answering.ts'
import { makeDesk } from './case-desk.ts'
import { NoticeThread } from './notice-thread.ts'
import type { Collecting } from '../conntrack/collecting.ts'
import type { CollectingIdentity } from '../identity/collecting.ts'
import { countCapture } from '../capture/metrics.ts'
import type { Capturing } from '../capture/capturing.ts'
import type { CollectingNetflow } from '../netflow/collecting.ts'
import type { CollectingSyslog } from '../syslog/collecting.ts'
import { countExporting } from '../exporting/metrics.ts'
import type { Exporting } from '../exporting/exporting.ts'
import { makeAccess } from '../../lookup-api/access.ts'
import { makeApp } from '../../lookup-api/app.ts'
import type { ApiDependencies, Readiness } from '../../lookup-api/api-dependencies.ts'
import { LogIn } from '../../lookup-api/oidc/log-in.ts'
import { startServer } from '../../lookup-api/server.ts'
import { countCollecting } from '../conntrack/metrics.ts'
import { countIdentity } from '../identity/metrics.ts'
import { countRollups } from '../rollup-metrics.ts'
import { exportersOf, openFlowsOf } from './open-flows.ts'
import { countNetflow } from '../netflow/metrics.ts'
import { countSyslog } from '../syslog/metrics.ts'
import { namesOf } from '../capture/naming.ts'
import type { SpoolWatch } from '../spool-watch.ts'
import type { Config } from '../../model/config.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { Log } from '../../model/log.ts'
import { ApprovalStore } from '../../store/approvals.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import type { DatabaseUrls } from '../../store/database-url.ts'
import { Archive } from '../../store/archive/archive.ts'
import { PeopleStore } from '../../store/people.ts'
import { TokenSessions } from '../../store/token-sessions.ts'
import { schemaState } from '../../store/migrate.ts'
import { checkToken, createToken, listTokens } from '../../store/tokens.ts'

const lookupConnections = 8
const auditConnections = 2
const identityConnections = 4
const directoryConnections = 4
/** A ledger that is further behind than this is not ready (ms). */
const lagMs = 60_000

export interface Serving {
  describe(): string[]
  /** Takes over whose addresses are whose. */
  reload(config: Config): void
  stop(): Promise<void>
}

/**
 * The first start leaves an administrator's token where only the owner of the directory reads it.
 */
async function firstToken(audit: Database, dataDir: string): Promise<string> {
  const path = join(dataDir, 'admin-token')
  if ((await listTokens(audit)).length > 0) return path
  const name = 'administrator (first start)'
  const token = await createToken(audit, { name, role: 'administrator' })
  mkdirSync(dataDir, { recursive: true })
  writeFileSync(path, `${token}\n`, { mode: 0o600 })
  return path
}

function readinessOf(
  urls: DatabaseUrls,
  { collecting, spoolWatch }: Served,
  archive: Archive
): Readiness[] {
  const sealed: Readiness = {
    name: 'archive',
    async check() {
      const files = archive
        .quarantined()
        .map(({ file, damage }) => `${file.path}: ${damage.damage}`)
      return files.length === 0 ? undefined : `Sealed files are not read: ${files.join(', ')}.`
    },
  }
  const database: Readiness = {
    name: 'database',
    async check() {
      const state = await schemaState(urls.lookup)
      return state === 'current' ? undefined : `The tables are of a version that is ${state}.`
    },
  }
  const spool = spoolWatch === undefined ? [] : [spoolWatch.readiness]
  if (collecting === undefined) return [database, sealed, ...spool]
  const collector: Readiness = {
    name: 'collector',
    async check() {
      const status = await collecting.status()
      if (status === undefined) return collecting.notFollowing?.message
      if (!status.settled) return 'The connection tracking table is being compared after a gap.'
      const behind = Date.now() - collecting.pump.committedWatermarkUs / 1000
      if (behind > lagMs) return 'The ledger is behind the spool.'
      return status.refusal === undefined ? undefined : `The spool refuses: ${status.refusal}.`
    },
  }
  return [database, collector, sealed, ...spool]
}

/** What runs in the same process: it is asked directly, counted, and shown. */
export interface Served {
  readonly collecting?: Collecting
  readonly identity?: CollectingIdentity
  readonly syslog?: CollectingSyslog
  readonly netflow?: CollectingNetflow
  readonly exporting?: Exporting
  readonly capturing?: Capturing
  readonly spoolWatch?: SpoolWatch
}

/** Starts the answering half; what collects in the same process is asked directly. */
export async function startServing(
  config: Config,
  urls: DatabaseUrls,
  served: Served,
  log: Log
): Promise<Serving> {
  const lookup = openDatabase(urls.lookup, lookupConnections)
  const audit = openDatabase(urls.audit, auditConnections)
  const people = openDatabase(urls.identity, identityConnections)
  const directory = openDatabase(urls.directory, directoryConnections)
  const close = async (): Promise<void> => {
    const open = [lookup, audit, people, directory]
    await Promise.all(open.map((database) => database.close()))
  }
  try {
    const databases = { lookup, audit, identity: people, directory, close }
    return await serve(config, urls, served, databases, log)
  } catch (error) {
    await close()
    throw error
  }
}

interface Databases extends AnswerDatabases {
  close(): Promise<void>
}

/** Everything that runs beside the answers, on the registry of their process. */
function registryOf(served: Served): Registry {
  const { collecting, identity, syslog, netflow, exporting, capturing, spoolWatch } = served
  const registry = new Registry()
  spoolWatch?.count(registry)
  if (collecting !== undefined) countCollecting(registry, collecting)
  if (identity !== undefined) countIdentity(registry, identity)
  if (syslog !== undefined) countSyslog(registry, syslog)
  if (netflow !== undefined) countNetflow(registry, netflow)
  if (exporting !== undefined) countExporting(registry, exporting)
  if (capturing !== undefined) countCapture(registry, capturing)
  countRollups(registry, { conntrack: collecting, netflow, syslog })
  return registry
}

async function serve(
  config: Config,
  urls: DatabaseUrls,
  served: Served,
  databases: Databases,
  log: Log
): Promise<Serving> {
  const { audit } = databases
  const { collecting, netflow } = served
  const openFlows = openFlowsOf(config, collecting?.openFlows)
  const exporters = exportersOf(config, collecting !== undefined, netflow)
  const approvals = new ApprovalStore(audit)
  const tokenFile = await firstToken(audit, config.dataDir)
  let inForce = config
  const archive = new Archive(databases.lookup, config.archive.directory, log)
  const stopping = new AbortController()
  const reader = new NoticeThread()
  const desk = makeDesk(() => inForce, audit)
  // The first start makes the key that signs evidence.
  await desk.evidence.signer()
  const deps: { -readonly [K in keyof ApiDependencies]: ApiDependencies[K] } = {
    ...makeAnswerDependencies(config, databases, openFlows, archive),
    tokens: { check: (token) => checkToken(audit, token) },
    accounts: {
      database: audit,
      approvals,
      people: new PeopleStore(audit),
      tokenSessions: new TokenSessions(audit),
      ...(config.api.oidc === undefined ? {} : { logIn: new LogIn(config.api.oidc) }),
    },
    desk,
    notices: config.notices,
    readNotice: (...notice) => reader.read(...notice),
    reports: { database: databases.lookup, settings: config.reports },
    names: namesOf(config),
    stopping: stopping.signal,
    registry: registryOf(served),
    ...(exporters === undefined ? {} : { exporters }),
    ...(served.capturing === undefined ? {} : { liveFlows: served.capturing }),
    readiness: readinessOf(urls, served, archive),
    onError: (error) => {
      const sentence = error instanceof FlowledgerError ? error.sentence : String(error)
      log.error(`A request failed: ${sentence}`)
    },
  }
  const server = await startServer({ listen: config.api.listen, app: makeApp(deps) })
  return {
    describe: () => [
      `Answering look-ups on http://${server.address} (description: /openapi.json).`,
      readable(tokenFile)
        ? `The administrator's token is in ${tokenFile}.`
        : 'Tokens are made with "flowledger token create".',
    ],
    reload(next) {
      inForce = next
      deps.notices = next.notices
      deps.reports = { database: databases.lookup, settings: next.reports }
      deps.names = namesOf(next)
      if (next.networks === undefined) delete deps.networks
      else deps.networks = next.networks
      deps.access = makeAccess(next.access, { approvals, audit: deps.audit })
    },
    async stop() {
      stopping.abort()
      await server.close()
      await reader.stop()
      await archive.close()
      await databases.close()
    },
  }
}

function readable(path: string): boolean {
  try {
    return readFileSync(path).length > 0
  } catch {
    return false
  }
}

/** The look-up API with its pools of log-ins, in whatever process it is. */
import { makeAnswerDependencies } from './answering.ts'
import { watchEventLoop } from './event-loop.ts'
import { NoticeThread } from './notice-thread.ts'
import type { Surroundings } from './surroundings.ts'
import { namesOf } from '../capture/naming.ts'
import { makeAccess } from '../../lookup-api/access.ts'
import { makeApp } from '../../lookup-api/app.ts'
import type { ApiDependencies, Readiness } from '../../lookup-api/api-dependencies.ts'
import { makeCutCounter } from '../../lookup-api/metrics.ts'
import { LogIn } from '../../lookup-api/oidc/log-in.ts'
import { startServer } from '../../lookup-api/server.ts'
import type { Config } from '../../model/config.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { Log } from '../../model/log.ts'
import { Archive } from '../../store/archive/archive.ts'
import { ApprovalStore } from '../../store/approvals.ts'
import { CaseStore } from '../../store/cases.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import type { DatabaseUrls } from '../../store/database-url.ts'
import { HoldStore } from '../../store/holds.ts'
import { schemaState } from '../../store/migrate.ts'
import { PeopleStore } from '../../store/people.ts'
import { TokenSessions } from '../../store/token-sessions.ts'
import { checkToken } from '../../store/tokens.ts'

/** The log-ins that answers are made with, and the connections of each. */
const connections = { lookup: 8, audit: 2, identity: 4, directory: 4 } as const

export type AnswerUrls = Pick<DatabaseUrls, keyof typeof connections>

/** The API as it runs. */
export interface Answering {
  /** Where it listens, with the port that it got. */
  readonly address: string
  reload(config: Config): void
  stop(): Promise<void>
}

function schemaReadiness(url: string): Readiness {
  return {
    name: 'database',
    async check() {
      const state = await schemaState(url)
      return state === 'current' ? undefined : `The tables are of a version that is ${state}.`
    },
  }
}

function archiveReadiness(archive: Archive): Readiness {
  return {
    name: 'archive',
    async check() {
      const files = archive
        .quarantined()
        .map(({ file, damage }) => `${file.path}: ${damage.damage}`)
      return files.length === 0 ? undefined : `Sealed files are not read: ${files.join(', ')}.`
    },
  }
}

/**
 * Starts to answer.
 *
 * @throws FlowledgerError `port-in-use`, `permission-missing`, `config-invalid`
 */
export async function startAnswering(
  config: Config,
  urls: AnswerUrls,
  surroundings: Surroundings,
  log: Log
): Promise<Answering> {
  const open = (login: keyof typeof connections): Database =>
    openDatabase(urls[login], connections[login])
  const databases = {
    lookup: open('lookup'),
    audit: open('audit'),
    identity: open('identity'),
    directory: open('directory'),
  }
  const close = async (): Promise<void> => {
    await Promise.all(Object.values(databases).map((database) => database.close()))
  }
  try {
    return await answer(config, urls, surroundings, { databases, close }, log)
  } catch (error) {
    await close()
    throw error
  }
}

interface Pools {
  readonly databases: Readonly<Record<keyof typeof connections, Database>>
  close(): Promise<void>
}

type Changing = { -readonly [K in keyof ApiDependencies]: ApiDependencies[K] }

function accountsOf(config: Config, audit: Database, approvals: ApprovalStore) {
  return {
    database: audit,
    approvals,
    people: new PeopleStore(audit),
    tokenSessions: new TokenSessions(audit),
    ...(config.api.oidc === undefined ? {} : { logIn: new LogIn(config.api.oidc) }),
  }
}

async function answer(
  config: Config,
  urls: AnswerUrls,
  around: Surroundings,
  pools: Pools,
  log: Log
): Promise<Answering> {
  const { databases } = pools
  const { audit, lookup } = databases
  const approvals = new ApprovalStore(audit)
  const stopping = new AbortController()
  const reader = new NoticeThread()
  const archive = new Archive(lookup, config.archive.directory, log)
  const { exporters, liveFlows } = around
  const deps: Changing = {
    ...makeAnswerDependencies(config, databases, around.openFlows, archive, around.heads),
    hashDestination: around.hashDestination,
    tokens: { check: (token) => checkToken(audit, token) },
    accounts: accountsOf(config, audit, approvals),
    desk: {
      cases: new CaseStore(audit),
      holds: new HoldStore(audit),
      evidence: around.evidence,
    },
    notices: config.notices,
    readNotice: (...notice) => reader.read(...notice),
    reports: { database: lookup, settings: config.reports },
    names: namesOf(config),
    stopping: stopping.signal,
    registry: around.registry,
    ...(exporters === undefined ? {} : { exporters }),
    ...(liveFlows === undefined ? {} : { liveFlows }),
    readiness: [schemaReadiness(urls.lookup), archiveReadiness(archive), ...around.readiness],
    onError: (error) => {
      const sentence = error instanceof FlowledgerError ? error.sentence : String(error)
      log.error(`A request failed: ${sentence}`)
    },
  }
  const server = await startServer({
    listen: config.api.listen,
    app: makeApp(deps),
    onCut: makeCutCounter(around.registry),
  })
  const unwatch = watchEventLoop(around.registry)
  return {
    address: server.address,
    reload(next) {
      deps.notices = next.notices
      deps.reports = { database: lookup, settings: next.reports }
      deps.names = namesOf(next)
      if (next.networks === undefined) delete deps.networks
      else deps.networks = next.networks
      deps.access = makeAccess(next.access, { approvals, audit: deps.audit })
    },
    async stop() {
      stopping.abort()
      unwatch()
      await server.close()
      await reader.stop()
      await archive.close()
      await pools.close()
    },
  }
}

import { Registry } from 'prom-client'
import { afterAll, beforeAll } from 'vitest'
import { HostInventory } from '../../appliance/capture/host-inventory.ts'
import { LiveWindow } from '../../appliance/capture/live-window.ts'
import type { UnknownCluster } from '../../model/unknown-cluster.ts'
import type { StreamedFlow } from '../../model/streamed-flow.ts'
import type { CriteriaNames } from '../../criteria/names.ts'
import { plainRules } from '../../model/access-rules.ts'
import { reportsConfigOf, reportsSchema } from '../../model/reports-settings.ts'
import type { AccessRules } from '../../model/access-rules.ts'
import type { LiveFlows } from '../../model/live-flows.ts'
import type { OidcConfig } from '../../model/access-schema.ts'
import { makeAccess } from '../../lookup-api/access.ts'
import type { ApiDependencies } from '../../lookup-api/api-dependencies.ts'
import { makeApp } from '../../lookup-api/app.ts'
import { LogIn } from '../../lookup-api/oidc/log-in.ts'
import { startServer } from '../../lookup-api/server.ts'
import { ApprovalStore } from '../../store/approvals.ts'
import { AuditWriter, listAudit } from '../../store/audit.ts'
import { CaseStore } from '../../store/cases.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database } from '../../store/database.ts'
import { HoldStore } from '../../store/holds.ts'
import { PeopleStore } from '../../store/people.ts'
import { TokenSessions } from '../../store/token-sessions.ts'
import { listPublicKeys, openSigningKey } from '../../store/signing-key.ts'
import { checkToken, createToken } from '../../store/tokens.ts'
import type { WantedToken } from '../../store/tokens.ts'
import { usePostgres } from '../postgres.ts'
import type { TestPostgres } from '../postgres.ts'
import { makeWorld, slice } from './world.ts'
import type { World } from './world.ts'

/** A request, with the token whose it is. */
export interface Send {
  (
    method: string,
    path: string,
    options?: { token?: string; body?: unknown; headers?: Record<string, string> }
  ): Promise<Response>
}

/** The API over HTTP: tokens, people, approvals and audit in PostgreSQL, the ledger in memory. */
export interface AccessLab {
  readonly postgres: TestPostgres
  readonly database: Database
  readonly world: World
  readonly app: ReturnType<typeof makeApp>
  readonly url: string
  readonly send: Send
  /** What was classified, as the process that classifies remembers it. */
  readonly live: LiveWindow<StreamedFlow>
  readonly inventory: HostInventory
  token(wanted: Omit<WantedToken, 'name'> & { name?: string }): Promise<string>
  /** Puts other rules in force, as a reload does. */
  rule(rules: Partial<AccessRules>): void
  /** Forgets what the process counted: limits, and failures of addresses. */
  restart(): void
  audit(): Promise<readonly { actor: string; action: string; detail: Record<string, unknown> }[]>
}

/** Two hosts that share a port, towards two destinations, and one alone on another port. */
const slices = () => [
  slice(-60, 60),
  slice(-60, 60, { inside: '10.0.0.2 1000', remote: '203.0.113.9 80' }),
  slice(-60, 60, { public: '192.0.2.1 3000', inside: '10.0.0.3 1000' }),
]

/** Nothing has a name: filters are tried elsewhere. */
const nameless: CriteriaNames = {
  application: () => undefined,
  protocol: () => [],
  applicationCategory: () => undefined,
  protocolCategory: () => undefined,
  group: () => undefined,
  suggestions: { applications: () => [], protocols: () => [] },
}

/** What nothing recognised. */
const oddCluster: UnknownCluster = {
  transport: 'udp',
  flows: 3,
  firstUs: 1.77e15,
  lastUs: 1.77e15,
  ports: [{ port: 31_999, flows: 3 }],
  client: { least: 8, most: 9, begins: 'f7 e3 .. 00' },
  server: { least: 0, most: 0, begins: '' },
  example: ['10.0.0.7:40000', '198.51.100.1:31999'],
}

/** What a capture shows; nothing before the first connection is added. */
function captureOf(window: LiveWindow<StreamedFlow>, inventory: HostInventory): LiveFlows {
  return {
    live: async (query) => window.since(query, nameless),
    explain: async () => [],
    unknown: async () => ({ clusters: [oddCluster], flows: 3, forgotten: 0 }),
    rules: async () => ({ tried: 0, changes: [] }),
    hosts: async () => inventory.list(),
  }
}

/**
 * Starts it for the tests of a file.
 *
 * @param oidcOf configuration of the log-in of people, made once the API's address is known
 */
export function useAccessLab(oidcOf?: (url: string) => Promise<OidcConfig>): AccessLab {
  const postgres = usePostgres()
  const live = new LiveWindow((flow: StreamedFlow) => flow)
  const inventory = new HostInventory()
  const lab = { postgres, world: makeWorld({ slices: slices() }), live, inventory } as {
    -readonly [K in keyof AccessLab]: AccessLab[K]
  }
  let stop = async (): Promise<void> => {}
  beforeAll(async () => {
    const database = openDatabase(postgres.urls.audit, 8)
    const writer = new AuditWriter(database, postgres.dataDir)
    const approvals = new ApprovalStore(database)
    const audit = {
      appendAudit: writer.appendAudit.bind(writer),
      listAudit: (page: { limit: number; cursor?: string | undefined }) =>
        listAudit(database, page),
    }
    const deps: { -readonly [K in keyof ApiDependencies]: ApiDependencies[K] } = {
      ...lab.world.dependencies,
      audit,
      access: makeAccess(plainRules, { approvals, audit }),
      tokens: { check: (token) => checkToken(database, token) },
      registry: new Registry(),
      readiness: [],
      liveFlows: captureOf(lab.live, lab.inventory),
    }
    const people = new PeopleStore(database)
    const ledger = openDatabase(postgres.urls.lookup, 2)
    deps.reports = { database: ledger, settings: reportsConfigOf(reportsSchema.parse({})) }
    deps.desk = {
      cases: new CaseStore(database),
      holds: new HoldStore(database),
      evidence: {
        signer: () => openSigningKey(postgres.dataDir),
        publicKeys: () => listPublicKeys(postgres.dataDir),
        configuration: () => ({ sha256: '0'.repeat(64), networks: null, access: null }),
      },
    }
    const server = await startServer({
      listen: '127.0.0.1:0',
      app: { fetch: (request, env) => lab.app.fetch(request, env) },
    })
    lab.url = `http://${server.address}`
    const logIn = oidcOf === undefined ? undefined : new LogIn(await oidcOf(lab.url))
    const tokenSessions = new TokenSessions(database)
    const accounts = {
      database,
      approvals,
      people,
      tokenSessions,
      ...(logIn === undefined ? {} : { logIn }),
    }
    lab.restart = () => {
      const registry = new Registry()
      const { access } = deps
      lab.app = makeApp(
        Object.defineProperty({ ...deps, registry, accounts, access }, 'access', {
          get: () => deps.access,
        })
      )
    }
    lab.restart()
    lab.database = database
    let names = 0
    lab.token = (wanted) => createToken(database, { name: `token ${names++}`, ...wanted })
    lab.rule = (rules) => {
      deps.access = makeAccess({ ...plainRules, ...rules }, { approvals, audit })
    }
    lab.send = (method, path, { token, body, headers } = {}) =>
      fetch(`${lab.url}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    lab.audit = async () => (await listAudit(database, { limit: 1000 })).items
    stop = async () => {
      await server.close()
      await database.close()
      await ledger.close()
    }
  })
  afterAll(() => stop())
  return lab
}

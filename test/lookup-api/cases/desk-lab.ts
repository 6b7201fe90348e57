import { Registry } from 'prom-client'
import { afterAll, beforeAll } from 'vitest'
import { makeAccess } from '../../../lookup-api/access.ts'
import { makeApp } from '../../../lookup-api/app.ts'
import { linkToCases } from '../../../lookup-api/cases/link.ts'
import type { Desk } from '../../../lookup-api/cases/desk.ts'
import type { AnswerDependencies, AuditLog } from '../../../lookup-api/dependencies.ts'
import { plainRules } from '../../../model/access-rules.ts'
import type { AccessRules } from '../../../model/access-rules.ts'
import type { PublicSigningKey } from '../../../model/public-signing-key.ts'
import type { TokenHolder } from '../../../model/principal.ts'
import { ApprovalStore } from '../../../store/approvals.ts'
import { AuditWriter, listAudit } from '../../../store/audit.ts'
import { CaseStore } from '../../../store/cases.ts'
import { openDatabase } from '../../../store/database.ts'
import type { Database } from '../../../store/database.ts'
import { HoldStore } from '../../../store/holds.ts'
import { PeopleStore } from '../../../store/people.ts'
import { TokenSessions } from '../../../store/token-sessions.ts'
import { listPublicKeys, openSigningKey } from '../../../store/signing-key.ts'
import { usePostgres } from '../../postgres.ts'
import type { TestPostgres } from '../../postgres.ts'
import { makeWorld } from '../world.ts'
import type { World } from '../world.ts'

/** Who asks: a token of each role, of people apart. */
const holders: Readonly<Record<string, TokenHolder>> = {
  fl_admin: { name: 'root', role: 'administrator', person: 'Root' },
  fl_desk: { name: 'desk', role: 'abuse-desk', person: 'Dana' },
  fl_investigator: { name: 'inv', role: 'investigator', person: 'Ines' },
  fl_approver: { name: 'app', role: 'approver', person: 'Ada' },
  fl_auditor: { name: 'aud', role: 'auditor', person: 'Otto' },
  fl_client: { name: 'client', role: 'api-client' },
}

/** The app over real cases, holds, audit and key; ledger and collector are in memory. */
export interface DeskLab {
  readonly world: World
  readonly postgres: TestPostgres
  readonly desk: Desk
  readonly deps: AnswerDependencies
  readonly database: Database
  readonly keys: () => Promise<readonly PublicSigningKey[]>
  /** Sends JSON where there is a body. */
  send(method: string, path: string, options?: Sent): Promise<Response>
  post(path: string, body: string, type: string, token: string): Promise<Response>
}

export interface Sent {
  readonly token?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** For the tests of a file; members are there once they run. */
export function useDesk(rules: Partial<AccessRules> = {}): DeskLab {
  const postgres = usePostgres()
  const lab: { -readonly [K in keyof DeskLab]?: DeskLab[K] } = { postgres, world: makeWorld() }
  beforeAll(async () => {
    if (postgres.urls === undefined) return
    Object.assign(lab, await assemble(postgres, lab.world ?? makeWorld(), rules))
  })
  afterAll(async () => {
    await lab.database?.close()
  })
  return lab as DeskLab
}

async function assemble(
  postgres: TestPostgres,
  world: World,
  rules: Partial<AccessRules>
): Promise<Omit<DeskLab, 'world' | 'postgres'>> {
  const database = openDatabase(postgres.urls.audit)
  const writer = new AuditWriter(database, postgres.dataDir)
  const log: AuditLog = {
    appendAudit: async (entry) => {
      if (world.auditFails) throw new Error('connection refused')
      return await writer.appendAudit(entry)
    },
    listAudit: (page) => listAudit(database, page),
  }
  const cases = new CaseStore(database)
  const audit = linkToCases(log, cases)
  const approvals = new ApprovalStore(database)
  const desk: Desk = {
    cases,
    holds: new HoldStore(database),
    evidence: {
      signer: () => openSigningKey(postgres.dataDir),
      publicKeys: () => listPublicKeys(postgres.dataDir),
      configuration: () => ({ sha256: '0'.repeat(64), networks: null, access: null }),
    },
  }
  const access = makeAccess({ ...plainRules, ...rules }, { approvals, audit })
  // The key was made just now, and nothing is signed before its key was made.
  const nowUs = (): number => Date.now() * 1000
  const deps: AnswerDependencies = { ...world.dependencies, audit, access, nowUs }
  const app = makeApp({
    ...deps,
    desk,
    accounts: {
      database,
      approvals,
      people: new PeopleStore(database),
      tokenSessions: new TokenSessions(database),
    },
    tokens: { check: async (token) => holders[token] },
    registry: new Registry(),
    readiness: [],
  })
  return {
    database,
    desk,
    deps,
    keys: () => listPublicKeys(postgres.dataDir),
    async post(path, body, type, token) {
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': type }
      return await app.request(path, { method: 'POST', headers, body })
    },
    async send(method, path, { token = 'fl_investigator', body, headers = {} } = {}) {
      return await app.request(path, {
        method,
        headers: {
          Authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    },
  }
}

/** The body, of the status that is expected. */
export async function bodyOf<T = Record<string, unknown>>(
  sent: Promise<Response>,
  status = 200
): Promise<T> {
  const response = await sent
  const text = await response.text()
  if (response.status !== status) throw new Error(`${response.status}, not ${status}: ${text}`)
  return JSON.parse(text) as T
}

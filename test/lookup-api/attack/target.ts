import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { afterAll, beforeAll } from 'vitest'
import { makeApp } from '../../../lookup-api/app.ts'
import { LogIn } from '../../../lookup-api/oidc/log-in.ts'
import { startFlowledger } from '../../cli/run-flowledger.ts'
import { makeWorld } from '../world.ts'

/** A `flowledger up` as a user starts it, to be attacked over its sockets. */
export interface Target {
  readonly folder: string
  readonly url: string
  readonly port: number
  readonly pid: number
  /** The administrator's token of the first start. */
  readonly token: string
  /** What it has logged so far. */
  log(): string
  ask(path: string, init?: RequestInit): Promise<Response>
  /** A bare connection to the API; what fails with it is no error of the test. */
  dial(): Promise<Socket>
}

const quiet = `
collector: { conntrack: { enabled: false }, netflow: { listen: [] }, identity: [] }
`

async function says(child: ChildProcess, log: () => string, what: RegExp): Promise<string> {
  for (;;) {
    const match = what.exec(log())
    if (match !== null) return match[1] ?? ''
    if (child.exitCode !== null) throw new Error(`it ended, having said:\n${log()}`)
    await Promise.race([once(child.stderr ?? child, 'data'), once(child, 'close')])
  }
}

/**
 * Starts it for the tests of a file.
 *
 * @param config what it is configured with, beside that nothing of this host is followed
 */
export function useTarget(config = 'api: { listen: "127.0.0.1:0" }'): Target {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-attack-'))
  // As root the embedded server runs as a user of its own, who has to get to its directory.
  chmodSync(folder, 0o711)
  let output = ''
  let child: ChildProcess
  const log = (): string => output
  const target = { folder, log } as { -readonly [K in keyof Target]: Target[K] }
  beforeAll(async () => {
    const configFile = join(folder, 'config.yaml')
    const dataDir = join(folder, 'data')
    writeFileSync(configFile, config + quiet)
    child = startFlowledger(['up', '--config', configFile, '--data-dir', dataDir])
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text))
    target.url = await says(child, log, /Answering look-ups on (http:\/\/127\.0\.0\.1:\d+)/)
    await says(child, log, /Stop with Ctrl-C/)
    target.port = Number(new URL(target.url).port)
    target.pid = child.pid ?? 0
    target.token = readFileSync(join(dataDir, 'admin-token'), 'utf8').trim()
    target.ask = (path, init = {}) => {
      const headers = new Headers(init.headers)
      headers.set('authorization', `Bearer ${target.token}`)
      return fetch(`${target.url}${path}`, { redirect: 'manual', ...init, headers })
    }
    target.dial = async () => {
      const socket = connect(target.port, '127.0.0.1')
      await once(socket, 'connect')
      return socket.on('error', () => {})
    }
  })
  afterAll(async () => {
    if (child.exitCode === null) {
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      await closed
    }
    rmSync(folder, { recursive: true })
  })
  return target
}

/** A route of the API or a page, as the router has it. */
export interface Route {
  readonly method: string
  /** `/v1/cases/:id` */
  readonly path: string
}

/** Every route that a server has on which everything is switched on. */
export function routeTable(): readonly Route[] {
  const hollow = {} as never
  const logIn = new LogIn({
    issuer: 'http://127.0.0.1:9',
    clientId: 'flowledger',
    redirectUrl: 'http://127.0.0.1:9/auth/callback',
    scopes: ['openid'],
    personClaim: 'email',
    roleClaim: 'groups',
    roleOf: {},
    sessionIdleUs: 1e9,
    sessionUs: 1e9,
  })
  const app = makeApp({
    ...makeWorld().dependencies,
    tokens: { check: async () => undefined },
    registry: new Registry(),
    readiness: [],
    accounts: { database: hollow, approvals: hollow, people: hollow, tokenSessions: hollow, logIn },
    desk: hollow,
    reports: hollow,
    names: () => hollow,
  })
  const known = new Map(
    app.routes.map(({ method, path }) => [`${method} ${path}`, { method, path }])
  )
  return [...known.values()].filter(({ method }) => method !== 'ALL')
}

import { existsSync } from 'node:fs'
import { readFile, realpath, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FlowledgerError } from '../model/errors.ts'
import { makeCredentials, readCredentials } from './credentials.ts'
import type { Credentials } from './credentials.ts'
import { embeddedUrl } from './database-url.ts'
import { connect } from './connect.ts'
import {
  makeCluster,
  makeDataDirectory,
  serverOptions,
  socketDirectory,
  socketPort,
} from './embedded-cluster.ts'
import type { ServerSettings } from './embedded-cluster.ts'
import { runAsServer, serverBinaries } from './embedded-binaries.ts'
import { isAlive, isProcess, isServerOf, requireReachable, serverUser } from './embedded-user.ts'
import type { ServerUser } from './embedded-user.ts'
import { lockFile, withFileLock } from './file-lock.ts'

/** The embedded server of a data directory, running. */
export interface EmbeddedServer {
  /** Directory of the unix socket: the only way in. */
  readonly socketDir: string
  readonly port: number
  readonly credentials: Credentials
  /** False where it ran already, for another process. */
  readonly started: boolean
  /** Gives the server up; the last process that does shuts it down. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  /** Settings of the server that differ from flowledger's own. */
  readonly settings?: ServerSettings
  readonly initdbArgs?: readonly string[]
}

/** How long an old server may take to answer before it is replaced, in milliseconds. */
const answerMs = 30_000

/** How long recovery after a crash may take before the start counts as failed, in seconds. */
const startSeconds = 600

/** What `postmaster.pid` says (PostgreSQL's miscadmin.h: one value a line). */
interface Postmaster {
  readonly pid: number
  readonly socketDir: string
}

async function readPostmaster(clusterDir: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(clusterDir, 'postmaster.pid'), 'utf8').catch(() => '')
  const lines = text.split('\n')
  const pid = Number(lines[0])
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  return { pid, socketDir: (lines[4] ?? '').trim() }
}

/** The server's process, where `postmaster.pid` does not just remember a dead one. */
async function runningServer(clusterDir: string): Promise<Postmaster | undefined> {
  const postmaster = await readPostmaster(clusterDir)
  if (postmaster === undefined) return undefined
  return (await isServerOf(postmaster.pid, clusterDir)) ? postmaster : undefined
}

async function answers(socketDir: string, credentials: Credentials): Promise<boolean> {
  try {
    const url = embeddedUrl({ socketDir, port: socketPort, credentials }, 'owner', 'postgres')
    const client = await connect(url)
    await client.end()
    return true
  } catch {
    return false
  }
}

/**
 * Ends the server by `signal`: SIGINT is its fast shutdown, SIGQUIT gives up at once and recovers
 * at the next start.
 */
async function endServer(clusterDir: string, signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  const server = await runningServer(clusterDir)
  if (server === undefined) return
  process.kill(server.pid, signal)
  while (await isServerOf(server.pid, clusterDir)) await sleep(20)
  // Its command line is gone a moment before the process is; a pid given away again is not awaited.
  for (let tries = 0; tries < 50 && (await isAlive(server.pid)); tries++) await sleep(20)
}

/** A server that another process started, or that outlived its killed starter. */
async function attach(
  clusterDir: string,
  credentials: Credentials | undefined
): Promise<Postmaster | undefined> {
  if (credentials === undefined) return undefined
  const giveUpAt = Date.now() + answerMs
  for (;;) {
    const server = await runningServer(clusterDir)
    if (server === undefined) return undefined
    if (server.socketDir !== '' && (await answers(server.socketDir, credentials))) return server
    if (Date.now() > giveUpAt) break
    await sleep(100)
  }
  // It lives and does not answer: its socket was swept away, or it hangs.
  await endServer(clusterDir, 'SIGQUIT')
  return undefined
}

function startFailure(clusterDir: string, log: string, cause: unknown): FlowledgerError {
  const lines = log.trim().split('\n')
  const telling = lines.findLast((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? ''
  const reason = telling.replace(/^.*?(FATAL|PANIC):\s*/, '')
  return new FlowledgerError(
    'database-unreachable',
    `The embedded PostgreSQL did not start${reason === '' ? '' : `: ${reason}`}.`,
    { fix: `Read ${clusterDir}/start.log and ${clusterDir}/log.`, cause }
  )
}

/** Higher than any pid that Linux gives (PID_MAX_LIMIT is 2^22). */
const nobodysPid = 2 ** 22 + 1

/**
 * PostgreSQL finds out itself that a pid file is a dead server's, and by the rest of the file that
 * that server's orphaned children still run. It only cannot know that the pid is a stranger's now,
 * or a zombie's that nobody waits for. So the pid goes, and the rest of the file stays.
 */
async function forgetStranger(clusterDir: string, user: ServerUser): Promise<void> {
  const postmaster = await readPostmaster(clusterDir)
  if (postmaster === undefined || !(await isProcess(postmaster.pid))) return
  // By the server's user, for root must not write where that user can put a link.
  const path = join(clusterDir, 'postmaster.pid')
  await runAsServer('sed', ['-i', `1s/.*/${nobodysPid}/`, path], user)
  await rm(join(postmaster.socketDir, `.s.PGSQL.${socketPort}.lock`), { force: true })
}

/** Runs pg_ctl; tries again while children of a killed server still hold its shared memory. */
async function launch(
  clusterDir: string,
  pgCtl: string,
  serverArgs: string,
  user: ServerUser
): Promise<void> {
  const startLog = join(clusterDir, 'start.log')
  const place = [`--pgdata=${clusterDir}`, `--log=${startLog}`, `--options=${serverArgs}`]
  const giveUpAt = Date.now() + answerMs
  for (;;) {
    await rm(startLog, { force: true })
    try {
      const wait = ['--wait', `--timeout=${startSeconds}`, '--silent']
      await runAsServer(pgCtl, ['start', ...place, ...wait], user)
      return
    } catch (error) {
      const log = await readFile(startLog, 'utf8').catch(() => '')
      const orphans = log.includes('pre-existing shared memory block')
      if (!orphans || Date.now() > giveUpAt) throw startFailure(clusterDir, log, error)
      await sleep(200)
    }
  }
}

async function startServer(dataDir: string, options: EmbeddedOptions): Promise<Postmaster> {
  const clusterDir = join(dataDir, 'postgres')
  const user = await serverUser(clusterDir)
  await requireReachable(dataDir, user)
  const binaries = await serverBinaries(dataDir, user)
  await makeCluster(dataDir, clusterDir, binaries, user, options.initdbArgs ?? [])
  const socketDir = await socketDirectory(dataDir, user)
  await forgetStranger(clusterDir, user)
  const serverArgs = serverOptions(socketDir, options.settings ?? {})
  await launch(clusterDir, binaries.pgCtl, serverArgs, user)
  const server = await runningServer(clusterDir)
  if (server === undefined) throw startFailure(clusterDir, '', undefined)
  return server
}

/** The name of the one database in the embedded server. */
export const embeddedDatabase = 'flowledger'

async function makeDatabase(socketDir: string, credentials: Credentials): Promise<void> {
  const server = { socketDir, port: socketPort, credentials }
  const client = await connect(embeddedUrl(server, 'owner', 'postgres'))
  try {
    const known = await client.query('select from pg_database where datname = $1', [
      embeddedDatabase,
    ])
    if (known.rowCount === 0) await client.query(`create database ${embeddedDatabase}`)
    // Once, and not by everybody who joins: it changes the row of the catalogue that rights are
    // granted in, and fails beside a command that is granting them.
    const { rows } = await client.query<{ open: boolean }>(
      `select has_database_privilege('public', $1, 'create, connect, temporary') as open`,
      [embeddedDatabase]
    )
    if (rows[0]?.open === true) {
      await client.query(`revoke all on database ${embeddedDatabase} from public`)
    }
  } finally {
    await client.end()
  }
}

/**
 * The passwords; undefined where there is no cluster yet that would need them. One without them is
 * not even started: nobody could end it by its own rules.
 */
async function knownCredentials(dataDir: string): Promise<Credentials | undefined> {
  const credentials = await readCredentials(dataDir)
  if (credentials !== undefined || !existsSync(join(dataDir, 'postgres'))) return credentials
  throw new FlowledgerError(
    'database-unreachable',
    `The passwords of the embedded PostgreSQL are gone: ${dataDir}/credentials.json is missing.`,
    { fix: 'Restore it from a backup.' }
  )
}

/** Joins the server or starts it, and sees that it has the database; it runs on return. */
async function joinOrStart(
  dataDir: string,
  options: EmbeddedOptions
): Promise<Pick<EmbeddedServer, 'socketDir' | 'credentials' | 'started'>> {
  const known = await knownCredentials(dataDir)
  const running = await attach(join(dataDir, 'postgres'), known)
  const { socketDir } = running ?? (await startServer(dataDir, options))
  try {
    const credentials = known ?? (await makeCredentials(dataDir))
    await makeDatabase(socketDir, credentials)
    return { socketDir, credentials, started: running === undefined }
  } catch (error) {
    if (running === undefined) await endServer(join(dataDir, 'postgres'), 'SIGINT')
    throw error
  }
}

/**
 * Starts the PostgreSQL that npm brought, with its data under `<dataDir>/postgres`, or joins the
 * one that runs there. It listens on a unix socket alone. Two locks keep order among processes:
 * `postgres.start` is held while one starts or stops the server, `postgres.users` is shared by all
 * that use it. Both are the kernel's, so a killed process leaves none behind, and the server that a
 * killed process leaves is joined by the next one.
 *
 * @throws FlowledgerError `permission-missing`, `database-unreachable`
 */
export async function startEmbedded(
  dataDirectory: string,
  options: EmbeddedOptions = {}
): Promise<EmbeddedServer> {
  await makeDataDirectory(resolve(dataDirectory))
  const dataDir = await realpath(dataDirectory)
  const clusterDir = join(dataDir, 'postgres')
  const startLock = join(dataDir, 'postgres.start')
  return withFileLock(startLock, async () => {
    const users = await lockFile(join(dataDir, 'postgres.users'), 'shared')
    try {
      const joined = await joinOrStart(dataDir, options)
      let stopped = false
      return {
        ...joined,
        port: socketPort,
        async stop() {
          if (stopped) return
          stopped = true
          await withFileLock(startLock, async () => {
            if (users.makeExclusive()) await endServer(clusterDir, 'SIGINT')
            await users.release()
          })
        },
      }
    } catch (error) {
      await users.release()
      throw error
    }
  })
}

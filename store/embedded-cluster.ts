import {
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
  chown,
  chmod,
  mkdtemp,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { FlowledgerError } from '../model/errors.ts'
import { makeCredentials } from './credentials.ts'
import { runAsServer } from './embedded-binaries.ts'
import type { ServerBinaries } from './embedded-binaries.ts'
import { isOwnDirectory } from './embedded-user.ts'
import type { ServerUser } from './embedded-user.ts'
import { roleOf } from './logins.ts'
import { syncPath } from './sync-path.ts'

/** The major version whose files the shipped binaries read. */
const majorVersion = '18'

/** Part of the socket's file name only: the server opens no TCP port. */
export const socketPort = 5432

/** Bytes of a path in `sockaddr_un`, without the final zero (unix(7)). */
const maxSocketPathBytes = 107

/** Settings of the server; what is not here is PostgreSQL's default. */
const settings = {
  listen_addresses: '',
  port: String(socketPort),
  // The group is that of the look-up API's process, which has a password of its own.
  unix_socket_permissions: '0770',
  max_connections: '60',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  wal_compression: 'on',
  synchronous_commit: 'on',
  checkpoint_timeout: '15min',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  logging_collector: 'on',
  log_directory: 'log',
  log_filename: 'postgres-%a.log',
  log_rotation_age: '1d',
  log_truncate_on_rotation: 'on',
  // Statements can hold whom somebody looked up, which belongs into the audit and nowhere else.
  log_statement: 'none',
  log_min_error_statement: 'panic',
} as const

export type ServerSettings = Readonly<Record<string, string>>

async function makeDirectoryFor(path: string, user: ServerUser): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  await chmod(path, 0o700)
  if (user.ids !== undefined) await chown(path, user.ids.uid, user.ids.gid)
}

/** Empties the list of drafts that a killed start left behind; runs under the start lock. */
async function removeDrafts(dataDir: string): Promise<void> {
  const names = await readdir(dataDir)
  for (const name of names.filter((each) => each.startsWith('postgres.draft-'))) {
    await rm(join(dataDir, name), { recursive: true, force: true })
  }
}

/**
 * Makes the cluster where there is none: beside its place, and renamed when it is whole, so that a
 * start that was killed half-way leaves nothing that looks like a database.
 *
 * @param extraArgs more arguments of initdb
 */
export async function makeCluster(
  dataDir: string,
  clusterDir: string,
  binaries: ServerBinaries,
  user: ServerUser,
  extraArgs: readonly string[]
): Promise<void> {
  const version = await readFile(join(clusterDir, 'PG_VERSION'), 'utf8').catch(() => undefined)
  if (version !== undefined) {
    if (version.trim() === majorVersion) return
    throw new FlowledgerError(
      'database-unreachable',
      `${clusterDir} is of PostgreSQL ${version.trim()}; this program brings ${majorVersion}.`,
      { fix: 'Move it with pg_upgrade or pg_dump, or run the version of flowledger that made it.' }
    )
  }
  await removeDrafts(dataDir)
  const { owner } = await makeCredentials(dataDir)
  const draft = join(dataDir, `postgres.draft-${process.pid}`)
  await makeDirectoryFor(draft, user)
  const passwordFile = join(draft, '..', `postgres.draft-${process.pid}.password`)
  await writeFile(passwordFile, `${owner}\n`, { mode: 0o600 })
  if (user.ids !== undefined) await chown(passwordFile, user.ids.uid, user.ids.gid)
  try {
    await runAsServer(
      binaries.initdb,
      [
        `--pgdata=${draft}`,
        `--username=${roleOf('owner')}`,
        `--pwfile=${passwordFile}`,
        '--auth-local=scram-sha-256',
        '--auth-host=reject',
        '--encoding=UTF8',
        '--locale=C',
        ...extraArgs,
      ],
      user
    )
    await rename(draft, clusterDir)
    // With it the passwords, without which nobody could log in there.
    await syncPath(dataDir)
  } finally {
    await rm(passwordFile, { force: true })
    await rm(draft, { recursive: true, force: true })
  }
}

function fitsSocket(directory: string): boolean {
  const path = `${directory}/.s.PGSQL.${socketPort}`
  // The setting is a comma-separated list with quotes of its own; plain paths need none.
  return Buffer.byteLength(path) <= maxSocketPathBytes && /^[\w./@+-]+$/.test(directory)
}

/**
 * The directory of the socket: `run` in the data directory, or a short one under the system's
 * directory for temporary files, remembered in the file `socket-dir`.
 */
export async function socketDirectory(dataDir: string, user: ServerUser): Promise<string> {
  const near = join(resolve(dataDir), 'run')
  if (fitsSocket(near)) {
    await makeDirectoryFor(near, user)
    await chmod(near, 0o710)
    return near
  }
  const note = join(dataDir, 'socket-dir')
  const remembered = (await readFile(note, 'utf8').catch(() => '')).trim()
  if (remembered !== '' && fitsSocket(remembered) && (await isOwnDirectory(remembered, user))) {
    return remembered
  }
  const root = fitsSocket(join(tmpdir(), 'flowledger-XXXXXX')) ? tmpdir() : '/tmp'
  const made = await mkdtemp(join(root, 'flowledger-'))
  await makeDirectoryFor(made, user)
  await chmod(made, 0o710)
  await writeFile(note, `${made}\n`, { mode: 0o600 })
  return made
}

/**
 * The settings of a start as options for pg_ctl, which hands them to a shell. They are not written
 * to a file: root would have to write it where the server's user can put a link in its place.
 */
export function serverOptions(socketDir: string, extra: ServerSettings): string {
  const all = { ...settings, unix_socket_directories: socketDir, ...extra }
  return Object.entries(all)
    .map(([name, value]) => `-c '${`${name}=${value}`.replaceAll("'", String.raw`'\''`)}'`)
    .join(' ')
}

/** The data directory: closed, but for root to be walked through by the server's user. */
export async function makeDataDirectory(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  if (process.getuid?.() !== 0) return
  const { mode } = await stat(dataDir)
  if ((mode & 0o011) !== 0o011) await chmod(dataDir, (mode & 0o7777) | 0o011)
}

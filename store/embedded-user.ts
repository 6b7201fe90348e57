import { execFile } from 'node:child_process'
import { lstat, readFile, stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { promisify } from 'node:util'
import { FlowledgerError } from '../model/errors.ts'

const run = promisify(execFile)

/** Whom the embedded server runs as; without ids it is the user who runs flowledger. */
export interface ServerUser {
  readonly name: string
  readonly ids: { readonly uid: number; readonly gid: number } | undefined
}

/** Accounts that will do, best first: our own, then the one that Debian's PostgreSQL makes. */
const candidates = ['flowledger', 'postgres'] as const

async function idsOf(name: string): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return undefined
  }
}

/** The account that owns an existing cluster must go on running it. */
async function ownerOf(path: string): Promise<ServerUser | undefined> {
  const stats = await stat(path).catch(() => undefined)
  if (stats === undefined || stats.uid === 0) return undefined
  return { name: `uid ${stats.uid}`, ids: { uid: stats.uid, gid: stats.gid } }
}

/**
 * A system user, made where it is missing.
 *
 * @param why what it is for: a sentence without its end
 * @throws FlowledgerError `permission-missing`
 */
export async function requireSystemUser(
  name: string,
  why: string
): Promise<{ uid: number; gid: number }> {
  const known = await idsOf(name)
  if (known !== undefined) return known

  const options = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin']
  const failure = await run('useradd', [...options, name]).then(
    () => undefined,
    (error: unknown) => error
  )
  // Another process may have made it in the meantime, so what counts is whether it is there.
  const ids = await idsOf(name)
  if (ids !== undefined) return ids
  throw new FlowledgerError(
    'permission-missing',
    `${why}, and the system user "${name}" could not be made.`,
    {
      fix: `Run \`useradd --system ${name}\`, or run flowledger as an ordinary user.`,
      cause: failure,
    }
  )
}

/**
 * PostgreSQL refuses to run as root. Root therefore hands the server to a user without rights: the
 * owner of the cluster where there is one, else `flowledger`, else `postgres`, else a new system
 * user `flowledger`.
 */
export async function serverUser(clusterDir: string): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return { name: 'this user', ids: undefined }
  const owner = await ownerOf(clusterDir)
  if (owner !== undefined) return owner
  for (const name of candidates) {
    const ids = await idsOf(name)
    if (ids !== undefined) return { name, ids }
  }
  const ids = await requireSystemUser(candidates[0], 'PostgreSQL refuses to run as root')
  return { name: candidates[0], ids }
}

/**
 * Root may put its data anywhere, but the server's user must be able to walk there.
 *
 * @throws FlowledgerError `permission-missing` that names the directory in the way
 */
export async function requireReachable(directory: string, user: ServerUser): Promise<void> {
  if (user.ids === undefined) return
  const { uid, gid } = user.ids
  for (let path = resolve(directory); ; path = dirname(path)) {
    const stats = await stat(path)
    const bit = stats.uid === uid ? 0o100 : stats.gid === gid ? 0o010 : 0o001
    if ((stats.mode & bit) === 0) {
      throw new FlowledgerError(
        'permission-missing',
        `PostgreSQL runs as user "${user.name}" here and may not enter ${path}.`,
        { fix: `Run \`chmod o+x ${path}\`, or choose another place with --data-dir.` }
      )
    }
    if (path === dirname(path)) return
  }
}

/** True where `path` is a directory itself, not a link to one, and belongs to the server's user. */
export async function isOwnDirectory(path: string, user: ServerUser): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined)
  const uid = user.ids?.uid ?? process.getuid?.()
  return stats !== undefined && stats.isDirectory() && stats.uid === uid
}

/**
 * True where the process `pid` is the server of this cluster. Its command line tells it from a
 * stranger that was given the same pid, and every user may read that, in a container too.
 */
export async function isServerOf(pid: number, clusterDir: string): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  const [program = '', ...args] = text.split('\0')
  return basename(program) === 'postgres' && args.includes(clusterDir)
}

/** True where there is a process `pid`, a zombie included. */
export async function isProcess(pid: number): Promise<boolean> {
  return (await stat(`/proc/${pid}`).catch(() => undefined)) !== undefined
}

/** True where there is a process `pid` that is not over yet: a zombie only waits to be noticed. */
export async function isAlive(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // proc(5): pid (name) state …; the name may hold anything, a parenthesis too.
  return text !== '' && !/^\d+ \(.*\) [ZX]/s.test(text)
}

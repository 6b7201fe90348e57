import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { embeddedUrls } from '../store/database-url.ts'
import { startEmbedded } from '../store/embedded.ts'
import { withFileLock } from '../store/file-lock.ts'
import { migrateToLatest } from '../store/migrate.ts'
import { sharedFolder } from './global-setup.ts'

/** Settings and arguments for a cluster that lives as long as a test file: nothing is flushed. */
export const throwAway = {
  settings: { fsync: 'off', full_page_writes: 'off', shared_buffers: '32MB' },
  initdbArgs: ['--no-sync'],
} as const

/**
 * Makes a data directory whose embedded server was stopped, by copying one that is made once for
 * all files of tests: initdb and the migrations take longer than most of what is tested behind
 * them.
 *
 * @param migrated false for a database without tables
 */
export async function copyCluster(dataDir: string, migrated: boolean): Promise<void> {
  const from = await clusterToCopy(migrated)
  await mkdir(dataDir, { recursive: true })
  execFileSync('cp', ['--archive', '--reflink=auto', `${from}/.`, dataDir])
}

async function clusterToCopy(migrated: boolean): Promise<string> {
  const folder = process.env[sharedFolder]
  if (folder === undefined) throw new Error(`${sharedFolder} is not set: not run by vitest`)
  const made = join(folder, migrated ? 'migrated' : 'empty')
  return withFileLock(`${made}.lock`, async () => {
    if (existsSync(made)) return made
    const draft = `${made}.draft`
    const server = await startEmbedded(draft, throwAway)
    if (migrated) await migrateToLatest(embeddedUrls(server).owner, server.credentials)
    await server.stop()
    await rename(draft, made)
    return made
  })
}

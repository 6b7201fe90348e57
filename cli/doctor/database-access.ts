import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../model/config.ts'
import type { DatabaseUrls } from '../../store/database-url.ts'

/** The database as several checks share it: opened when the first asks, closed at the end. */
export interface DatabaseAccess {
  /** Undefined where the embedded server was never set up: looking must not make it. */
  urls(): Promise<DatabaseUrls | undefined>
  close(): Promise<void>
}

interface Opened {
  readonly urls: DatabaseUrls
  stop(): Promise<void>
}

/** Loads the store only when a check needs it. */
async function open({ dataDir, database }: Config): Promise<Opened | undefined> {
  const embedded = database.url === undefined
  if (embedded && !existsSync(join(dataDir, 'postgres'))) return undefined
  const { openServer } = await import('../../store/database.ts')
  return await openServer(dataDir, database)
}

/** Access to the configured database; nothing is opened yet. */
export function accessDatabase(config: Config): DatabaseAccess {
  let opened: Promise<Opened | undefined> | undefined
  return {
    async urls() {
      opened ??= open(config)
      return (await opened)?.urls
    },
    async close() {
      const server = await opened?.catch(() => undefined)
      await server?.stop()
    },
  }
}

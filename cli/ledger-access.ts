import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../model/config.ts'
import { FlowledgerError } from '../model/errors.ts'
import { openDatabase, openServer } from '../store/database.ts'
import type { Database, DatabaseServer } from '../store/database.ts'
import type { Login } from '../store/logins.ts'
import { requireCurrentSchema } from '../store/migrate.ts'

/** A ledger that was there before the command, as one of its log-ins sees it. */
export interface LedgerAccess {
  readonly dataDir: string
  /** A pool of the log-in, closed with the rest. */
  database(login: Login, max?: number): Database
}

/** A question to a ledger that does not exist must not make an empty one and answer from it. */
function requireLedger({ dataDir, database }: Config): void {
  if (database.url !== undefined || existsSync(join(dataDir, 'postgres'))) return
  throw new FlowledgerError('database-unreachable', `There is no ledger in ${dataDir}.`, {
    fix:
      'Name the right directory with --data-dir or a server with --database, or start ' +
      '"flowledger up" first.',
  })
}

async function use<T>(
  dataDir: string,
  server: DatabaseServer,
  login: Login,
  work: (access: LedgerAccess) => Promise<T>
): Promise<T> {
  await requireCurrentSchema(server.urls[login])
  const opened: Database[] = []
  try {
    return await work({
      dataDir,
      database(wanted, max = 2) {
        const database = openDatabase(server.urls[wanted], max)
        opened.push(database)
        return database
      },
    })
  } finally {
    await Promise.all(opened.map((database) => database.close()))
  }
}

/**
 * Runs `work` with the ledger: the configured server, or the embedded one, joined where it runs and
 * started for as long as this takes where it does not.
 *
 * @param login a log-in that the command uses, by which the tables are checked
 * @throws FlowledgerError `database-unreachable`, `database-older`, `database-newer`
 */
export async function withLedger<T>(
  config: Config,
  login: Login,
  work: (access: LedgerAccess) => Promise<T>
): Promise<T> {
  requireLedger(config)
  const server = await openServer(config.dataDir, config.database)
  try {
    return await use(config.dataDir, server, login, work)
  } finally {
    await server.stop()
  }
}

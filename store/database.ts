import type pg from 'pg'
import { connectMs } from './connect.ts'
import { connectionError, queryError } from './database-error.ts'
import { embeddedUrls, externalUrls } from './database-url.ts'
import type { DatabaseSection, DatabaseUrls } from './database-url.ts'
import { startEmbedded } from './embedded.ts'
import { makePool } from './pool.ts'
import type { EmbeddedServer } from './embedded.ts'

/** A pool of connections of one log-in, with errors that people can act on. */
export interface Database {
  readonly url: string
  /**
   * @param what what the query does, to stand after "could not" in an error's sentence
   * @throws FlowledgerError `database-unreachable`, `database-failed`
   */
  query<Row extends pg.QueryResultRow>(what: string, query: pg.QueryConfig): Promise<Row[]>
  /** Runs `work` in a transaction of its own connection; what it throws rolls back. */
  transaction<T>(what: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/**
 * Opens a pool. Connections are made when they are needed and made again when they broke.
 *
 * @param max most connections at a time
 */
export function openDatabase(url: string, max = 4): Database {
  const pool = makePool({
    connectionString: url,
    max,
    connectionTimeoutMillis: connectMs,
    application_name: 'flowledger',
  })
  // A prepared statement is planned anew for its values each time. A plan for any values would open
  // every partition there is at each look-up, however few of them hold the time that is asked for.
  pool.on('connect', (client) => {
    client.query('set plan_cache_mode = force_custom_plan').catch(() => {})
  })
  const checkOut = (): Promise<pg.PoolClient> =>
    pool.connect().catch((error: unknown) => {
      throw connectionError(error, url)
    })
  return {
    url,
    async query<Row extends pg.QueryResultRow>(what: string, query: pg.QueryConfig) {
      const client = await checkOut()
      let failed = false
      try {
        return (await client.query<Row>(query)).rows
      } catch (error) {
        failed = true
        throw queryError(error, what)
      } finally {
        client.release(failed)
      }
    },
    async transaction(what, work) {
      const client = await checkOut()
      let failed = true
      try {
        await client.query('begin')
        const result = await work(client)
        await client.query('commit')
        failed = false
        return result
      } catch (error) {
        throw queryError(error, what)
      } finally {
        // A connection whose transaction failed is closed, which also rolls back.
        client.release(failed)
      }
    },
    close: () => pool.end(),
  }
}

/** The database that a command works with. */
export interface DatabaseServer {
  readonly urls: DatabaseUrls
  /** The embedded server; undefined where the configuration names another. */
  readonly embedded: EmbeddedServer | undefined
  stop(): Promise<void>
}

/** The configured server, or the embedded one, started or joined. */
export async function openServer(
  dataDir: string,
  section: DatabaseSection
): Promise<DatabaseServer> {
  const urls = externalUrls(section)
  if (urls !== undefined) return { urls, embedded: undefined, stop: async () => {} }
  const embedded = await startEmbedded(dataDir)
  return { urls: embeddedUrls(embedded), embedded, stop: () => embedded.stop() }
}

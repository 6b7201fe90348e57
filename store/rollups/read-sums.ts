import type pg from 'pg'
import type { Database } from '../database.ts'

/**
 * Reads sums in one process of PostgreSQL. A report reads some 150 000 rows at most: starting
 * workers takes longer than they save, and the other cores are for who collects. They are gathered
 * by hashing, for which PostgreSQL must expect room: sorting them takes twice as long.
 *
 * @throws FlowledgerError `database-unreachable`, `database-failed`
 */
export async function readSums<Row extends pg.QueryResultRow>(
  database: Database,
  what: string,
  query: pg.QueryConfig
): Promise<Row[]> {
  return await database.transaction(what, async (client) => {
    await client.query("set local max_parallel_workers_per_gather = 0; set local work_mem = '32MB'")
    return (await client.query<Row>(query)).rows
  })
}

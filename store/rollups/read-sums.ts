import type pg from 'pg'
import type { Database } from '../database.ts'

/** How PostgreSQL is to read sums, in the transaction of a report. */
const settings = [
  // Starting workers takes longer than they save, and the other cores are for who collects.
  'max_parallel_workers_per_gather = 0',
  // Gathered by hashing, for which room must be expected: sorting them takes twice as long.
  "work_mem = '32MB'",
  // By the pages that an index tells of. A look into the heap for each entry takes twice as long,
  // and the whole table has what is read several times over.
  'enable_indexscan = off',
  'enable_seqscan = off',
]
  .map((setting) => `set local ${setting}`)
  .join('; ')

/**
 * Reads sums in one process of PostgreSQL: a report reads some 150 000 rows at most.
 *
 * @throws FlowledgerError `database-unreachable`, `database-failed`
 */
export async function readSums<Row extends pg.QueryResultRow>(
  database: Database,
  what: string,
  query: pg.QueryConfig
): Promise<Row[]> {
  return await database.transaction(what, async (client) => {
    await client.query(settings)
    return (await client.query<Row>(query)).rows
  })
}

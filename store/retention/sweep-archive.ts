import { archiveLock } from '../archive/archive-lock.ts'
import { hasFiles, removeStrays } from '../archive/strays.ts'
import type { ToldAside } from '../archive/aside.ts'
import type { Database } from '../database.ts'
import { listPartitions } from '../partitions.ts'
import { oldestUs } from '../refusals.ts'
import { microseconds, toTimestamp } from '../timestamp.ts'

/**
 * Takes off the disk what the catalogue says is purged or was written anew, and what a process that
 * was ended left of an hour beside it: drafts, and files that no catalogue ever named, unless they
 * hold what is nowhere else. Nobody seals meanwhile, so what is not in the catalogue will not come
 * into it.
 *
 * The hours that are in PostgreSQL still are looked through too: what was left of their sealing
 * must be gone before their rows are purged, since later nobody would look for it.
 *
 * @returns names of what was removed, relative to the archive
 */
export async function sweepArchive(
  database: Database,
  directory: string,
  toldAside: ToldAside = () => {}
): Promise<readonly string[]> {
  const hours = await database.query<{ us: string }>('look for files to remove', {
    text: `select distinct ${microseconds('hour')} as us from ledger.sealed_file
           where state <> 'sealed' and removed_at is null order by 1`,
  })
  const removed: string[] = []
  for (const { us } of hours) {
    removed.push(...(await sweepHour(database, directory, Number(us), toldAside)))
  }
  for (const hourUs of await listPartitions(database, oldestUs, Date.now() * 1000)) {
    if (!(await hasFiles(directory, hourUs))) continue
    removed.push(...(await sweepKeptHour(database, directory, hourUs, toldAside)))
  }
  return removed
}

async function sweepHour(
  database: Database,
  directory: string,
  hourUs: number,
  toldAside: ToldAside
): Promise<readonly string[]> {
  return await database.transaction('remove purged files', async (client) => {
    await client.query("set local lock_timeout = '900ms'")
    await client.query('select pg_advisory_xact_lock($1)', [archiveLock])
    // Throws where the folder is not there: then the archive is elsewhere, and nothing is removed.
    const removed = await removeStrays(client, directory, hourUs, toldAside)
    await client.query(
      `update ledger.sealed_file set removed_at = now()
       where hour = $1 and state <> 'sealed' and removed_at is null`,
      [toTimestamp(hourUs)]
    )
    return removed
  })
}

/** Leaves the hour to who seals, if somebody does. */
async function sweepKeptHour(
  database: Database,
  directory: string,
  hourUs: number,
  toldAside: ToldAside
): Promise<readonly string[]> {
  return await database.transaction('remove files of an ended seal', async (client) => {
    const { rows } = await client.query<{ free: boolean }>(
      'select pg_try_advisory_xact_lock($1) as free',
      [archiveLock]
    )
    return rows[0]?.free === true ? await removeStrays(client, directory, hourUs, toldAside) : []
  })
}

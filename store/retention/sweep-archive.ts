import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { archiveLock } from '../archive/archive-lock.ts'
import { folderOf, namePrefixOf, syncPath } from '../archive/write-sealed.ts'
import type { Database } from '../database.ts'
import { microseconds, toTimestamp } from '../timestamp.ts'

/**
 * Takes off the disk what the catalogue says is purged or was written anew, and what a process that
 * was ended left of an hour beside it: drafts, and files that no catalogue ever named. Nobody seals
 * meanwhile, so what is not in the catalogue will not come into it.
 *
 * @returns names of what was removed, relative to the archive
 */
export async function sweepArchive(
  database: Database,
  directory: string
): Promise<readonly string[]> {
  const hours = await database.query<{ us: string }>('look for files to remove', {
    text: `select distinct ${microseconds('hour')} as us from ledger.sealed_file
           where state <> 'sealed' and removed_at is null order by 1`,
  })
  const removed: string[] = []
  for (const { us } of hours) removed.push(...(await sweepHour(database, directory, Number(us))))
  return removed
}

async function sweepHour(
  database: Database,
  directory: string,
  hourUs: number
): Promise<readonly string[]> {
  return await database.transaction('remove purged files', async (client) => {
    await client.query("set local lock_timeout = '900ms'")
    await client.query('select pg_advisory_xact_lock($1)', [archiveLock])
    const { rows } = await client.query<{ path: string }>(
      "select path from ledger.sealed_file where hour = $1 and state = 'sealed'",
      [toTimestamp(hourUs)]
    )
    const kept = new Set(rows.flatMap(({ path }) => [path, `${path}.index`]))
    const folder = folderOf(hourUs)
    // Throws where the folder is not there: then the archive is elsewhere, and nothing is removed.
    const names = await readdir(join(directory, folder))
    const doomed = names
      .filter((name) => name.startsWith(namePrefixOf(hourUs)))
      .map((name) => `${folder}/${name}`)
      .filter((path) => !kept.has(path))
    for (const path of doomed) await rm(join(directory, path), { force: true })
    if (doomed.length > 0) await syncPath(join(directory, folder))
    await client.query(
      `update ledger.sealed_file set removed_at = now()
       where hour = $1 and state <> 'sealed' and removed_at is null`,
      [toTimestamp(hourUs)]
    )
    return doomed
  })
}

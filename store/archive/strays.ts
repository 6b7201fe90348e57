import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { toTimestamp } from '../timestamp.ts'
import { syncPath } from '../sync-path.ts'
import { folderOf, namePrefixOf } from './write-sealed.ts'

/** Names in the folder of an hour that are of its files, relative to the archive. */
async function namesOfHour(directory: string, hourUs: number): Promise<readonly string[]> {
  const folder = folderOf(hourUs)
  const names = await readdir(join(directory, folder))
  return names
    .filter((name) => name.startsWith(namePrefixOf(hourUs)))
    .map((name) => `${folder}/${name}`)
}

/** True where there is any file of the hour, be it in the catalogue or not. */
export async function hasFiles(directory: string, hourUs: number): Promise<boolean> {
  const names = await namesOfHour(directory, hourUs).catch(() => [])
  return names.length > 0
}

/**
 * Takes off the disk what is of an hour and is no file that look-ups read: what is purged or was
 * written anew, drafts, and files that a process had named and then was ended.
 *
 * @param client that holds the lock of the archive: nobody else names a file meanwhile
 * @returns what was removed, relative to the archive
 * @throws Error ENOENT where the day has no folder
 */
export async function removeStrays(
  client: pg.ClientBase,
  directory: string,
  hourUs: number
): Promise<readonly string[]> {
  const { rows } = await client.query<{ path: string }>(
    "select path from ledger.sealed_file where hour = $1 and state = 'sealed'",
    [toTimestamp(hourUs)]
  )
  const kept = new Set(rows.flatMap(({ path }) => [path, `${path}.index`]))
  const doomed = (await namesOfHour(directory, hourUs)).filter((path) => !kept.has(path))
  for (const path of doomed) await rm(join(directory, path), { force: true })
  if (doomed.length > 0) await syncPath(join(directory, folderOf(hourUs)))
  return doomed
}

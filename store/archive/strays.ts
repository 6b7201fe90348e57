import { access, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { toTimestamp } from '../timestamp.ts'
import { syncPath } from '../sync-path.ts'
import { asideSuffix } from './aside.ts'
import type { ToldAside } from './aside.ts'
import { findUnknownRows } from './unknown-rows.ts'
import type { CataloguedFile } from './unknown-rows.ts'
import { folderOf, namePrefixOf } from './write-sealed.ts'

/** Names in the folder of an hour that are of its files, relative to the archive. */
async function namesOfHour(directory: string, hourUs: number): Promise<readonly string[]> {
  const folder = folderOf(hourUs)
  const names = await readdir(join(directory, folder))
  return names
    .filter((name) => name.startsWith(namePrefixOf(hourUs)) && !name.includes(asideSuffix))
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
 * A file that no catalogue ever named is removed only where each of its rows is in PostgreSQL or in
 * another file. Beside a database that was restored to an older state stand files that it does not
 * know, and what they hold may be nowhere else: they are set aside under another name.
 *
 * @param client that holds the lock of the archive: nobody else names a file meanwhile
 * @returns what was removed, relative to the archive
 * @throws Error ENOENT where the day has no folder
 */
export async function removeStrays(
  client: pg.ClientBase,
  directory: string,
  hourUs: number,
  toldAside: ToldAside = () => {}
): Promise<readonly string[]> {
  const { rows: catalogued } = await client.query<CataloguedFile & { readonly state: string }>(
    'select path, format, joined::float8 as joined, state from ledger.sealed_file where hour = $1',
    [toTimestamp(hourUs)]
  )
  const known = new Set(catalogued.map(({ path }) => path))
  const sealed = catalogued.filter(({ state }) => state === 'sealed')
  const kept = new Set(sealed.flatMap(({ path }) => [path, `${path}.index`]))
  const strays = (await namesOfHour(directory, hourUs)).filter((path) => !kept.has(path))
  const strange = strays.filter((path) => path.endsWith('.parquet') && !known.has(path))
  const held = await findUnknownRows(client, directory, hourUs, strange, catalogued)
  for (const path of held) toldAside(await setAside(directory, path))
  const doomed = strays.filter((path) => !held.includes(path))
  for (const path of doomed) await rm(join(directory, path), { force: true })
  if (strays.length > 0) await syncPath(join(directory, folderOf(hourUs)))
  return doomed
}

async function setAside(directory: string, path: string): Promise<string> {
  for (let n = 1; ; n++) {
    const aside = `${path}${asideSuffix}${n === 1 ? '' : `.${n}`}`
    const isTaken = await access(join(directory, aside)).then(
      () => true,
      () => false
    )
    if (isTaken) continue
    await rename(join(directory, path), join(directory, aside))
    return aside
  }
}

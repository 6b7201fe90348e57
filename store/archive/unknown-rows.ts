import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { partitionName } from './commit-seal.ts'
import { readPartition } from './read-partition.ts'
import type { SealedForm } from './sealed-layout.ts'
import { Staging } from './staging.ts'

/** A file as the catalogue has it, whatever became of it. */
export interface CataloguedFile extends SealedForm {
  /** Relative to the archive. */
  readonly path: string
}

/**
 * Finds which files of an hour hold a row that is neither in its partition nor in a file that the
 * catalogue names and that is there. One that cannot be read may hold anything.
 *
 * Rows are told by what no purge takes from them, so that a row which has lost a field since is
 * known all the same.
 */
export async function findUnknownRows(
  client: pg.ClientBase,
  directory: string,
  hourUs: number,
  paths: readonly string[],
  catalogued: readonly CataloguedFile[]
): Promise<readonly string[]> {
  if (paths.length === 0) return []
  const staging = await Staging.open(directory)
  try {
    const name = partitionName(hourUs)
    if (await isThere(client, name)) await readPartition(client, name, staging, () => {})
    const others: CataloguedFile[] = []
    for (const { path, ...form } of catalogued) {
      const file = join(directory, path)
      if (await access(file).then(isTrue, isFalse)) others.push({ ...form, path: file })
    }
    const unknown: string[] = []
    for (const path of paths) {
      const isKnown = await staging.knows(join(directory, path), others).catch(isFalse)
      if (!isKnown) unknown.push(path)
    }
    return unknown
  } finally {
    staging.close()
  }
}

const isTrue = (): boolean => true
const isFalse = (): boolean => false

async function isThere(client: pg.ClientBase, name: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    'select to_regclass($1) is not null as there',
    [`ledger.${name}`]
  )
  return rows[0]?.there === true
}

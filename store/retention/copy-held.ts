import { archiveLock } from '../archive/archive-lock.ts'
import { damageOf } from '../archive/proved-file.ts'
import type { Database } from '../database.ts'
import { keepHeldOfFile } from './keep-sealed.ts'
import { lockFile, readKeptFiles } from './sealed-files.ts'
import { inForce } from './spared.ts'

/** What was copied, and files that could not be read for it. */
export interface CopiedRows {
  readonly rows: number
  /** A sentence each. */
  readonly failed: readonly string[]
}

/**
 * Copies rows of holds out of the sealed files that were not searched for them yet. Whoever places
 * a hold reads no file: this follows, and before a file is purged it is done in any case.
 *
 * @param database a pool of the owner
 */
export async function copyHeldRows(database: Database, directory: string): Promise<CopiedRows> {
  const holds = await database.query<{ id: string; file: string }>('list the holds', {
    text: `select h.id, h.copied_file as file from cases.hold h where ${inForce}`,
  })
  const first = Math.min(...holds.map(({ file }) => Number(file)))
  const files = (await readKeptFiles(database)).filter(({ id }) => id > first)
  const failed: string[] = []
  let rows = 0
  for (const { id, path } of files.toSorted((a, b) => a.id - b.id)) {
    try {
      rows += await copyFile(database, directory, id)
    } catch (error) {
      failed.push(`Rows of holds in ${path} are not copied: ${damageOf(error).message}.`)
    }
    // What failed is tried again, and so is what comes after it.
    if (failed.length > 0) continue
    await database.query('note what was copied', {
      text: 'update cases.hold set copied_file = greatest(copied_file, $2) where id = any($1)',
      values: [holds.map((hold) => hold.id), id],
    })
  }
  return { rows, failed }
}

const copyFile = (database: Database, directory: string, id: number): Promise<number> =>
  database.transaction('copy rows of holds', async (client) => {
    await client.query("set local lock_timeout = '900ms'")
    await client.query('select pg_advisory_xact_lock($1)', [archiveLock])
    const file = await lockFile(client, id)
    return file === undefined ? 0 : await keepHeldOfFile(client, directory, file)
  })

import { join } from 'node:path'
import type pg from 'pg'
import type { SealedFile } from './catalogue.ts'
import { changeRows } from './change-rows.ts'
import type { RowChange } from './change-rows.ts'
import { catalogueValues, insertSql, nextGeneration } from './commit-seal.ts'
import { hourOf } from '../partitions.ts'
import { ProvedFile } from './proved-file.ts'
import { RowChecksum } from './row-checksum.ts'
import { Staging } from './staging.ts'
import { removeStrays } from './strays.ts'
import type { ToldAside } from './aside.ts'
import { publishDraft, writeDraft } from './write-sealed.ts'
import type { DraftFile } from './write-sealed.ts'

/** A file that was written anew. */
export interface RewrittenFile {
  /** Rows that lost what they were to lose, by source. */
  readonly counts: ReadonlyMap<number, number>
  /** Rows that are left. */
  readonly rows: number
  /** Left out where no row had anything to lose, or no row is left. */
  readonly draft?: DraftFile
}

/** Who hears of what happens beside. */
export interface RewriteHooks {
  readonly toldAside?: ToldAside | undefined
  readonly step?: ((name: string) => void) | undefined
}

/**
 * Writes a sealed file anew without what it is to lose, as a further generation of its hour. The
 * old one is proved before, octet by octet, and the new one after. Nobody reads the new one before
 * it is in the catalogue: see {@link replaceFile}.
 *
 * @param client that holds the lock of the archive
 * @throws DamagedFile; Error where the file cannot be written
 */
export async function rewriteFile(
  client: pg.ClientBase,
  directory: string,
  file: SealedFile,
  change: RowChange,
  hooks: RewriteHooks = {}
): Promise<RewrittenFile> {
  await new ProvedFile(directory, file).proveAll()
  const counts = new Map<number, number>()
  const checksum = new RowChecksum()
  const source = await Staging.open(directory)
  const target = await Staging.open(directory, {}, source.rows)
  try {
    for await (const rows of source.read(join(directory, file.path), file)) {
      changeRows(rows, change, counts)
      checksum.add(rows)
      target.take()
    }
    if (counts.size === 0 || checksum.rows === 0) return { counts, rows: checksum.rows }
    const names = await client.query<{ id: number; name: string }>(
      'select id, name from ledger.source'
    )
    const sources = new Map(names.rows.map(({ id, name }) => [id, name]))
    const hourUs = hourOf(file.firstStartUs)
    // The name of the next generation may be that of a file which the catalogue does not know.
    await removeStrays(client, directory, hourUs, hooks.toldAside)
    const place = { hourUs, generation: await nextGeneration(client, hourUs) }
    const draft = await writeDraft(directory, target, place, checksum, sources)
    hooks.step?.('written')
    await publishDraft(directory, draft)
    hooks.step?.('published')
    return { counts, rows: checksum.rows, draft }
  } finally {
    source.close()
    target.close()
  }
}

/** Puts a file in the place of another in the catalogue. */
export async function replaceFile(
  client: pg.ClientBase,
  file: SealedFile,
  draft: DraftFile,
  droppedFields: readonly string[]
): Promise<void> {
  await client.query(insertSql, catalogueValues(draft))
  await client.query(
    `update ledger.sealed_file o set state = 'replaced', replaced_by = n.id
     from ledger.sealed_file n where o.id = $1 and n.path = $2`,
    [file.id, draft.path]
  )
  await client.query('update ledger.sealed_file set dropped_fields = $2 where path = $1', [
    draft.path,
    droppedFields,
  ])
}

import type pg from 'pg'
import { CatalogueReader } from '../archive/catalogue.ts'
import { replaceFile, rewriteFile } from '../archive/rewrite-file.ts'
import { keepHeldOfFile } from '../retention/keep-sealed.ts'
import { purge } from '../retention/proof.ts'
import type { PurgeContext, PurgeFacts } from '../retention/proof.ts'
import { blocked, factsOf, hashesOf, markPurged } from '../retention/purge-sealed.ts'
import { lockFile } from '../retention/sealed-files.ts'
import type { KeptFile } from '../retention/sealed-files.ts'
import { sweepArchive } from '../retention/sweep-archive.ts'
import { addGaps, partsOfCounts } from './deletion.ts'
import type { Deletion } from './deletion.ts'
import type { Places } from './places.ts'
import { mayBeOf, spansMatcher } from './spans.ts'

/**
 * Writes sealed files anew without the rows of somebody; one in which nothing else is goes. What a
 * hold in force is about is copied before, and the copy stays.
 */
export async function* deleteSealed(
  context: PurgeContext,
  directory: string,
  deletion: Deletion,
  places: Places
): AsyncGenerator<PurgeFacts> {
  const { files } = await new CatalogueReader(context.database).read()
  const meant = files.filter(
    (file) => mayBeOf(deletion.spans, file.firstStartUs, file.lastStartUs).length > 0
  )
  places.expect(meant.length)
  for (const { id } of meant) {
    const done = await purge(context, async (client) => {
      const file = await lockFile(client, id)
      if (file === undefined) return undefined
      try {
        return await deleteFrom(client, context, directory, file, deletion)
      } catch (error) {
        throw blocked(file, error)
      }
    })
    places.done()
    if (done === undefined) continue
    await sweepArchive(context.database, directory, context.toldAside)
    yield done
  }
}

async function deleteFrom(
  client: pg.ClientBase,
  context: PurgeContext,
  directory: string,
  file: KeptFile,
  deletion: Deletion
): Promise<PurgeFacts | undefined> {
  const spans = mayBeOf(deletion.spans, file.firstStartUs, file.lastStartUs)
  const change = { sources: new Set(file.sources), isMeant: spansMatcher(spans) }
  const held = await keepHeldOfFile(client, directory, file)
  const { digest } = await hashesOf(directory, file, context)
  const {
    counts,
    rows: left,
    draft,
  } = await rewriteFile(client, directory, file, change, {
    toldAside: context.toldAside,
  })
  if (counts.size === 0) return undefined
  if (draft !== undefined) await replaceFile(client, file, draft, [...file.dropped])
  else if (left === 0) await markPurged(client, file, deletion.rule)
  const fromUs = Math.max(file.firstStartUs, Math.min(...spans.map((span) => span.fromUs)))
  const gaps = [...counts].map(([source, lost]) => ({ source, fromUs, toUs: file.lastEndUs, lost }))
  await addGaps(client, gaps)
  const after = draft === undefined ? {} : { after: draft.sha256.toString('hex'), path: draft.path }
  return {
    ...factsOf(file),
    act: 'delete',
    rows: [...counts.values()].reduce((sum, one) => sum + one, 0),
    parts: await partsOfCounts(client, counts, deletion.rule),
    digest,
    held,
    authority: deletion.authority,
    files: { sealed: file.sha256, ...after },
  }
}

import { createHash, createHmac } from 'node:crypto'
import { open, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type pg from 'pg'
import { maxSliceUs } from '../../model/limits.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { openDuckDb } from '../archive/duckdb.ts'
import { slicesIn } from '../archive/joined-slices.ts'
import { DamagedFile, damageOf } from '../archive/proved-file.ts'
import { replaceFile, rewriteFile } from '../archive/rewrite-file.ts'
import { hourOf, partitionUs } from '../partitions.ts'
import { destinationHash } from './destination-hash.ts'
import { moveEdges } from './edges.ts'
import type { PastSource } from './edges.ts'
import { keepHeldOfFile } from './keep-sealed.ts'
import { purge } from './proof.ts'
import type { PurgeContext, PurgeFacts } from './proof.ts'
import type { PastField } from './purge-fields.ts'
import { partsOf } from './purge-rows.ts'
import { droppedName, lockFile } from './sealed-files.ts'
import type { KeptFile } from './sealed-files.ts'
import { sweepArchive } from './sweep-archive.ts'

interface HashedFile {
  /** SHA-256 of what is there, hexadecimal; `missing`: there is no such file. */
  readonly found: string
  /** HMAC-SHA-256 of its octets, hexadecimal. */
  readonly digest: string
}

/** Reads a file once for both hashes. */
export async function hashesOf(
  directory: string,
  { path }: KeptFile,
  { keys }: PurgeContext
): Promise<HashedFile> {
  const [sha256, hmac] = [createHash('sha256'), createHmac('sha256', keys.digest)]
  const file = await open(join(directory, path), 'r').catch((error: unknown) => {
    if (damageOf(error).damage === 'missing') return undefined
    throw error
  })
  if (file === undefined) {
    // Of an archive that is not mounted nothing is known. Where the folder of the day is there, the
    // file is lost.
    await stat(dirname(join(directory, path)))
    return { found: 'missing', digest: hmac.digest('hex') }
  }
  // The stream closes the file.
  for await (const chunk of file.createReadStream()) {
    sha256.update(chunk as Buffer)
    hmac.update(chunk as Buffer)
  }
  return { found: sha256.digest('hex'), digest: hmac.digest('hex') }
}

/** Rows of a file by source; undefined: it cannot be read. */
async function countFile(
  directory: string,
  file: KeptFile
): Promise<readonly { source: number; doomed: number }[] | undefined> {
  const duckDb = await openDuckDb({ directory, memoryBytes: 256 << 20, threads: 1 })
  try {
    const from = slicesIn(join(directory, file.path), file)
    const rows = await duckDb.rows(
      `select source::integer, count(*)::double from ${from} group by 1 order by 1`
    )
    return rows.map(([source, doomed]) => ({ source: Number(source), doomed: Number(doomed) }))
  } catch {
    return undefined
  } finally {
    duckDb.close()
  }
}

/** As an error that says which file stands in the way. */
export function blocked(file: KeptFile, error: unknown): unknown {
  const isFile = error instanceof DamagedFile || (error as NodeJS.ErrnoException).code === 'ENOENT'
  if (!isFile) return error
  const why = damageOf(error).message
  return new FlowledgerError('archive-damaged', `${file.path} is not purged: ${why}.`, {
    fix: 'Put it back from a backup of the archive, or see that the archive is mounted.',
    cause: error,
  })
}

/** Says in the catalogue that a file is purged. */
export const markPurged = (
  client: pg.ClientBase,
  file: KeptFile,
  reason: string
): Promise<unknown> =>
  client.query(
    `update ledger.sealed_file set state = 'purged', purged_at = now(), purge_reason = $2
     where id = $1`,
    [file.id, reason]
  )

/** Takes purged files off the disk, after the transaction that says so. */
async function sweep(context: PurgeContext, directory: string): Promise<void> {
  await sweepArchive(context.database, directory, context.toldAside)
  context.step?.('removed')
}

/**
 * Purges a sealed file as a whole. Rows that a hold is about are copied first. One that is not what
 * was sealed goes too, and its proof says what was found, unless a hold needs it.
 *
 * @throws FlowledgerError `archive-damaged` where it stays for that
 */
export async function dropFile(
  context: PurgeContext,
  directory: string,
  { id }: KeptFile,
  past: readonly PastSource[]
): Promise<PurgeFacts | undefined> {
  const done = await purge(context, async (client) => {
    const file = await lockFile(client, id)
    if (file === undefined) return undefined
    try {
      const held = await keepHeldOfFile(client, directory, file)
      const { found, digest } = await hashesOf(directory, file, context)
      const counts = found === file.sha256 ? await countFile(directory, file) : undefined
      context.step?.('digested')
      const rules = [...new Set(past.map(({ rule }) => rule.text))].join('; ')
      await markPurged(client, file, rules)
      await moveEdges(client, past, reachOf(file))
      const parts =
        counts === undefined
          ? [{ source: '', rows: file.rows, rule: rules }]
          : partsOf(counts, past)
      const files = { sealed: file.sha256, ...(found === file.sha256 ? {} : { found }) }
      return { ...factsOf(file), act: 'drop', rows: file.rows, parts, digest, held, files }
    } catch (error) {
      throw blocked(file, error)
    }
  })
  if (done !== undefined) await sweep(context, directory)
  return done
}

/** Up to when an answer may miss rows of a file once they are gone. */
const reachOf = (file: KeptFile): number =>
  Math.max(file.lastEndUs, hourOf(file.firstStartUs) + partitionUs + maxSliceUs)

export const factsOf = (file: KeptFile) =>
  ({
    kind: 'flows',
    subject: file.path,
    fromUs: file.firstStartUs,
    toUs: file.lastEndUs,
  }) as const

/** What a file loses when it is written anew: a field; left out: all rows of the sources. */
type Loss = { readonly past: readonly PastSource[] } & (
  | PastField
  | { readonly field?: undefined; readonly leave?: undefined }
)

const idsOf = (past: readonly PastSource[]): ReadonlySet<number> =>
  new Set(past.map(({ id }) => id))

/**
 * Writes a sealed file anew without rows of sources, or without a field of them. What a hold is
 * about is copied whole before. The digest is of the file as it was.
 *
 * @throws FlowledgerError `archive-damaged` where it is not what was sealed
 */
export async function rewriteWithout(
  context: PurgeContext,
  directory: string,
  { id }: KeptFile,
  loss: Loss
): Promise<PurgeFacts | undefined> {
  const done = await purge(context, async (client) => {
    const file = await lockFile(client, id)
    if (file === undefined) return undefined
    try {
      return await rewrite(client, context, directory, file, loss)
    } catch (error) {
      throw blocked(file, error)
    }
  })
  if (done !== undefined) await sweep(context, directory)
  return done
}

async function rewrite(
  client: pg.ClientBase,
  context: PurgeContext,
  directory: string,
  file: KeptFile,
  { field, leave, past }: Loss
): Promise<PurgeFacts | undefined> {
  const held = await keepHeldOfFile(client, directory, file)
  const { digest } = await hashesOf(directory, file, context)
  context.step?.('digested')
  const { counts, draft } = await rewriteFile(
    client,
    directory,
    file,
    { sources: idsOf(past), ...(field === undefined ? {} : { field }), ...hashBy(context, leave) },
    { toldAside: context.toldAside, step: (name) => context.step?.(name) }
  )
  const dropped = new Set(file.dropped)
  if (field !== undefined) for (const one of past) dropped.add(droppedName(field, leave, one.id))
  if (draft === undefined) {
    await client.query('update ledger.sealed_file set dropped_fields = $2 where id = $1', [
      file.id,
      [...dropped],
    ])
    return undefined
  }
  await replaceFile(client, file, draft, [...dropped])
  await moveEdges(
    client,
    past,
    field === undefined ? reachOf(file) : hourOf(file.firstStartUs) + partitionUs
  )
  const parts = partsOf(
    [...counts].map(([source, doomed]) => ({ source, doomed })),
    past
  )
  const rows = [...counts.values()].reduce((sum, one) => sum + one, 0)
  const files = { sealed: file.sha256, after: draft.sha256.toString('hex'), path: draft.path }
  const act = field === undefined ? 'delete' : leave === 'hash' ? 'hash' : 'empty'
  const what = field === undefined ? {} : { field }
  return { ...factsOf(file), ...what, act, rows, parts, digest, held, files }
}

/** Far ends recur: each is hashed once. */
function hashBy({ keys }: PurgeContext, leave: Loss['leave']) {
  if (leave !== 'hash') return {}
  const known = new Map<string, Uint8Array>()
  return {
    hash(address: Uint8Array, port: number): Uint8Array {
      const name = `${Buffer.from(address).toString('latin1')}${port}`
      const hash = known.get(name) ?? destinationHash(keys, address, port)
      if (known.size < mostKnown) known.set(name, hash)
      return hash
    },
  }
}

/** Far ends that are remembered while a file is written anew. */
const mostKnown = 1 << 18

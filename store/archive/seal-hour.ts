import { setTimeout as sleep } from 'node:timers/promises'
import { FlowledgerError } from '../../model/errors.ts'
import { codeOf } from '../database-error.ts'
import { partitionUs } from '../partitions.ts'
import { toTimestamp } from '../timestamp.ts'
import { commitSeal, sumsOfDrafts, nextGeneration, partitionName } from './commit-seal.ts'
import type { SealContext } from './commit-seal.ts'
import { readPartition } from './read-partition.ts'
import { Staging } from './staging.ts'
import { hasFiles, removeStrays } from './strays.ts'
import { discardDraft, publishDraft, writeDrafts } from './write-sealed.ts'

/** What became of an hour. */
export interface SealedHour {
  readonly hourUs: number
  readonly rows: number
  /** Octets of the files; 0 where the hour had no rows, and was just dropped. */
  readonly octets: number
  readonly paths: readonly string[]
}

/** How often an hour is read again because rows came meanwhile. */
const maxReads = 5

/** How often the tables are asked for, and what others are given in between (ms). */
const lockTries = 60
const pauseMs = 1000

/** SQLSTATEs of a table in use: lock_not_available, deadlock_detected. */
const inUse = new Set(['55P03', '40P01'])

/**
 * Seals an hour: its rows go into files of the archive, the files into the catalogue, and the
 * partition goes, these two and the entry in the audit in one transaction. Whatever ends the
 * process, each row is in the partition or in a file of the catalogue, and never in both; files
 * without a row in the catalogue are written anew, or kept beside: see {@link removeStrays}.
 *
 * @throws FlowledgerError `seal-failed`, `database-failed`, `audit-unwritable`; the rows stay where
 *   they are then
 */
export async function sealHour(context: SealContext, hourUs: number): Promise<SealedHour> {
  for (let attempt = 1; attempt <= maxReads; attempt++) {
    const sealed = await tryHour(context, hourUs)
    if (sealed !== 'rows-came') return sealed
  }
  throw new FlowledgerError(
    'seal-failed',
    `Rows of the hour ${toTimestamp(hourUs)} kept coming while it was sealed.`,
    { fix: 'Seal later: raise --older-than or archive.seal_after.' }
  )
}

async function tryHour(context: SealContext, hourUs: number): Promise<SealedHour | 'rows-came'> {
  const { client, directory } = context
  const staging = await Staging.open(directory, context.limits)
  try {
    const checksum = await readPartition(client, partitionName(hourUs), staging, (rows) =>
      context.onProgress?.({ hourUs, rows })
    )
    await context.onStep?.('read')
    if (await hasFiles(directory, hourUs)) {
      await removeStrays(client, directory, hourUs, context.onAside)
    }
    if (checksum.rows === 0) return await commitPatiently(context, hourUs, [])
    const generation = await nextGeneration(client, hourUs)
    const place = { hourUs, generation }
    const { sources, limits } = context
    const rows = limits?.fileRows
    const drafts = await writeDrafts(directory, staging, place, checksum, sources, rows)
    await context.onStep?.('written')
    for (const draft of drafts) {
      await publishDraft(directory, draft)
      await context.onStep?.('named')
    }
    await context.onStep?.('published')
    const sealed = await commitPatiently(context, hourUs, drafts)
    if (sealed === 'rows-came') {
      for (const { path } of drafts) await discardDraft({ draft: `${directory}/${path}` })
    }
    return sealed
  } catch (cause) {
    if (cause instanceof FlowledgerError || codeOf(cause) !== '') throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new FlowledgerError('seal-failed', `An hour was not sealed: ${reason}`, {
      fix: 'Its rows are where they were. See that the archive has room and can be written.',
      cause,
    })
  } finally {
    staging.close()
  }
}

/** Waits for tables in use by trying again: who waits for a lock makes all others wait behind. */
async function commitPatiently(
  context: SealContext,
  hourUs: number,
  drafts: Parameters<typeof commitSeal>[2]
): Promise<SealedHour | 'rows-came'> {
  for (let attempt = 1; ; attempt++) {
    try {
      const isDone = await commitSeal(context, hourUs, drafts)
      if (!isDone) return 'rows-came'
      const octets = drafts.reduce((sum, draft) => sum + draft.octets, 0)
      const { rows } = sumsOfDrafts(drafts)
      return { hourUs, rows, octets, paths: drafts.map(({ path }) => path) }
    } catch (error) {
      if (!inUse.has(codeOf(error) ?? '') || attempt >= lockTries) throw error
      await sleep(pauseMs)
    }
  }
}

/** The last hour that is over for at least so long. */
export const lastHourBefore = (nowUs: number, olderThanUs: number): number =>
  Math.floor((nowUs - olderThanUs) / partitionUs) * partitionUs - partitionUs

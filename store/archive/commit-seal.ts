import type pg from 'pg'
import { advanceAuditHead, readAuditHead } from '../audit-head.ts'
import { appendWithin } from '../audit.ts'
import type { SigningKey } from '../signing-key.ts'
import { toTimestamp } from '../timestamp.ts'
import { sealedFormat } from './sealed-layout.ts'
import type { RowSums } from './staging.ts'
import type { ToldAside } from './aside.ts'
import type { DraftFile } from './write-sealed.ts'

/** Places at which a process may end; tests end it there. */
export type SealStep =
  | 'read'
  | 'written'
  /** One file more has its name. */
  | 'named'
  | 'published'
  | 'recorded'
  | 'committed'

/** What sealing works with. */
export interface SealContext {
  /** A connection of the owner's, which holds the lock of who seals. */
  readonly client: pg.Client
  /** The archive: an absolute path. */
  readonly directory: string
  /** Where `audit-head` is kept. */
  readonly dataDir: string
  readonly key: SigningKey
  /** Who seals, for the audit. */
  readonly actor: string
  /** Names of the sources by their ids, for the files' metadata. */
  readonly sources: ReadonlyMap<number, string>
  readonly limits?: {
    readonly memoryBytes?: number
    readonly threads?: number
    /** Rows that a file should have. */
    readonly fileRows?: number
  }
  readonly onProgress?: (progress: { readonly hourUs: number; readonly rows: number }) => void
  /** Told of a file that was kept under another name, since it has what nothing else has. */
  readonly onAside?: ToldAside
  readonly onStep?: (step: SealStep) => void | Promise<void>
}

/** `flow_2026112612`: the partition of an hour. */
export const partitionName = (hourUs: number): string =>
  `flow_${new Date(hourUs / 1000).toISOString().slice(0, 13).replaceAll(/[-T]/g, '')}`

/**
 * How long a lock is waited for (ms). Below deadlock_timeout: of two who wait for each other it is
 * always this one that gives up.
 */
const lockWaitMs = 400

const sumsSql = (name: string): string => `
  select count(*)::text as rows, coalesce(sum(public_key), 0)::text as keys,
    coalesce(sum(flow_id), 0)::text as flow_ids, coalesce(sum(octets), 0)::text as octets
  from ledger.${name}`

interface SumsRow {
  readonly rows: string
  readonly keys: string
  readonly flow_ids: string
  readonly octets: string
}

const total = (drafts: readonly DraftFile[], of: 'keys' | 'flowIds' | 'octets'): string =>
  String(drafts.reduce((sum, { sums }) => sum + BigInt(sums[of]), 0n))

/** The sums over all files of an hour. */
export function sumsOfDrafts(drafts: readonly DraftFile[]): RowSums {
  return {
    rows: drafts.reduce((sum, { sums }) => sum + sums.rows, 0),
    keys: total(drafts, 'keys'),
    flowIds: total(drafts, 'flowIds'),
    octets: total(drafts, 'octets'),
  }
}

/** True where the partition holds now just what was sealed; PostgreSQL adds up by itself. */
async function isSame(client: pg.Client, name: string, sums: RowSums): Promise<boolean> {
  const [row] = (await client.query<SumsRow>(sumsSql(name))).rows
  return (
    row !== undefined &&
    Number(row.rows) === sums.rows &&
    row.keys === sums.keys &&
    row.flow_ids === sums.flowIds &&
    row.octets === sums.octets
  )
}

/** Enters a file in the catalogue. */
export const insertSql = `
  insert into ledger.sealed_file (hour, generation, path, row_count, octets, sha256, index_sha256,
    checksum, first_key, last_key, first_start, last_start, first_end, last_end, sources,
    joined, format)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`

/** The values of {@link insertSql}. */
export function catalogueValues(draft: DraftFile): unknown[] {
  const { bounds } = draft
  return [
    toTimestamp(draft.hourUs),
    draft.generation,
    draft.path,
    draft.sums.rows,
    draft.octets,
    draft.sha256,
    draft.indexSha256,
    draft.checksum,
    bounds.firstKey,
    bounds.lastKey,
    toTimestamp(bounds.firstStartUs),
    toTimestamp(bounds.lastStartUs),
    toTimestamp(bounds.firstEndUs),
    toTimestamp(bounds.lastEndUs),
    bounds.sources,
    draft.joined,
    sealedFormat,
  ]
}

/** The number of the next file of an hour. */
export async function nextGeneration(client: pg.ClientBase, hourUs: number): Promise<number> {
  const { rows } = await client.query<{ next: number }>(
    'select coalesce(max(generation), 0) + 1 as next from ledger.sealed_file where hour = $1',
    [toTimestamp(hourUs)]
  )
  return rows[0]?.next ?? 1
}

/** What the audit says of a file. */
function auditDetail(draft: DraftFile): Record<string, unknown> {
  return {
    hour: toTimestamp(draft.hourUs),
    generation: draft.generation,
    path: draft.path,
    rows: draft.sums.rows,
    octets: draft.octets,
    sha256: draft.sha256.toString('hex'),
    checksum: draft.checksum.toString('hex'),
  }
}

/**
 * Puts files in the place of their partition. Writers of the hour wait from the first lock on,
 * readers only for the moment of the drop.
 *
 * @param drafts none: the partition was empty
 * @returns false where rows came since it was read; nothing is changed then
 */
export async function commitSeal(
  context: SealContext,
  hourUs: number,
  drafts: readonly DraftFile[]
): Promise<boolean> {
  const { client, actor, dataDir, key } = context
  const name = partitionName(hourUs)
  const known = await readAuditHead(dataDir)
  try {
    await client.query('begin')
    await client.query(`set local lock_timeout = ${lockWaitMs}`)
    await client.query(`lock table ledger.${name} in share mode`)
    if (!(await isSame(client, name, sumsOfDrafts(drafts)))) {
      await client.query('rollback')
      return false
    }
    for (const draft of drafts) await client.query(insertSql, catalogueValues(draft))
    await client.query(`alter table ledger.flow detach partition ledger.${name}`)
    await client.query(`drop table ledger.${name}`)
    let entry: Awaited<ReturnType<typeof appendWithin>> | undefined
    for (const draft of drafts) {
      const detail = auditDetail(draft)
      entry = await appendWithin(client, { actor, action: 'seal', detail }, known)
    }
    await context.onStep?.('recorded')
    await client.query('commit')
    await context.onStep?.('committed')
    if (entry?.holdsKnown === true) await advanceAuditHead(dataDir, entry, key)
    return true
  } catch (error) {
    // A connection that broke has rolled back by itself.
    await client.query('rollback').catch(() => {})
    throw error
  }
}

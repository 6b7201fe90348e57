import type pg from 'pg'
import type { Gap, Progress } from '../model/coverage.ts'
import { toTimestamp } from './timestamp.ts'

/** News of one source, written in the transaction of the rows that it comes with. */
export interface SourceCommit {
  /** Id of the source, as LedgerWriter.registerSource gives it. */
  readonly source: number
  readonly gaps: readonly Gap[]
  readonly progress?: Progress | undefined
  /** When the source first began to watch; only the first one counts. */
  readonly watchedFromUs?: number | undefined
}

/** Writes what sources say of what they saw. */
export async function writeCoverage(
  client: pg.Client,
  sources: readonly SourceCommit[]
): Promise<void> {
  await writeGaps(client, sources)
  await writeProgress(client, sources)
}

async function writeGaps(client: pg.Client, sources: readonly SourceCommit[]): Promise<void> {
  const gaps = sources.flatMap(({ source, gaps: own }) => own.map((gap) => ({ source, ...gap })))
  if (gaps.length === 0) return
  await client.query(
    `insert into ledger.gap (source, from_at, to_at, reason, lost)
     select * from unnest($1::int2[], $2::timestamptz[], $3::timestamptz[],
                          $4::text[], $5::int8[])`,
    [
      gaps.map((gap) => gap.source),
      // After a clock was set back a gap can end before it began; both ends stand for it then.
      gaps.map((gap) => toTimestamp(Math.min(gap.fromUs, gap.toUs))),
      gaps.map((gap) => toTimestamp(Math.max(gap.fromUs, gap.toUs))),
      gaps.map((gap) => gap.reason),
      gaps.map((gap) => gap.lost ?? null),
    ]
  )
}

const timestampOrNull = (us: number | undefined): string | null =>
  us === undefined ? null : toTimestamp(us)

/**
 * Moves watermark, closed_through and skew, forwards only: `greatest` passes over nulls, and rows
 * that were told by a clock that was wrong stay so when it is put right. A source that
 * begins to watch anew, having lost its spool, has a gap behind it: nobody watched since its last
 * watermark. One whose first frames are gone with an old ledger is believed from its first
 * watermark.
 */
async function writeProgress(client: pg.Client, all: readonly SourceCommit[]): Promise<void> {
  const sources = all.filter(
    ({ progress, watchedFromUs }) => progress !== undefined || watchedFromUs !== undefined
  )
  if (sources.length === 0) return
  const ids = sources.map(({ source }) => source)
  const watchedFrom = sources.map(({ watchedFromUs }) => timestampOrNull(watchedFromUs))
  if (watchedFrom.some((at) => at !== null)) {
    await client.query({
      name: 'gap of a new spool',
      text: `insert into ledger.gap (source, from_at, to_at, reason)
             select id, watermark, new.at, 'down'
             from unnest($1::int2[], $2::timestamptz[]) new (source, at)
             join ledger.source on id = new.source
             where watched_from is not null and watermark < new.at`,
      values: [ids, watchedFrom],
    })
  }
  await client.query({
    name: 'progress',
    text: `update ledger.source set
             watermark = greatest(watermark, new.seen),
             closed_through = greatest(closed_through, new.closed),
             skew_us = greatest(skew_us, new.skew),
             watched_from = coalesce(watched_from, new.from_at, new.seen)
           from unnest($1::int2[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[],
                       $5::int8[])
             new (source, seen, closed, from_at, skew)
           where id = new.source`,
    values: [
      ids,
      sources.map(({ progress }) => timestampOrNull(progress?.watermarkUs)),
      sources.map(({ progress }) => timestampOrNull(progress?.closedThroughUs)),
      watchedFrom,
      sources.map(({ progress }) => progress?.skewUs ?? null),
    ],
  })
}

import type pg from 'pg'
import type { FlowBatch } from '../model/flow-batch.ts'
import { refusalOf } from './refusals.ts'
import type { Database } from './database.ts'
import { partitioned, partitionsOf } from './partition-names.ts'
import { microseconds, toTimestamp } from './timestamp.ts'

/** Microseconds of one partition of `ledger.flow`. */
export const partitionUs = partitioned.flows.widthUs

/** For so many hours from now on there are to be partitions, so that midnight misses none. */
export const hoursAhead = 24

/** One more is made: they are made again some time after an hour has begun. */
export const hoursMade = hoursAhead + 1

/** The start of the hour that holds an instant, both in microseconds since 1970. */
export function hourOf(us: number): number {
  return Math.floor(us / partitionUs) * partitionUs
}

/** Adds the hours that the rows of a batch start in; rows that are refused do not count. */
export function collectHours(batch: FlowBatch, nowUs: number, hours: Set<number>): void {
  const { columns, length } = batch
  let last = -1
  for (let row = 0; row < length; row++) {
    const hour = hourOf(columns.flowStartMicroseconds[row] ?? 0)
    if (hour === last || refusalOf(columns, row, nowUs) !== undefined) continue
    last = hour
    hours.add(hour)
  }
}

/** Makes the partitions of these hours where they are missing; the collector's log-in may. */
export async function ensurePartitions(
  client: pg.ClientBase,
  hours: Iterable<number>
): Promise<void> {
  // One statement an hour: the function takes a lock that lasts as long as its transaction.
  for (const hour of hours) {
    await client.query('select ledger.ensure_partition($1)', [toTimestamp(hour)])
  }
}

/** The hours from now on for which partitions are kept ready. */
export function hoursFrom(nowUs: number, hours: number): readonly number[] {
  const first = hourOf(nowUs)
  return Array.from({ length: hours }, (_, index) => first + index * partitionUs)
}

/** The start of each existing partition, in microseconds since 1970, oldest first. */
export async function listPartitions(
  database: Pick<Database, 'query'>,
  fromUs: number,
  toUs: number
): Promise<readonly number[]> {
  const rows = await database.query<{ start: string }>('list its partitions', {
    text: `select ${microseconds('start_at')} as start from ${partitionsOf('flows')} partition
      where start_at > $1 and start_at <= $2 order by 1`,
    values: [toTimestamp(fromUs - partitionUs), toTimestamp(toUs)],
  })
  return rows.map((row) => Number(row.start))
}

/** The hours from now on that have no partition yet, in microseconds since 1970. */
export async function missingPartitions(
  database: Pick<Database, 'query'>,
  nowUs: number,
  hours = hoursAhead
): Promise<readonly number[]> {
  const wanted = hoursFrom(nowUs, hours)
  const found = new Set(await listPartitions(database, nowUs, nowUs + hours * partitionUs))
  return wanted.filter((hour) => !found.has(hour))
}

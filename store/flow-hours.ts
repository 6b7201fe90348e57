import type { Database } from './database.ts'
import type { FlowOrder } from './flow-windows.ts'
import { partitionsOf } from './partition-names.ts'
import { hourOf, partitionUs } from './partitions.ts'
import { microseconds, toTimestamp } from './timestamp.ts'

/** A partition of `ledger.flow`. */
export interface FlowHour {
  /** Its start, microseconds since 1970. */
  readonly startUs: number
  /** The file that holds it: another one after it was rewritten, and blocks are others then. */
  readonly node: number
  readonly blocks: number
}

/** Partitions that are asked for at once: of most lists the first holds a whole page. */
const hoursAtOnce = 24

const hoursSql = (order: FlowOrder): string => `
  select ${microseconds('start_at')} as start_us, pg_relation_filenode(oid) as node,
    pg_relation_size(oid) / current_setting('block_size')::int8 as blocks
  from ${partitionsOf('flows')} partition
  where start_at >= $1 and start_at <= $2
  order by start_at ${order === 'oldest' ? '' : 'desc'} limit ${hoursAtOnce}`

/** Partitions that hold rows that start in [fromUs, toUs), in an order. */
export async function* flowHours(
  database: Pick<Database, 'query'>,
  order: FlowOrder,
  fromUs: number,
  toUs: number
): AsyncGenerator<FlowHour> {
  let [first, last] = [fromUs, toUs]
  while (first < last) {
    const rows = await database.query<{ start_us: string; node: number; blocks: string }>(
      'list its partitions',
      { text: hoursSql(order), values: [toTimestamp(hourOf(first)), toTimestamp(hourOf(last - 1))] }
    )
    for (const { start_us: startUs, node, blocks } of rows) {
      // One that was removed meanwhile has no file.
      if (blocks !== null) yield { startUs: Number(startUs), node, blocks: Number(blocks) }
    }
    const end = rows.at(-1)
    if (end === undefined || rows.length < hoursAtOnce) return
    if (order === 'oldest') first = Number(end.start_us) + partitionUs
    else last = Number(end.start_us)
  }
}

/**
 * The first block of a partition with rows that start at an instant or later, by halves: rows are
 * written as time passes, and where some came late the block is only about right.
 */
export async function blockOf(
  database: Pick<Database, 'query'>,
  { startUs, blocks }: FlowHour,
  atUs: number
): Promise<number> {
  const isBefore = async (block: number): Promise<boolean> => {
    const [found] = await database.query<{ before: boolean | null }>('find a time', {
      text: `select max(start_at) < $3 as before from ledger.flow
        where start_at >= $1 and start_at < $2 and ctid >= $4::tid and ctid < $5::tid`,
      values: [
        toTimestamp(startUs),
        toTimestamp(startUs + partitionUs),
        toTimestamp(atUs),
        `(${block},0)`,
        `(${block + 1},0)`,
      ],
    })
    return found?.before ?? true
  }
  let [low, high] = [0, blocks]
  // What is asked for most is all that there is until now.
  if (blocks > 0 && (await isBefore(blocks - 1))) return blocks
  while (low < high) {
    const middle = (low + high) >> 1
    if (await isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}

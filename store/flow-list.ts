import { octetsOfAddress } from '../model/address.ts'
import type { AddressWords } from '../model/address.ts'
import { keysOfAddress } from '../model/public-key.ts'
import type { Slice } from '../model/slice.ts'
import type { Database } from './database.ts'
import { formatCursor, notOurs, parseCursor, placeOf, tidOf } from './flow-cursor.ts'
import type { FlowCursor, FlowPosition } from './flow-cursor.ts'
import { blockOf, flowHours } from './flow-hours.ts'
import type { FlowHour } from './flow-hours.ts'
import { grow, nextWindow } from './flow-windows.ts'
import type { FlowOrder } from './flow-windows.ts'
import { partitionUs } from './partitions.ts'
import { ordinalOf, sliceColumns, sliceOf } from './slice-row.ts'
import type { FlowRow } from './slice-row.ts'
import { SourceList } from './source-list.ts'
import { toTimestamp } from './timestamp.ts'

/** Rows of one page at most. */
export const maxPageRows = 1000

/** Which rows are listed: those that start in [fromUs, toUs). */
export interface FlowListQuery {
  readonly fromUs: number
  readonly toUs: number
  readonly inside?: AddressWords | undefined
  readonly public?: AddressWords | undefined
  /** 1 to {@link maxPageRows}. */
  readonly limit: number
  /** Left out: oldest first. */
  readonly order?: FlowOrder | undefined
  /** Blocks after which a page ends, however little was found in them; left out: none. */
  readonly maxBlocks?: number | undefined
  /** `next` of the page before. */
  readonly cursor?: string | undefined
}

/** A page of rows. */
export interface FlowPage {
  readonly items: readonly Slice[]
  /** Cursor of the next page; left out on the last one. */
  readonly next?: string
}

const orderBy = (order: FlowOrder): string =>
  ['start_at', 'source', 'flow_id', 'kind >> 2 & 1', 'place']
    .map((column) => (order === 'oldest' ? column : `${column} desc`))
    .join(', ')

/** What is shown is made of the rows of the page alone, not of all that are put in order. */
const listSql = (order: FlowOrder): string => `
  select ${sliceColumns}, place from (
    select *, ctid as place from ledger.flow
    where start_at >= $1 and start_at < $2 and ctid >= $3::tid and ctid < $4::tid
      and ($5::int8 is null or public_key between $5 and $5 + 65535)
      and ($6::bytea is null or substring(extra from 9) = $6)
      and ($7::bytea is null or inside_ip = $7)
      and ($8::timestamptz is null or (start_at, source, flow_id, kind >> 2 & 1, ctid)
        ${order === 'oldest' ? '>' : '<'} ($8, $9::int2, $10::int8, $11::int4, $12::tid))
    order by ${orderBy(order)} limit $13
  ) flow order by ${orderBy(order)}`

function valuesFor(query: FlowListQuery, { hourUs, window, after }: FlowCursor): unknown[] {
  const { fromUs, toUs, inside, public: address } = query
  const keys = address === undefined ? undefined : keysOfAddress(address)
  return [
    toTimestamp(Math.max(fromUs, hourUs)),
    toTimestamp(Math.min(toUs, hourUs + partitionUs)),
    `(${window.from},0)`,
    `(${window.to},0)`,
    keys?.first ?? null,
    keys?.octets ?? null,
    inside === undefined ? null : octetsOfAddress(inside),
    after === undefined ? null : toTimestamp(after.startUs),
    after?.source ?? null,
    after?.flowId ?? null,
    after?.view ?? null,
    after === undefined ? null : tidOf(after),
  ]
}

/** A row, and where its block has it: flow ids that were too great for the table are all alike. */
type PlacedRow = FlowRow & { readonly place: string }

const positionOf = (row: PlacedRow): FlowPosition => ({
  startUs: Number(row.start_us),
  source: row.source,
  flowId: row.flow_id,
  view: ordinalOf(row),
  place: placeOf(row.place),
})

/** Windows of the partitions in which rows of a query may be, in its order. */
async function* windowsOf(
  database: Database,
  query: FlowListQuery,
  order: FlowOrder
): AsyncGenerator<FlowCursor> {
  const from = query.cursor === undefined ? undefined : parseCursor(query.cursor, order)
  const isOldest = order === 'oldest'
  const fromUs = isOldest ? Math.max(query.fromUs, from?.hourUs ?? -Infinity) : query.fromUs
  const endUs = (from?.hourUs ?? Infinity) + partitionUs
  const toUs = isOldest ? query.toUs : Math.min(query.toUs, endUs)
  let size: number | undefined
  for await (const hour of flowHours(database, order, fromUs, toUs)) {
    let at = from?.hourUs === hour.startUs ? from : undefined
    if (at !== undefined) {
      if (at.node !== hour.node) throw notOurs()
      yield at
    }
    const heap = at ?? { pivot: await pivotOf(database, query, order, hour), blocks: hour.blocks }
    for (;;) {
      size = Math.min(grow(size), query.maxBlocks ?? Infinity)
      const window = nextWindow(order, heap, at?.window, size)
      if (window === undefined) break
      const { pivot, blocks } = heap
      at = { order, hourUs: hour.startUs, node: hour.node, pivot, blocks, window }
      yield at
    }
  }
}

/** Where the time that is asked for begins in a partition, or ends where the newest come first. */
async function pivotOf(
  database: Database,
  { fromUs, toUs }: FlowListQuery,
  order: FlowOrder,
  hour: FlowHour
): Promise<number> {
  const { startUs, blocks } = hour
  if (order === 'oldest') return fromUs <= startUs ? 0 : await blockOf(database, hour, fromUs)
  return toUs >= startUs + partitionUs ? blocks : await blockOf(database, hour, toUs)
}

/**
 * Makes the list of rows by time. The table has no index by time. It is read by windows: some of a
 * partition's blocks, which hold what was written one after the other. In a window rows are in
 * order of their start; so are those of a whole hour where a window holds it. A page reads the
 * windows that fill it, and the next one goes on in the last of them.
 *
 * @throws FlowledgerError `usage`, `database-unreachable`, `database-failed`
 */
export function makeListFlows(
  database: Database,
  sources = new SourceList(database)
): (query: FlowListQuery) => Promise<FlowPage> {
  const sql = { oldest: listSql('oldest'), newest: listSql('newest') }
  return async (query) => {
    const { order = 'oldest', maxBlocks = Infinity } = query
    const limit = Math.min(maxPageRows, Math.max(1, query.limit))
    const rows: { readonly row: PlacedRow; readonly from: FlowCursor }[] = []
    let read = 0
    let next: FlowCursor | undefined
    for await (const from of windowsOf(database, query, order)) {
      if (read >= maxBlocks) {
        next = from
        break
      }
      const values = [...valuesFor(query, from), limit + 1 - rows.length]
      const more = await database.query<PlacedRow>('list flows', { text: sql[order], values })
      for (const row of more) rows.push({ row, from })
      read += from.window.to - from.window.from
      const last = rows[limit - 1]
      if (rows.length > limit && last !== undefined) {
        next = { ...last.from, after: positionOf(last.row) }
        break
      }
    }
    const page = rows.slice(0, limit).map(({ row }) => row)
    const byId = await sources.withIds(new Set(page.map((row) => row.source)))
    const items = page.map((row) => sliceOf(row, byId.get(row.source)?.name ?? ''))
    return next === undefined ? { items } : { items, next: formatCursor(next) }
  }
}

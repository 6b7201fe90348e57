import { octetsOfAddress } from '../model/address.ts'
import { keysOfAddress } from '../model/public-key.ts'
import type { Archive } from './archive/archive.ts'
import type { SealedFile } from './archive/catalogue.ts'
import type { Database } from './database.ts'
import { notOurs } from './flow-cursor.ts'
import type { FlowPosition } from './flow-cursor.ts'
import type { FlowListQuery, FlowPage } from './flow-list.ts'
import type { FlowOrder } from './flow-windows.ts'
import { ordinalOf, sliceColumns, sliceOf } from './slice-row.ts'
import type { FlowRow } from './slice-row.ts'
import type { SourceList } from './source-list.ts'
import { toTimestamp } from './timestamp.ts'

/** The copy that a page ends with: one of those alike in this is listed, wherever it is stored. */
type HeldPosition = Omit<FlowPosition, 'place'>

/**
 * ```
 * h.order[.start.source.flow.view]      behind all other parts of a list
 *     n    (microseconds)
 * ```
 */
const pattern = /^h([no])(?:\.(\d{1,16})\.(\d{1,5})\.(-?\d{1,19})\.([01]))?$/

/** Where a list goes on among the held rows; undefined: the cursor is of another part. */
export function parseHeld(
  text: string,
  order: FlowOrder
): { readonly after?: HeldPosition } | undefined {
  if (!text.startsWith('h')) return undefined
  const match = pattern.exec(text)
  if (match === null || match[1] !== order[0]) throw notOurs()
  const [, , start, source, flowId, view] = match
  if (start === undefined || flowId === undefined) return {}
  return {
    after: { startUs: Number(start), source: Number(source), flowId, view: Number(view) },
  }
}

function formatHeld(order: FlowOrder, after?: HeldPosition): string {
  const row = after === undefined ? [] : [after.startUs, after.source, after.flowId, after.view]
  return [`h${order[0]}`, ...row].join('.')
}

/** Held rows that are looked at for one page: of each it is asked whether its original is there. */
const maxLooked = 200

/**
 * Copies whose row is in no partition any more; a row that several holds keep is there once. Which
 * of them are in a sealed file still is asked of the file.
 */
const heldSql = (order: FlowOrder): string => {
  const direction = order === 'oldest' ? '' : 'desc'
  const keys = ['start_at', 'source', 'flow_id', '(kind >> 2 & 1)']
  return `
    select ${sliceColumns} from (
      select distinct on (${keys.join(', ')}) * from ledger.held h
      where start_at >= $1 and start_at < $2
        and ($3::int8 is null or public_key between $3 and $3 + 65535)
        and ($4::bytea is null or substring(extra from 9) = $4)
        and ($5::bytea is null or inside_ip = $5)
        and ($6::timestamptz is null or (${keys.join(', ')})
          ${order === 'oldest' ? '>' : '<'} ($6, $7::int2, $8::int8, $9::int4))
        and not exists (select from ledger.flow f where f.public_key = h.public_key
          and f.start_at = h.start_at and f.source = h.source and f.flow_id = h.flow_id
          and f.kind = h.kind)
      order by ${keys.map((key) => `${key} ${direction}`).join(', ')} limit $10
    ) held`
}

const positionOf = (row: FlowRow): HeldPosition => ({
  startUs: Number(row.start_us),
  source: row.source,
  flowId: row.flow_id,
  view: ordinalOf(row),
})

const nameOf = ({ public_key: key, start_us: start, source, flow_id: id, kind }: FlowRow): string =>
  [key, start, source, id, kind].join(' ')

/** Rows of one public endpoint that files are asked for at most, in the time of one page. */
const maxOriginals = 1 << 20

/** The names of the rows that files of the catalogue have still: one question for each endpoint. */
async function originalsOf(
  archive: Archive,
  files: readonly SealedFile[],
  copies: readonly FlowRow[]
): Promise<ReadonlySet<string>> {
  const names = new Set<string>()
  for (const key of new Set(copies.map((row) => row.public_key))) {
    const starts = copies.filter((row) => row.public_key === key).map((row) => Number(row.start_us))
    // What a file that is not readable has is worth the less than its copy.
    const { rows } = await archive.find(files, {
      firstKey: BigInt(key),
      lastKey: BigInt(key),
      earliestStartUs: Math.min(...starts),
      latestStartUs: Math.max(...starts),
      earliestEndUs: 0,
      limit: maxOriginals,
    })
    for (const row of rows) names.add(nameOf(row))
  }
  return names
}

/** Makes the part of a list that holds alone still have: copies of rows that are purged. */
export function makeListHeld(
  database: Database,
  sources: SourceList,
  archive: Archive
): (
  query: FlowListQuery,
  files: readonly SealedFile[],
  after: HeldPosition | undefined,
  limit: number
) => Promise<FlowPage> {
  return async (query, files, after, limit) => {
    const { order = 'oldest', fromUs, toUs, inside, public: address } = query
    const keys = address === undefined ? undefined : keysOfAddress(address)
    const most = Math.min(limit, maxLooked)
    const rows = await database.query<FlowRow>('list held flows', {
      text: heldSql(order),
      values: [
        toTimestamp(fromUs),
        toTimestamp(toUs),
        keys?.first ?? null,
        keys?.octets ?? null,
        inside === undefined ? null : octetsOfAddress(inside),
        after === undefined ? null : toTimestamp(after.startUs),
        after?.source ?? null,
        after?.flowId ?? null,
        after?.view ?? null,
        most + 1,
      ],
    })
    const copies = rows.slice(0, most)
    const originals = await originalsOf(archive, files, copies)
    const page = copies.filter((row) => !originals.has(nameOf(row)))
    const byId = await sources.withIds(new Set(page.map((row) => row.source)))
    const items = page.map((row) => sliceOf(row, byId.get(row.source)?.name ?? ''))
    const last = rows[most - 1]
    if (rows.length <= most) return { items }
    return { items, next: formatHeld(order, last === undefined ? after : positionOf(last)) }
  }
}

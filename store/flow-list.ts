import { isV4, v4MappedWord } from '../model/address.ts'
import type { AddressWords } from '../model/address.ts'
import { FlowledgerError } from '../model/errors.ts'
import { publicKey } from '../model/public-key.ts'
import type { Slice } from '../model/slice.ts'
import type { Database } from './database.ts'
import { listPartitions, partitionUs } from './partitions.ts'
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
  /** `next` of the page before. */
  readonly cursor?: string | undefined
}

/** A page of rows, oldest first. */
export interface FlowPage {
  readonly items: readonly Slice[]
  /** Cursor of the next page; left out on the last one. */
  readonly next?: string
}

/** The row that a page ends with. A connection has one row for each of its views. */
interface Position {
  readonly startUs: number
  readonly source: number
  readonly flowId: string
  readonly view: number
}

const positionPattern = /^(\d{1,16})\.(\d{1,5})\.(-?\d{1,19})\.([01])$/

function parsePosition(text: string): Position {
  const match = positionPattern.exec(text)
  if (match === null) {
    throw new FlowledgerError('usage', 'The cursor is not one that a page gave.', {
      fix: 'Take the cursor of the page before as it is.',
    })
  }
  const [, startUs, source, flowId, view] = match
  return {
    startUs: Number(startUs),
    source: Number(source),
    flowId: flowId ?? '0',
    view: Number(view),
  }
}

function formatPosition(row: FlowRow): string {
  return `${Number(row.start_us)}.${row.source}.${row.flow_id}.${ordinalOf(row)}`
}

function octetsOf(words: AddressWords): Buffer {
  const octets = Buffer.alloc(16)
  for (const [index, word] of words.entries()) octets.writeUInt32BE(word, 4 * index)
  return isV4(words[0], words[1], words[2]) ? octets.subarray(12) : octets
}

const listSql = `
  select ${sliceColumns} from ledger.flow
  where start_at >= $1 and start_at < $2
    and ($3::int8 is null or public_key between $3 and $3 + 65535)
    and ($4::bytea is null or substring(extra from 9) = $4)
    and ($5::bytea is null or inside_ip = $5)
    and ($6::timestamptz is null
      or (start_at, source, flow_id, kind >> 2 & 1) > ($6, $7::int2, $8::int8, $9::int4))
  order by start_at, source, flow_id, kind >> 2 & 1
  limit $10`

function valuesFor(query: FlowListQuery, hourUs: number, after: Position | undefined): unknown[] {
  const { fromUs, toUs, inside, public: address } = query
  const isV6 = address !== undefined && address[2] !== v4MappedWord
  return [
    toTimestamp(Math.max(fromUs, hourUs)),
    toTimestamp(Math.min(toUs, hourUs + partitionUs)),
    address === undefined ? null : publicKey(address, 0).toString(),
    isV6 ? octetsOf(address) : null,
    inside === undefined ? null : octetsOf(inside),
    after === undefined ? null : toTimestamp(after.startUs),
    after?.source ?? null,
    after?.flowId ?? null,
    after?.view ?? null,
  ]
}

/**
 * Makes the list of rows by time. The table has no index by time, so it is read one hour after
 * another: a page touches the hours that fill it and no more.
 *
 * @throws FlowledgerError `usage`, `database-unreachable`, `database-failed`
 */
export function makeListFlows(
  database: Database,
  sources = new SourceList(database)
): (query: FlowListQuery) => Promise<FlowPage> {
  return async (query) => {
    const limit = Math.min(maxPageRows, Math.max(1, query.limit))
    const after = query.cursor === undefined ? undefined : parsePosition(query.cursor)
    const firstUs = Math.max(query.fromUs, after?.startUs ?? query.fromUs)
    const rows: FlowRow[] = []
    for (const hourUs of await listPartitions(database, firstUs, query.toUs)) {
      const values = [...valuesFor(query, hourUs, after), limit + 1 - rows.length]
      const more = await database.query<FlowRow>('list flows', { text: listSql, values })
      rows.push(...more)
      if (rows.length > limit) break
    }
    const page = rows.slice(0, limit)
    const last = page.at(-1)
    const byId = await sources.withIds(new Set(page.map((row) => row.source)))
    const items = page.map((row) => sliceOf(row, byId.get(row.source)?.name ?? ''))
    const isLast = rows.length <= limit || last === undefined
    return isLast ? { items } : { items, next: formatPosition(last) }
  }
}

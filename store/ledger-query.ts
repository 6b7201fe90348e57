import { maxSliceUs } from '../model/limits.ts'
import { keysOfAddress } from '../model/public-key.ts'
import type { Slice, SliceQuery } from '../model/slice.ts'
import type { Archive } from './archive/archive.ts'
import type { SealedQuery } from './archive/sealed-query.ts'
import type { Database } from './database.ts'
import { sliceColumns, sliceOf } from './slice-row.ts'
import type { FlowRow } from './slice-row.ts'
import { SourceList } from './source-list.ts'
import { toTimestamp } from './timestamp.ts'

/**
 * $1, $2: first and last key. $3, $4: earliest and latest start, which is what partitions are
 * chosen by. $5: earliest end. $6: octets of an IPv6 address, whose key may be another's too, else
 * null. $7: protocol or null. $8: most rows.
 */
const findSlicesBy = (key: string): string => `
  select ${sliceColumns} from ledger.flow
  where ${key}
    and start_at >= $3 and start_at <= $4 and end_at >= $5
    and ($6::bytea is null or substring(extra from 9) = $6)
    and ($7::int2 is null or protocol = $7)
  limit $8`

export const findSlicesSql = findSlicesBy('public_key between $1 and $2')

/** Of one port, whose keys are the same: of a cluster of servers only one is asked. */
export const findSlicesOfPortSql = findSlicesBy('public_key = $1 and $2::int8 = $1')

/** What was found, oldest first. */
export interface FoundSlices {
  readonly slices: readonly Slice[]
  /** True where the limit cut the list: then nothing follows from what is not in it. */
  readonly cut: boolean
}

/** The values of {@link findSlicesSql}; `skewUs` widens the time on both sides. */
export function findSlicesValues(query: SliceQuery, skewUs: number): unknown[] {
  const { address, port, protocol, fromUs, toUs, limit } = query
  const earliest = fromUs - skewUs
  const { first, last, octets } = keysOfAddress(address, port)
  return [
    first,
    last,
    toTimestamp(earliest - maxSliceUs),
    toTimestamp(toUs + skewUs),
    toTimestamp(earliest),
    octets,
    protocol ?? null,
    limit + 1,
  ]
}

/** The same question, of the files of the archive. */
function sealedQueryOf(query: SliceQuery, skewUs: number): SealedQuery {
  const { address, port, protocol, fromUs, toUs, limit } = query
  const { first, last, octets } = keysOfAddress(address, port)
  return {
    firstKey: BigInt(first),
    lastKey: BigInt(last),
    earliestStartUs: fromUs - skewUs - maxSliceUs,
    latestStartUs: toUs + skewUs,
    earliestEndUs: fromUs - skewUs,
    public6: octets?.toString('hex'),
    protocol,
    limit: limit + 1,
  }
}

function byTime(a: Slice, b: Slice): number {
  if (a.startUs !== b.startUs) return a.startUs - b.startUs
  if (a.source !== b.source) return a.source < b.source ? -1 : 1
  return a.flowId < b.flowId ? -1 : a.flowId > b.flowId ? 1 : 0
}

/** The slices among the rows that meet the query with the skew of their source. */
export async function slicesOf(
  rows: readonly FlowRow[],
  { fromUs, toUs }: SliceQuery,
  sources: SourceList
): Promise<Slice[]> {
  const byId = await sources.withIds(new Set(rows.map((row) => row.source)))
  const slices: Slice[] = []
  for (const row of rows) {
    const source = byId.get(row.source)
    if (source === undefined) throw new Error(`row of an unknown source ${row.source}`)
    const slice = sliceOf(row, source.name)
    const meets = slice.startUs - source.skewUs <= toUs && slice.endUs + source.skewUs >= fromUs
    if (meets) slices.push(slice)
  }
  return slices.sort(byTime)
}

/**
 * Makes the look-up of who held a public address: slices that meet the time asked for, each widened
 * by the skew of its source. Hours that were sealed are read from the archive.
 *
 * @throws FlowledgerError `database-unreachable`, `database-failed`
 */
export function makeFindSlices(
  database: Database,
  sources = new SourceList(database),
  archive?: Archive
): (query: SliceQuery) => Promise<FoundSlices> {
  return async (query) => {
    const skewUs = await sources.maxSkewUs()
    const ask = async (): Promise<FlowRow[]> =>
      database.query<FlowRow>('look up an address', {
        name: query.port === undefined ? 'find slices' : 'find slices of a port',
        text: query.port === undefined ? findSlicesSql : findSlicesOfPortSql,
        values: findSlicesValues(query, skewUs),
      })
    const found = await withSealed(archive, ask, (files) =>
      archive?.find(files, sealedQueryOf(query, skewUs))
    )
    const slices = await slicesOf(found.slice(0, query.limit), query, sources)
    return { slices, cut: found.length > query.limit }
  }
}

type Sealed = Awaited<ReturnType<Archive['find']>>

/** Rows of the ledger and of its archive, both as of one instant. */
async function withSealed(
  archive: Archive | undefined,
  hot: () => Promise<FlowRow[]>,
  sealed: (files: Parameters<Archive['find']>[0]) => Promise<Sealed> | undefined
): Promise<FlowRow[]> {
  if (archive === undefined) return await hot()
  return await archive.consistently(async (files) => {
    const [rows, more] = await Promise.all([hot(), sealed(files)])
    return more === undefined ? rows : [...rows, ...more.rows]
  })
}

/**
 * $1 to $6: an array each, an element a question: key, earliest and latest start, earliest end,
 * octets of an IPv6 address or null, protocol or null. $7, $8: earliest and latest start of all of
 * them, which is what partitions are chosen by before there is a plan; the lateral part then opens
 * only those of its own question. $9: most rows a question.
 */
const findManySql = `
  select q.n::int4, f.* from
    unnest($1::int8[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::bytea[],
      $6::int2[]) with ordinality as q(key, first_start, last_start, first_end, octets, protocol, n)
    cross join lateral (
      select ${sliceColumns} from ledger.flow
      where public_key = q.key
        and start_at >= $7 and start_at <= $8
        and start_at >= q.first_start and start_at <= q.last_start and end_at >= q.first_end
        and (q.octets is null or substring(extra from 9) = q.octets)
        and (q.protocol is null or protocol = q.protocol)
      limit $9
    ) f`

/** The values of {@link findManySql}. */
function findManyValues(queries: readonly SliceQuery[], skewUs: number): unknown[] {
  const each = queries.map((query) => findSlicesValues(query, skewUs))
  const column = (index: number): unknown[] => each.map((values) => values[index])
  const froms = queries.map(({ fromUs }) => fromUs - skewUs - maxSliceUs)
  const tos = queries.map(({ toUs }) => toUs + skewUs)
  return [
    ...[0, 2, 3, 4, 5, 6].map(column),
    toTimestamp(Math.min(...froms)),
    toTimestamp(Math.max(...tos)),
    Math.max(...queries.map(({ limit }) => limit)) + 1,
  ]
}

/**
 * Every partition between the first and the last time of a statement is planned for and locked, be
 * it asked for or not. So times further apart than the first of these stand in statements of their
 * own, and none spans more than the second.
 */
const maxApartUs = 3 * 3_600e6
const maxSpanUs = 48 * 3_600e6

/** Statements that are under way at a time: others want the pool's connections too. */
const statementsAtOnce = 4

/** A question and its place among all of them. */
interface Placed {
  readonly query: SliceQuery
  readonly place: number
}

/** Questions about times that lie near each other. */
function groupByTime(queries: readonly SliceQuery[]): Placed[][] {
  const sorted = queries
    .map((query, place) => ({ query, place }))
    .sort((a, b) => a.query.fromUs - b.query.fromUs)
  const groups: Placed[][] = []
  let [firstUs, lastUs] = [0, 0]
  for (const one of sorted) {
    const { fromUs, toUs } = one.query
    const group = groups.at(-1)
    if (group !== undefined && fromUs - lastUs <= maxApartUs && toUs - firstUs <= maxSpanUs) {
      group.push(one)
      lastUs = Math.max(lastUs, toUs)
    } else {
      groups.push([one])
      firstUs = fromUs
      lastUs = toUs
    }
  }
  return groups
}

/** Rows of one statement, a list for each of its questions. */
async function findRows(
  queries: readonly SliceQuery[],
  database: Database,
  skewUs: number
): Promise<FlowRow[][]> {
  const found = await database.query<FlowRow & { n: number }>('look up addresses', {
    name: 'find many slices',
    text: findManySql,
    values: findManyValues(queries, skewUs),
  })
  const rows: FlowRow[][] = queries.map(() => [])
  for (const row of found) rows[row.n - 1]?.push(row)
  return rows
}

/** The same, with those of the archive. */
async function findAllRows(
  queries: readonly SliceQuery[],
  database: Database,
  skewUs: number,
  archive: Archive | undefined
): Promise<FlowRow[][]> {
  if (archive === undefined) return await findRows(queries, database, skewUs)
  return await archive.consistently(async (files) => {
    const rows = await findRows(queries, database, skewUs)
    for (const [index, query] of queries.entries()) {
      const sealed = await archive.find(files, sealedQueryOf(query, skewUs))
      rows[index]?.push(...sealed.rows)
    }
    return rows
  })
}

/**
 * Makes the same look-up for many questions in few round trips: one answer for each, in their
 * order. Each has a port.
 *
 * @throws FlowledgerError `database-unreachable`, `database-failed`
 */
export function makeFindManySlices(
  database: Database,
  sources = new SourceList(database),
  archive?: Archive
): (queries: readonly SliceQuery[]) => Promise<readonly FoundSlices[]> {
  return async (queries) => {
    const skewUs = await sources.maxSkewUs()
    const answers: FoundSlices[] = []
    const left = groupByTime(queries).values()
    const ask = async (): Promise<void> => {
      for (const group of left) {
        const asked = group.map(({ query }) => query)
        const rows = await findAllRows(asked, database, skewUs, archive)
        for (const [index, { query, place }] of group.entries()) {
          const mine = rows[index] ?? []
          const slices = await slicesOf(mine.slice(0, query.limit), query, sources)
          answers[place] = { slices, cut: mine.length > query.limit }
        }
      }
    }
    await Promise.all(Array.from({ length: statementsAtOnce }, ask))
    return answers
  }
}

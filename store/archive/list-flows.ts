import { octetsOfAddress } from '../../model/address.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { keysOfAddress } from '../../model/public-key.ts'
import type { Slice } from '../../model/slice.ts'
import type { Database } from '../database.ts'
import {
  notOurs,
  parseCursor,
  partsOfPosition,
  positionFrom,
  positionPattern,
} from '../flow-cursor.ts'
import type { FlowPosition } from '../flow-cursor.ts'
import { makeListFlows, maxPageRows } from '../flow-list.ts'
import type { FlowListQuery, FlowPage } from '../flow-list.ts'
import type { FlowOrder } from '../flow-windows.ts'
import { makeListHeld, parseHeld } from '../held-list.ts'
import { hourOf, listPartitions, partitionUs } from '../partitions.ts'
import { ordinalOf, sliceOf } from '../slice-row.ts'
import { SourceList } from '../source-list.ts'
import type { Archive } from './archive.ts'
import type { SealedFile } from './catalogue.ts'
import type { SealedQuery } from './sealed-query.ts'

/** Where a list goes on: in a sealed file, behind a row of it, or behind all of them. */
interface SealedCursor {
  readonly file: number
  readonly after?: FlowPosition
  readonly isDone: boolean
}

/** A part of a list: a file, or the hours of PostgreSQL that start in [fromUs, toUs). */
type Part =
  | { readonly file: SealedFile }
  | { readonly file: undefined; readonly fromUs: number; readonly toUs: number }

/**
 * ```
 * s.order.file[.done | .start.source.flow.view.place]
 *     n                 (microseconds)
 * ```
 */
const pattern = new RegExp(String.raw`^s([no])\.(\d{1,15})(?:\.(done)|${positionPattern})?$`)

function parseSealed(text: string, order: FlowOrder): SealedCursor | undefined {
  if (!text.startsWith('s')) return undefined
  const match = pattern.exec(text)
  if (match === null || match[1] !== order[0]) throw notOurs()
  const [, , file, done] = match
  const cursor = { file: Number(file), isDone: done !== undefined }
  const after = positionFrom(match.slice(4))
  return after === undefined ? cursor : { ...cursor, after }
}

function formatSealed(order: FlowOrder, { file, after, isDone }: SealedCursor): string {
  return [`s${order[0]}`, file, ...(isDone ? ['done'] : partsOfPosition(after))].join('.')
}

/** The parts of a list in its order: what came late for a sealed hour stands behind its files. */
function partsOf(files: readonly SealedFile[], { fromUs, toUs }: FlowListQuery): Part[] {
  const parts: Part[] = []
  let since = fromUs
  const within = files.filter((file) => file.firstStartUs < toUs && file.lastStartUs >= fromUs)
  for (const file of within.sort((a, b) => a.firstStartUs - b.firstStartUs || a.id - b.id)) {
    const hourUs = Math.max(fromUs, hourOf(file.firstStartUs))
    if (hourUs > since) parts.push({ file: undefined, fromUs: since, toUs: hourUs })
    since = hourUs
    parts.push({ file })
  }
  if (toUs > since) parts.push({ file: undefined, fromUs: since, toUs })
  return parts
}

function sealedQueryOf(
  query: FlowListQuery,
  order: FlowOrder,
  after: FlowPosition | undefined,
  limit: number
): SealedQuery {
  const { fromUs, toUs, inside, public: address } = query
  const keys = address === undefined ? undefined : keysOfAddress(address)
  return {
    firstKey: keys === undefined ? -(2n ** 63n) : BigInt(keys.first),
    lastKey: keys === undefined ? 2n ** 63n - 1n : BigInt(keys.last),
    earliestStartUs: fromUs,
    latestStartUs: toUs - 1,
    earliestEndUs: 0,
    public6: keys?.octets?.toString('hex'),
    inside: inside === undefined ? undefined : octetsOfAddress(inside).toString('hex'),
    after,
    order,
    limit,
  }
}

/** What the reading of one list shares. */
interface Reading {
  readonly archive: Archive
  readonly sources: SourceList
  readonly query: FlowListQuery
  readonly order: FlowOrder
}

async function listFile(
  { archive, sources, query, order }: Reading,
  file: SealedFile,
  after: FlowPosition | undefined,
  limit: number
): Promise<FlowPage> {
  const { rows, damaged } = await archive.find(
    [file],
    sealedQueryOf(query, order, after, limit + 1)
  )
  if (damaged.length > 0) {
    throw new FlowledgerError('archive-damaged', `The sealed file ${file.path} is not readable.`, {
      fix: 'Restore it from a backup of the archive, or list the time before and after it.',
    })
  }
  const page = rows.slice(0, limit)
  const byId = await sources.withIds(new Set(page.map((row) => row.source)))
  const items = page.map((row) => sliceOf(row, byId.get(row.source)?.name ?? ''))
  const last = page.at(-1)
  if (rows.length <= limit || last === undefined) return { items }
  const { source, flow_id: flowId, place } = last
  const position = { startUs: Number(last.start_us), source, flowId, view: ordinalOf(last), place }
  return { items, next: formatSealed(order, { file: file.id, after: position, isDone: false }) }
}

/**
 * Makes the list of rows by time, of PostgreSQL and of the sealed files: hour by hour, and in each
 * file by the start of the rows. For the order within PostgreSQL see {@link makeListFlows}. Copies
 * that holds keep of rows that are purged come last, by their start.
 *
 * @throws FlowledgerError `usage`, also where what the cursor stands in was sealed meanwhile;
 *   `archive-damaged`, `database-unreachable`, `database-failed`
 */
export function makeListAllFlows(
  database: Database,
  archive: Archive,
  sources = new SourceList(database)
): (query: FlowListQuery) => Promise<FlowPage> {
  const listKept = makeListFlows(database, sources)
  const listHeld = makeListHeld(database, sources, archive)
  return (query) =>
    archive.consistently(async (files) => {
      const { order = 'oldest' } = query
      const held = parseHeld(query.cursor ?? '', order)
      if (held !== undefined) return await listHeld(query, files, held.after, pageLimit(query))
      const kept = await listPartitions(database, query.fromUs, query.toUs)
      const { parts, sealed, hot } = partsFrom(query, order, files, kept)
      const reading = { archive, sources, query, order }
      const limit = pageLimit(query)
      const items: Slice[] = []
      let doneFile: number | undefined = sealed?.isDone === true ? sealed.file : undefined
      for (const [index, part] of parts.entries()) {
        const left = limit - items.length
        if (left === 0) return { items, next: begin(part, order, doneFile) }
        const page =
          part.file === undefined
            ? await listKept({
                ...query,
                ...part,
                limit: left,
                cursor: index === 0 ? hot : undefined,
              })
            : await listFile(reading, part.file, index === 0 ? sealed?.after : undefined, left)
        items.push(...page.items)
        if (page.next !== undefined) return { items, next: page.next }
        doneFile = part.file?.id ?? doneFile
      }
      // A full page is followed by one of what is held, if anything is.
      const rest = await listHeld(query, files, undefined, limit - items.length)
      return { ...rest, items: [...items, ...rest.items] }
    })
}

const pageLimit = (query: FlowListQuery): number => Math.min(maxPageRows, Math.max(1, query.limit))

/** A cursor that stands before a part of which nothing was read. */
function begin(part: Part, order: FlowOrder, doneFile: number | undefined): string {
  if (part.file !== undefined) return formatSealed(order, { file: part.file.id, isDone: false })
  // Hours of PostgreSQL stand behind a file, or are the first part, which is never passed over.
  return formatSealed(order, { file: doneFile ?? 0, isDone: true })
}

/** The parts that are left from the cursor on; hours of PostgreSQL without rows are left out. */
function partsFrom(
  query: FlowListQuery,
  order: FlowOrder,
  files: readonly SealedFile[],
  kept: readonly number[]
): { parts: Part[]; sealed: SealedCursor | undefined; hot: string | undefined } {
  const all = partsOf(files, query).filter(
    (part) =>
      part.file !== undefined ||
      kept.some((hour) => hour < part.toUs && hour + partitionUs > part.fromUs)
  )
  const parts = order === 'oldest' ? all : all.toReversed()
  const { cursor } = query
  if (cursor === undefined) return { parts, sealed: undefined, hot: undefined }
  const sealed = parseSealed(cursor, order)
  if (sealed !== undefined) {
    const at = parts.findIndex((part) => part.file?.id === sealed.file)
    if (at < 0) throw notOurs()
    return { parts: parts.slice(sealed.isDone ? at + 1 : at), sealed, hot: undefined }
  }
  const { hourUs } = parseCursor(cursor, order)
  // What was sealed since is in a file now, in another order.
  if (!kept.includes(hourUs)) throw notOurs()
  const at = parts.findIndex(
    (part) => part.file === undefined && hourUs < part.toUs && hourUs + partitionUs > part.fromUs
  )
  return { parts: parts.slice(Math.max(0, at)), sealed: undefined, hot: cursor }
}

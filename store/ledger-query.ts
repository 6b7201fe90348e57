import { isV4 } from '../model/address.ts'
import type { AddressWords } from '../model/address.ts'
import { maxSliceUs } from '../model/limits.ts'
import { publicKey } from '../model/public-key.ts'
import type { Slice, SliceQuery } from '../model/slice.ts'
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
export const findSlicesSql = `
  select ${sliceColumns} from ledger.flow
  where public_key between $1 and $2
    and start_at >= $3 and start_at <= $4 and end_at >= $5
    and ($6::bytea is null or substring(extra from 9) = $6)
    and ($7::int2 is null or protocol = $7)
  limit $8`

/** What was found, oldest first. */
export interface FoundSlices {
  readonly slices: readonly Slice[]
  /** True where the limit cut the list: then nothing follows from what is not in it. */
  readonly cut: boolean
}

function octetsOf(words: AddressWords): Buffer {
  const octets = Buffer.alloc(16)
  for (const [index, word] of words.entries()) octets.writeUInt32BE(word, 4 * index)
  return octets
}

/** The values of {@link findSlicesSql}; `skewUs` widens the time on both sides. */
export function findSlicesValues(query: SliceQuery, skewUs: number): unknown[] {
  const { address, port, protocol, fromUs, toUs, limit } = query
  const earliest = fromUs - skewUs
  return [
    publicKey(address, port ?? 0).toString(),
    publicKey(address, port ?? 0xffff).toString(),
    toTimestamp(earliest - maxSliceUs),
    toTimestamp(toUs + skewUs),
    toTimestamp(earliest),
    isV4(address[0], address[1], address[2]) ? null : octetsOf(address),
    protocol ?? null,
    limit + 1,
  ]
}

function byTime(a: Slice, b: Slice): number {
  if (a.startUs !== b.startUs) return a.startUs - b.startUs
  if (a.source !== b.source) return a.source < b.source ? -1 : 1
  return a.flowId < b.flowId ? -1 : a.flowId > b.flowId ? 1 : 0
}

/**
 * Makes the look-up of who held a public address: slices that meet the time asked for, each widened
 * by the skew of its source.
 *
 * @throws FlowledgerError `database-unreachable`, `database-failed`
 */
export function makeFindSlices(
  database: Database,
  sources = new SourceList(database)
): (query: SliceQuery) => Promise<FoundSlices> {
  return async (query) => {
    const values = findSlicesValues(query, await sources.maxSkewUs())
    const found = await database.query<FlowRow>('look up an address', {
      name: 'find slices',
      text: findSlicesSql,
      values,
    })
    const rows = found.slice(0, query.limit)
    const byId = await sources.withIds(new Set(rows.map((row) => row.source)))
    const slices: Slice[] = []
    for (const row of rows) {
      const source = byId.get(row.source)
      if (source === undefined) throw new Error(`row of an unknown source ${row.source}`)
      const slice = sliceOf(row, source.name)
      const meets =
        slice.startUs - source.skewUs <= query.toUs && slice.endUs + source.skewUs >= query.fromUs
      if (meets) slices.push(slice)
    }
    return { slices: slices.sort(byTime), cut: found.length > query.limit }
  }
}

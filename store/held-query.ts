import type { Slice, SliceQuery } from '../model/slice.ts'
import type { Database } from './database.ts'
import { findSlicesSql, findSlicesValues, slicesOf } from './ledger-query.ts'
import type { FoundSlices } from './ledger-query.ts'
import type { FlowRow } from './slice-row.ts'
import type { SourceList } from './source-list.ts'

/** How long it is believed that nothing is held (ms): most ledgers hold nothing. */
const freshMs = 1000

/** Makes the look-up among the rows that holds keep copies of. */
export function makeFindHeld(
  database: Database,
  sources: SourceList
): (query: SliceQuery) => Promise<FoundSlices> {
  const text = findSlicesSql.replace('from ledger.flow', 'from ledger.held')
  let emptyAtMs = -Infinity
  return async (query) => {
    if (performance.now() - emptyAtMs < freshMs) return { slices: [], cut: false }
    const values = findSlicesValues(query, await sources.maxSkewUs())
    const rows = await database.query<FlowRow>('look up held records', {
      name: 'find held',
      text,
      values,
    })
    if (rows.length === 0 && !(await holdsAny(database))) emptyAtMs = performance.now()
    const slices = await slicesOf(rows.slice(0, query.limit), query, sources)
    return { slices, cut: rows.length > query.limit }
  }
}

async function holdsAny(database: Database): Promise<boolean> {
  const rows = await database.query<{ any: boolean }>('look up held records', {
    text: 'select exists (select from ledger.held) as any',
  })
  return rows[0]?.any === true
}

const keyOf = ({ source, flowId, startUs, natKind, public: { ip, port } }: Slice): string =>
  JSON.stringify([source, String(flowId), startUs, natKind, ip, port])

/** A held copy takes the place of its row, which may have lost fields since. */
export function withHeld(found: FoundSlices, held: FoundSlices): FoundSlices {
  if (held.slices.length === 0) return { ...found, cut: found.cut || held.cut }
  const copies = new Map(held.slices.map((slice) => [keyOf(slice), slice]))
  const others = found.slices.filter((slice) => !copies.has(keyOf(slice)))
  return { slices: [...others, ...copies.values()], cut: found.cut || held.cut }
}

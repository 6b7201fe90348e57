import type { Gap, GapReason, SourceCoverage, SourceKind } from '../model/coverage.ts'
import type { Archive } from './archive/archive.ts'
import type { Database } from './database.ts'
import { fromInt8, fromNullableInt8, microseconds, toTimestamp } from './timestamp.ts'

interface SourceRow {
  readonly id: number
  readonly name: string
  readonly kind: SourceKind
  readonly skew_us: string
  readonly watched_from: string | null
  readonly watermark: string | null
  readonly closed_through: string | null
  readonly gaps: readonly (readonly [
    from: number,
    to: number,
    reason: string,
    lost: number | null,
  ])[]
  /** `field` is empty for the rows themselves. */
  readonly edges: readonly (readonly [field: string, beforeUs: number, rule: string])[]
}

/**
 * One statement, so that progress and gaps are of one instant: a gap is written in the transaction
 * that moves the watermark past it.
 */
const coverageSql = `
  select s.id, s.name, s.kind, s.skew_us,
    ${microseconds('s.watched_from')} as watched_from,
    ${microseconds('s.watermark')} as watermark,
    ${microseconds('s.closed_through')} as closed_through,
    coalesce((
      select json_agg(json_build_array(${microseconds('g.from_at')}, ${microseconds('g.to_at')},
        g.reason, g.lost) order by g.from_at, g.id)
      from ledger.gap g
      where g.source in (s.id, s.listener)
        and tstzrange(g.from_at, g.to_at, '[]') && $1::tstzmultirange
    ), '[]') as gaps,
    coalesce((
      select json_agg(json_build_array(e.field, ${microseconds('e.through_at')}, e.rule)
        order by e.kind, e.field)
      from ledger.retention_edge e
      where e.source = s.id and e.kind in ('flows', 'port_blocks')
    ), '[]') as edges
  from ledger.source s order by s.name`

function gapOf([fromUs, toUs, reason, lost]: SourceRow['gaps'][number]): Gap {
  const gap = { fromUs, toUs, reason: reason as GapReason }
  return lost === null ? gap : { ...gap, lost }
}

/** Times of which the coverage is asked; both ends included, microseconds since 1970. */
export interface CoverageWindow {
  readonly fromUs: number
  readonly toUs: number
}

/** A tstzmultirange: `{[from,to],…}`; windows that meet become one. */
const multirangeOf = (windows: readonly CoverageWindow[]): string =>
  `{${windows.map(({ fromUs, toUs }) => `[${toTimestamp(fromUs)},${toTimestamp(toUs)}]`).join()}}`

/** What was purged of a source. */
function purgedOf({ edges }: SourceRow): Pick<SourceCoverage, 'keptFromUs' | 'purgedFields'> {
  const rows = edges.filter(([field]) => field === '').map(([, beforeUs]) => beforeUs)
  const fields = edges.filter(([field]) => field !== '')
  return {
    ...(rows.length === 0 ? {} : { keptFromUs: Math.max(...rows) }),
    ...(fields.length === 0
      ? {}
      : { purgedFields: fields.map(([field, beforeUs, rule]) => ({ field, beforeUs, rule })) }),
  }
}

const sourceOf = (row: SourceRow, archive: Archive | undefined): SourceCoverage => ({
  source: row.name,
  kind: row.kind,
  watchedFromUs: fromNullableInt8(row.watched_from),
  watermarkUs: row.watermark === null ? -Infinity : fromInt8(row.watermark),
  closedThroughUs: row.closed_through === null ? -Infinity : fromInt8(row.closed_through),
  skewUs: fromInt8(row.skew_us),
  gaps: [...row.gaps.map(gapOf), ...(archive?.gapsOf(row.id) ?? [])],
  ...purgedOf(row),
})

/**
 * Makes the query for what each source saw, with the gaps that meet any of the windows. A source
 * that has reported no progress yet has seen nothing: its watermark is -Infinity. Gaps of files of
 * the archive that cannot be read are those that were found until now.
 *
 * @throws FlowledgerError `database-unreachable`, `database-failed`
 */
export function makeReadCoverageOf(
  database: Database,
  archive?: Archive
): (windows: readonly CoverageWindow[]) => Promise<readonly SourceCoverage[]> {
  return async (windows) => {
    const rows = await database.query<SourceRow>('read the coverage', {
      name: 'read coverage',
      text: coverageSql,
      values: [multirangeOf(windows)],
    })
    return rows.map((row) => sourceOf(row, archive))
  }
}

/** As {@link makeReadCoverageOf}, for one window [fromUs, toUs]. */
export function makeReadCoverage(
  database: Database,
  archive?: Archive
): (fromUs: number, toUs: number) => Promise<readonly SourceCoverage[]> {
  const read = makeReadCoverageOf(database, archive)
  return (fromUs, toUs) => read([{ fromUs, toUs }])
}

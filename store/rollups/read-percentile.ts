import { rollupDimensions, widthUs } from '../../model/rollup.ts'
import type { RollupDimension, RollupWidth } from '../../model/rollup.ts'
import type { Database } from '../database.ts'
import { toTimestamp } from '../timestamp.ts'
import { readSums } from './read-sums.ts'
import type { TrafficQuery } from './read-traffic.ts'

/** Of what a percentile is taken. */
export interface PercentileQuery {
  readonly dimension: RollupDimension
  /** Each interval of this width is a sample. */
  readonly width: RollupWidth
  readonly fromUs: number
  readonly toUs: number
  readonly sources?: readonly number[] | undefined
  /** 0.95 for the 95th. */
  readonly rank: number
  /** Left out: everything is one. */
  readonly by?: TrafficQuery['by']
  /** True where all rows are of one source. */
  readonly isOneSource?: boolean
  /** What is wanted, of `by`; left out: everything. */
  readonly keys?: readonly { readonly source: number | undefined; readonly item: string }[]
}

/** Octets of both directions in the sample that has the rank. */
export interface Percentile {
  readonly source: number | undefined
  readonly item: string
  readonly octets: number
}

/**
 * Nearest rank: of n samples the ceil(rank * n)-th smallest. A sample without traffic has no row,
 * so the rank is counted from the greatest down: past the last row it is 0. Samples are counted
 * from the first row to the last of the whole dimension.
 */
function percentileSql({ width, by, dimension, isOneSource }: PercentileQuery): string {
  const source = by === 'source' || by === 'source-item' ? 'source' : 'null::int2'
  const item = by === 'item' || by === 'source-item' ? 'item' : "''"
  // A row is a sample already where source and item are told apart, or there is one of them.
  const octets = 'octets::float8 + reverse_octets'
  const isSourceTold = by === 'source' || by === 'source-item' || isOneSource === true
  const isItemTold = by === 'item' || by === 'source-item' || dimension === 'total'
  const [sample, group] =
    isSourceTold && isItemTold ? [octets, ''] : [`sum(${octets})`, 'group by 1, 2, 3']
  return `
    with samples as (
      select at, ${source} as source, ${item} as item, ${sample} as octets
      from rollup.traffic_${width}
      where dimension = $1 and at >= $2 and at < $3 and ($4::int2[] is null or source = any($4))
        and ($7::text[] is null or (coalesce(${source}, -1), ${item}) in
          (select * from unnest($8::int2[], $7::text[])))
      ${group}
    ), gathered as materialized (
      select source, item, array_agg(octets) as every, min(at) as first, max(at) as last
      from samples group by source, item
    ), span as (
      select (date_part('epoch', max(last) - min(first)) / $5::float8)::int + 1 as count
      from gathered
    )
    select source, item, coalesce((
        select octets from unnest(every) as one (octets)
        order by octets desc offset count - ceil($6::float8 * count)::int limit 1
      ), 0)::float8 as octets
    from gathered, span`
}

/**
 * Takes percentiles of traffic.
 *
 * @throws FlowledgerError `database-unreachable`, `database-failed`
 */
export async function readPercentiles(
  database: Database,
  query: PercentileQuery
): Promise<readonly Percentile[]> {
  const { width, keys } = query
  const rows = await readSums<{ source: number | null; item: string; octets: number }>(
    database,
    'take a percentile',
    {
      text: percentileSql(query),
      values: [
        rollupDimensions[query.dimension],
        toTimestamp(query.fromUs),
        toTimestamp(query.toUs),
        query.sources ?? null,
        widthUs[width] / 1e6,
        query.rank,
        keys?.map(({ item }) => item) ?? null,
        keys?.map(({ source }) => source ?? -1) ?? null,
      ],
    }
  )
  return rows.map(({ source, item, octets }) => ({ source: source ?? undefined, item, octets }))
}

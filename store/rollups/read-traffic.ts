import { rollupDimensions } from '../../model/rollup.ts'
import type { RollupDimension, RollupWidth } from '../../model/rollup.ts'
import type { Database } from '../database.ts'
import { toTimestamp } from '../timestamp.ts'
import { readSums } from './read-sums.ts'
import { partsOf } from './window-parts.ts'

/** The sums of a row, as numbers: exact to 2^53, the nearest double above. */
export interface TrafficSums {
  readonly octets: number
  readonly reverse_octets: number
  readonly packets: number
  readonly reverse_packets: number
  readonly connections: number
  readonly slices: number
}

/** What series can be drawn of. */
export type TrafficMetric = 'octets' | 'packets' | 'connections' | 'slices'

/** Which sums are read, and how they are put together. */
export interface TrafficQuery {
  readonly dimension: RollupDimension
  readonly width: RollupWidth
  /** [fromUs, toUs), both multiples of `stepUs` since 1970; a step is a multiple of the width. */
  readonly fromUs: number
  readonly toUs: number
  readonly stepUs: number
  /** Coarser widths that are kept since `fromUs` too: totals are read from them where they can. */
  readonly coarser?: readonly RollupWidth[] | undefined
  /** Ids of sources; left out: all of them. */
  readonly sources?: readonly number[] | undefined
  /** Series are by source, by item, or by both. */
  readonly by: 'source' | 'item' | 'source-item'
  readonly metric: TrafficMetric
  /** The greatest so many have a series of their own. */
  readonly limit: number
}

/** A thing that traffic is by, the greatest first; the last may stand for all the rest. */
export interface TrafficSeries extends TrafficSums {
  /** Id of the source; undefined where series are by item, and for the rest. */
  readonly source: number | undefined
  /** Empty where series are by source. */
  readonly item: string
  /** True of the one that stands for all the rest. */
  readonly isRest: boolean
  /** The metric, both directions, a value for each step; 0 where there is no row. */
  readonly values: readonly number[]
}

const keyOf = {
  source: 'source::text',
  item: 'item',
  'source-item': "source || ' ' || item",
} as const

const valueOf: Readonly<Record<TrafficMetric, string>> = {
  octets: 'octets + reverse_octets',
  packets: 'packets + reverse_packets',
  connections: 'connections',
  slices: 'slices',
}

const sums = ['octets', 'reverse_octets', 'packets', 'reverse_packets', 'connections', 'slices']

/** Where the item `other` stands: with the rest, however great it is. */
const lastPlace = 2 ** 30

/** Dimensions whose items add up to `total`: each flow is of one item. */
const wholes = new Set<RollupDimension>([
  'application',
  'category',
  'protocol',
  'transport',
  'inside',
])

/** Whether the rest is what the whole has more than the greatest: then only those are read. */
const isOfWhole = ({ by, dimension }: TrafficQuery): boolean =>
  by === 'item' && wholes.has(dimension)

const slot = `((date_part('epoch', at) - $4::float8) / $5::float8)::int`

/** Values of statements start with these; parts of the window follow. */
const plainValues = 7

/** Series of the greatest by their items, and what there is in all. */
function wholeSql(width: RollupWidth, value: string): string {
  return `
    select ${slot} as slot, place, 0, null, sum(${value})::float8, ${sums.map(() => 'null').join()}
    from rollup.traffic_${width} join top on item = key
    where dimension = $1 and at >= $2 and at < $3 and ($6::int2[] is null or source = any($6))
    group by 1, 2
    union all
    select ${slot}, $7 + 1, 0, null, sum(${value})::float8, ${sums.map(() => 'null').join()}
    from rollup.traffic_${width}
    where dimension = ${rollupDimensions.total} and at >= $2 and at < $3
      and ($6::int2[] is null or source = any($6))
    group by 1`
}

/** Series of the greatest and of the rest, from every row. */
function everySql(width: RollupWidth, value: string, key: string): string {
  return `
    select ${slot}, least(place, $7 + 1)::int, 0, null, sum(t.value)::float8,
      ${sums.map(() => 'null').join()}
    from (
      select at, ${key} as key, ${value} as value from rollup.traffic_${width}
      where dimension = $1 and at >= $2 and at < $3 and ($6::int2[] is null or source = any($6))
    ) t join ranked using (key) group by 1, 2`
}

/** Totals of each key first; then series, of which only the metric is read. */
function seriesSql(query: TrafficQuery, parts: readonly RollupWidth[]): string {
  const { width, by, metric } = query
  const read = parts.map((part, i) => {
    const from = plainValues + 1 + 2 * i
    return `
      select ${keyOf[by]} as key, ${sums.map((name) => `sum(${name}) as ${name}`).join()}
      from rollup.traffic_${part}
      where dimension = $1 and at >= $${from} and at < $${from + 1}
        and ($6::int2[] is null or source = any($6))
      group by 1`
  })
  return `
    with ranked as materialized (
      select key, case when key ~ '(^| )other$' then ${lastPlace} else
          row_number() over (order by key ~ '(^| )other$', sum(${valueOf[metric]}) desc, key)
        end as place,
        ${sums.map((name) => `sum(${name}) as ${name}`).join(', ')}
      from (${read.join(' union all ')}) parts group by key
    ), top as materialized (select key, place::int from ranked where place <= $7)
    select null::int as slot, least(place, $7 + 1)::int as place, count(*)::int as keys,
      min(key) as key, null::float8 as value,
      ${sums.map((name) => `sum(${name})::float8 as ${name}`).join(', ')}
    from ranked group by 2
    union all
    ${
      isOfWhole(query)
        ? wholeSql(width, valueOf[metric])
        : everySql(width, valueOf[metric], keyOf[by])
    }
    order by slot nulls first, place`
}

interface Row extends TrafficSums {
  readonly slot: number | null
  readonly place: number
  readonly keys: number
  readonly key: string
  readonly value: number
}

function named(key: string, by: TrafficQuery['by']): Pick<TrafficSeries, 'source' | 'item'> {
  if (by === 'item') return { source: undefined, item: key }
  const [id = '', item = ''] = key.split(/ (.*)/s)
  return { source: Number(id), item }
}

/**
 * Reads sums as series, the greatest first, then one for the rest where there is any.
 *
 * @throws FlowledgerError `database-unreachable`, `database-failed`
 */
export async function readTraffic(
  database: Database,
  query: TrafficQuery
): Promise<readonly TrafficSeries[]> {
  const { fromUs, toUs, stepUs, by, limit, coarser = [] } = query
  // Hours and days of hosts are cut each by themselves: those of a day are not the sum of hours.
  const parts = partsOf(query.width, fromUs, toUs, query.dimension === 'inside' ? [] : coarser)
  const rows = await readSums<Row>(database, 'read sums of traffic', {
    text: seriesSql(
      query,
      parts.map(({ width }) => width)
    ),
    values: [
      rollupDimensions[query.dimension],
      toTimestamp(fromUs),
      toTimestamp(toUs),
      fromUs / 1e6,
      stepUs / 1e6,
      query.sources ?? null,
      limit,
      ...parts.flatMap((part) => [toTimestamp(part.fromUs), toTimestamp(part.toUs)]),
    ],
  })
  const steps = Math.round((toUs - fromUs) / stepUs)
  const series = new Map<number, TrafficSeries & { readonly values: number[] }>()
  for (const row of rows) {
    if (row.slot === null) {
      const { octets, reverse_octets, packets, reverse_packets, connections, slices } = row
      const isRest = row.place > limit
      series.set(row.place, {
        ...(isRest ? { source: undefined, item: '' } : named(row.key, by)),
        octets,
        reverse_octets,
        packets,
        reverse_packets,
        connections,
        slices,
        isRest,
        values: Array.from({ length: steps }, () => 0),
      })
    } else {
      const values = series.get(row.place)?.values
      if (values !== undefined) values[row.slot] = row.value
    }
  }
  const all = [...series.values()]
  if (isOfWhole(query)) takeFromWhole(all)
  return all
}

/** The rest has the values of the whole: takes those of the others from them. */
function takeFromWhole(series: readonly { isRest: boolean; values: number[] }[]): void {
  const rest = series.find(({ isRest }) => isRest)?.values
  if (rest === undefined) return
  for (const { isRest, values } of series) {
    if (isRest) continue
    for (let i = 0; i < rest.length; i++) rest[i] = (rest[i] ?? 0) - (values[i] ?? 0)
  }
}

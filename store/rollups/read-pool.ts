import type { RollupWidth } from '../../model/rollup.ts'
import { widthUs } from '../../model/rollup.ts'
import type { Database } from '../database.ts'
import { toTimestamp } from '../timestamp.ts'
import { readSums } from './read-sums.ts'

/** Widths that there are of the pool. */
export type PoolWidth = Exclude<RollupWidth, 'five_minutes'>

export type PoolMetric = 'mean' | 'p95' | 'max' | 'subscribers' | 'connections' | 'blocks'

export interface PoolQuery {
  readonly width: PoolWidth
  readonly fromUs: number
  readonly toUs: number
  readonly stepUs: number
  readonly sources?: readonly number[] | undefined
  readonly metric: PoolMetric
  readonly limit: number
}

/** What is known of a public address over the whole time. */
export interface PoolAddress {
  readonly address: string
  /** Ports in use: see docs/explanation/rollups.md. */
  readonly mean: number
  readonly p50: number
  readonly p95: number
  readonly max: number
  /** The most inside hosts in any interval; null where only minutes were read. */
  readonly subscribers: number | null
  readonly connections: number
  /** Blocks held at a time, and the ports in them. */
  readonly blocks: number
  readonly blockPorts: number
  /** The metric, for each step. */
  readonly values: readonly (number | null)[]
}

/** What each width has; of minutes, which are not taken apart, every percentile is the mean. */
function columnsOf(width: PoolWidth): Record<'p50' | 'p95' | 'max' | 'subscribers', string> {
  const mean = `held_us / ${widthUs[width]}::float8`
  if (width === 'minute') return { p50: mean, p95: mean, max: mean, subscribers: 'null::int' }
  return { p50: 'ports_p50', p95: 'ports_p95', max: 'ports_max', subscribers: 'subscribers' }
}

function addressSql({ width }: PoolQuery): string {
  const { p50, p95, max, subscribers } = columnsOf(width)
  return `
    with gathered as materialized (
      select address, sum(held_us) as held, array_agg(${p50}) as every50,
        array_agg(${p95}) as every95, max(${max}) as max, max(${subscribers}) as subscribers,
        sum(connections) as connections, sum(block_us) as block, sum(block_port_us) as block_port
      from rollup.pool_${width}
      where at >= $1 and at < $2 and ($3::int2[] is null or source = any($3))
      group by address
    )
    select host(address) as address, held::float8,
      ${rankOf(0.5, 'every50')} as p50, ${rankOf(0.95, 'every95')} as p95,
      coalesce(max, 0)::float8 as max, subscribers, connections::float8, block::float8,
      block_port::float8
    from gathered order by max desc, address`
}

/** The value of a rank in an array: gathered by hashing, its rows are sorted by address nowhere. */
const rankOf = (rank: number, array: string): string =>
  `coalesce((select percentile_disc(${rank}) within group (order by one)
    from unnest(${array}) as one), 0)::float8`

function seriesSql({ width, metric }: PoolQuery): string {
  const { p95, max, subscribers } = columnsOf(width)
  const value: Readonly<Record<PoolMetric, string>> = {
    mean: 'sum(held_us) / ($5::float8 * 1e6)',
    p95: `max(${p95})`,
    max: `max(${max})`,
    subscribers: `max(${subscribers})`,
    connections: 'sum(connections)',
    blocks: 'sum(block_us) / ($5::float8 * 1e6)',
  }
  return `
    select ((date_part('epoch', at) - $4::float8) / $5::float8)::int as slot,
      host(address) as address, (${value[metric]})::float8 as value
    from rollup.pool_${width}
    where at >= $1 and at < $2 and ($3::int2[] is null or source = any($3))
      and address = any($6::inet[])
    group by 1, 2`
}

interface AddressRow {
  readonly address: string
  readonly held: number
  readonly p50: number
  readonly p95: number
  readonly max: number
  readonly subscribers: number | null
  readonly connections: number
  readonly block: number
  readonly block_port: number
}

/**
 * Reads what public addresses carried; those with the highest peak have a series.
 *
 * @throws FlowledgerError `database-unreachable`, `database-failed`
 */
export async function readPool(
  database: Database,
  query: PoolQuery,
  untilUs = query.toUs
): Promise<readonly PoolAddress[]> {
  const { fromUs, toUs, stepUs, limit } = query
  const times = [toTimestamp(fromUs), toTimestamp(toUs), query.sources ?? null]
  const text = addressSql(query)
  const rows = await readSums<AddressRow>(database, 'read the pool', { text, values: times })
  const top = rows.slice(0, limit).map(({ address }) => address)
  const points = await readSums<{ slot: number; address: string; value: number | null }>(
    database,
    'read the pool',
    { text: seriesSql(query), values: [...times, fromUs / 1e6, stepUs / 1e6, top] }
  )
  const steps = Math.round((toUs - fromUs) / stepUs)
  // A metric that is a count of nothing is 0; how many subscribers nobody counted is not known.
  const nothing = query.metric === 'subscribers' && query.width === 'minute' ? null : 0
  const values = new Map(top.map((address) => [address, Array(steps).fill(nothing)]))
  for (const { slot, address, value } of points) {
    const of = values.get(address)
    if (of !== undefined) of[slot] = value
  }
  const spanUs = Math.max(1, Math.min(toUs, untilUs) - fromUs)
  return rows.map((row) => ({
    address: row.address,
    mean: row.held / spanUs,
    p50: row.p50,
    p95: row.p95,
    max: row.max,
    subscribers: row.subscribers,
    connections: row.connections,
    blocks: row.block / spanUs,
    blockPorts: row.block_port / spanUs,
    values: values.get(row.address) ?? [],
  }))
}

/** The highest peak of each address on each day, for the trend: [day in days since 1970, ports]. */
export async function readDailyPeaks(
  database: Database,
  fromUs: number,
  toUs: number,
  sources: readonly number[] | undefined
): Promise<ReadonlyMap<string, readonly (readonly [day: number, ports: number])[]>> {
  const rows = await readSums<{ address: string; day: number; peak: number }>(
    database,
    'read the peaks of days',
    {
      text: `
        select host(address) as address, (extract(epoch from at) / 86400)::int as day,
          max(ports_max)::float8 as peak
        from rollup.pool_day
        where at >= $1 and at < $2 and ports_max is not null
          and ($3::int2[] is null or source = any($3))
        group by 1, 2 order by 2`,
      values: [toTimestamp(fromUs), toTimestamp(toUs), sources ?? null],
    }
  )
  const peaks = new Map<string, (readonly [number, number])[]>()
  for (const { address, day, peak } of rows) {
    const known = peaks.get(address) ?? []
    known.push([day, peak])
    peaks.set(address, known)
  }
  return peaks
}

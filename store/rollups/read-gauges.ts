import { widthUs } from '../../model/rollup.ts'
import type { RollupGauge } from '../../model/rollup.ts'
import type { Database } from '../database.ts'
import { toTimestamp } from '../timestamp.ts'
import type { PoolWidth } from './read-pool.ts'

/** A measured value over time, of one source. */
export interface GaugeSeries {
  readonly gauge: RollupGauge
  readonly source: number
  /** The last measurement, and the most that there can be at that time. */
  readonly last: number
  readonly ceiling: number | null
  readonly highest: number
  /** The highest of each step; null where nothing was measured. */
  readonly values: readonly (number | null)[]
  /** Time (us) and last value of each interval that has one, the oldest first. */
  readonly points: readonly (readonly [atUs: number, value: number])[]
}

interface Row {
  readonly gauge: RollupGauge
  readonly source: number
  readonly seconds: number
  readonly highest: number
  readonly last: number
  readonly ceiling: number | null
}

/**
 * Reads measurements.
 *
 * @throws FlowledgerError `database-unreachable`, `database-failed`
 */
export async function readGauges(
  database: Database,
  query: {
    readonly width: PoolWidth
    readonly fromUs: number
    readonly toUs: number
    readonly stepUs: number
    readonly gauges: readonly RollupGauge[]
    readonly sources?: readonly number[] | undefined
  }
): Promise<readonly GaugeSeries[]> {
  const { width, fromUs, toUs, stepUs } = query
  const rows = await database.query<Row>('read measurements', {
    text: `
      select gauge, source, extract(epoch from at)::float8 as seconds, highest::float8 as highest,
        last::float8 as last, ceiling::float8 as ceiling
      from rollup.gauge_${width}
      where gauge = any($1) and at >= $2 and at < $3 and ($4::int2[] is null or source = any($4))
      order by gauge, source, at`,
    values: [query.gauges, toTimestamp(fromUs), toTimestamp(toUs), query.sources ?? null],
  })
  const steps = Math.round((toUs - fromUs) / stepUs)
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = `${row.gauge} ${row.source}`
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [row])
    else known.push(row)
  }
  return [...groups.values()].flatMap((of) => {
    const last = of.at(-1)
    if (last === undefined) return []
    const values: (number | null)[] = Array.from({ length: steps }, () => null)
    for (const { seconds, highest } of of) {
      const slot = Math.floor((seconds * 1e6 - fromUs) / stepUs)
      values[slot] = Math.max(values[slot] ?? 0, highest)
    }
    return {
      gauge: last.gauge,
      source: last.source,
      last: last.last,
      ceiling: last.ceiling,
      highest: Math.max(...of.map(({ highest }) => highest)),
      values,
      points: of.map((row) => [row.seconds * 1e6 + widthUs[width], row.last] as const),
    }
  })
}

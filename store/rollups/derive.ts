import type pg from 'pg'
import { otherItem, rollupDimensions, rollupGauges, widthUs } from '../../model/rollup.ts'
import type { RollupKeep } from '../../model/reports-settings.ts'
import { toTimestamp } from '../timestamp.ts'

/** Inside hosts of a source that have rows of their own for a day, and each of its hours. */
const hostsKept = 100

/** Days that one pass looks after: the rest waits for the next. */
const daysPerPass = 20

/**
 * Percentiles of the minutes of some hours or days, by source and address. A minute in which the
 * source had rows, but not this address, counts as 0. Nearest rank, as percentile_disc has it.
 */
function percentileSql(width: 'hour' | 'day'): string {
  const mean = `held_us / ${widthUs.minute}::float8`
  return `
    with wanted as (
      select source, to_timestamp(seconds) as at from unnest($1::int2[], $2::float8[])
        as w (source, seconds)
    ), minutes as materialized (
      select w.source, w.at as start, m.at, m.address, m.held_us
      from wanted w join rollup.pool_minute m
        on m.source = w.source and m.at >= w.at and m.at < w.at + interval '1 ${width}'
    ), spans as (
      select source, start, count(distinct at) as n from minutes group by 1, 2
    ), ranked as (
      select source, start, address, ${mean} as ports, n,
        row_number() over (partition by source, start, address order by held_us desc) as place
      from minutes join spans using (source, start)
    ), taken as (
      select source, start, address, max(ports) as most,
        coalesce(max(ports) filter (where place = n - ceil(0.5 * n) + 1), 0) as p50,
        coalesce(max(ports) filter (where place = n - ceil(0.95 * n) + 1), 0) as p95
      from ranked group by 1, 2, 3
    )
    update rollup.pool_${width} p
    set ports_p50 = t.p50, ports_p95 = t.p95, ports_max = greatest(p.ports_max, t.most)
    from taken t
    where p.source = t.source and p.at = t.start and p.address = t.address
      and (p.ports_p50 is null or p.at >= $3)`
}

async function takePercentiles(
  client: pg.ClientBase,
  width: 'hour' | 'day',
  of: readonly { readonly source: number; readonly seconds: number }[],
  keptSinceUs: number
): Promise<void> {
  if (of.length === 0) return
  await client.query({
    name: `percentiles ${width}`,
    text: percentileSql(width),
    values: [
      of.map(({ source }) => source),
      of.map(({ seconds }) => seconds),
      toTimestamp(keptSinceUs),
    ],
  })
}

/** An hour of a source that rows of minutes were written of. */
export interface WrittenHour {
  readonly source: number
  readonly seconds: number
}

/**
 * Computes the percentiles of hours from their minutes, and notes their days for
 * {@link settleDays}. Of hours whose minutes are removed in part already, what is known stays.
 */
export async function deriveHours(
  client: pg.ClientBase,
  hours: readonly WrittenHour[],
  keep: RollupKeep,
  nowUs: number
): Promise<void> {
  await takePercentiles(client, 'hour', hours, nowUs - keep.minute)
  if (hours.length === 0) return
  await client.query({
    name: 'stale days',
    text: `
      insert into rollup.stale (source, at)
      select distinct source, date_trunc('day', to_timestamp(seconds), 'UTC')
      from unnest($1::int2[], $2::float8[]) as w (source, seconds) order by 1, 2
      on conflict do nothing`,
    values: [hours.map(({ source }) => source), hours.map(({ seconds }) => seconds)],
  })
}

/** All but the greatest hosts of the days are added to `other`. */
function trimSql(width: 'hour' | 'day'): string {
  const sums = ['octets', 'reverse_octets', 'packets', 'reverse_packets', 'connections', 'slices']
  const dimension = rollupDimensions.inside
  return `
    with wanted as (
      select source, to_timestamp(seconds) as day from unnest($1::int2[], $2::float8[])
        as w (source, seconds)
    ), ranked as (
      select h.source, h.at, h.item,
        row_number() over (partition by h.source, h.at
          order by h.octets + h.reverse_octets desc, h.item) as place
      from wanted w join rollup.traffic_${width} h
        on h.dimension = ${dimension} and h.source = w.source
          and h.at >= w.day and h.at < w.day + interval '1 day'
      where h.item <> '${otherItem}'
    ), gone as (
      delete from rollup.traffic_${width} h using ranked r
      where h.dimension = ${dimension} and h.at = r.at and h.source = r.source and h.item = r.item
        and r.place > ${hostsKept}
      returning h.*
    )
    insert into rollup.traffic_${width} as t (at, dimension, source, item, ${sums.join(', ')})
    select at, ${dimension}, source, '${otherItem}', ${sums.map((s) => `sum(${s})`).join(', ')}
    from gone group by at, source
    on conflict (dimension, at, source, item) do update
      set ${sums.map((s) => `${s} = t.${s} + excluded.${s}`).join(', ')}`
}

/**
 * Computes the percentiles of days that rows were written of. Of a day that is over for a day, only
 * the greatest inside hosts are kept, and what counted hosts is let go.
 *
 * @param sources those whose writer asks: nobody else writes their rows
 */
export async function settleDays(
  client: pg.ClientBase,
  sources: readonly number[],
  keep: RollupKeep,
  nowUs: number
): Promise<void> {
  const { rows } = await client.query<{ source: number; seconds: number }>(
    `select source, extract(epoch from at)::float8 as seconds from rollup.stale
     where source = any($1) order by source, at limit ${daysPerPass}`,
    [sources]
  )
  await takePercentiles(client, 'day', rows, nowUs - keep.minute)
  const over = rows.filter(({ seconds }) => seconds * 1e6 + 2 * widthUs.day < nowUs)
  if (over.length === 0) return
  const values = [over.map(({ source }) => source), over.map(({ seconds }) => seconds)]
  for (const width of ['hour', 'day'] as const) {
    await client.query({ text: trimSql(width), values })
    await client.query({
      text: `
        update rollup.pool_${width} p set sketch = null
        from unnest($1::int2[], $2::float8[]) as w (source, seconds)
        where p.source = w.source and p.at >= to_timestamp(seconds)
          and p.at < to_timestamp(seconds) + interval '1 day'`,
      values,
    })
  }
  await client.query({
    text: `
      delete from rollup.stale s using unnest($1::int2[], $2::float8[]) as w (source, seconds)
      where s.source = w.source and s.at = to_timestamp(w.seconds)`,
    values,
  })
}

/** Removes rows that are past their time. */
export async function removeOld(
  client: pg.ClientBase,
  keep: RollupKeep,
  nowUs: number
): Promise<void> {
  const dimensions = Object.values(rollupDimensions)
  for (const width of ['minute', 'five_minutes', 'hour', 'day'] as const) {
    const before = toTimestamp(nowUs - keep[width])
    await client.query({
      text: `delete from rollup.traffic_${width} where dimension = any($1) and at < $2`,
      values: [dimensions, before],
    })
    if (width === 'five_minutes') continue
    await client.query(`delete from rollup.pool_${width} where at < $1`, [before])
    await client.query({
      text: `delete from rollup.gauge_${width} where gauge = any($1) and at < $2`,
      values: [Object.values(rollupGauges), before],
    })
  }
}

import type pg from 'pg'
import { rollupWidths } from '../../model/rollup.ts'
import type { RollupWidth } from '../../model/rollup.ts'
import type { TrafficTables } from './traffic-rows.ts'

const sums = ['octets', 'reverse_octets', 'packets', 'reverse_packets', 'connections', 'slices']

/** Adds to a sum, and stops at what int8 holds: no counter that somebody sends ends a commit. */
export function addTo(column: string): string {
  const most = '9223372036854775807'
  return `${column} = case when t.${column} > ${most} - excluded.${column} then ${most}
    else t.${column} + excluded.${column} end`
}

function trafficSql(width: RollupWidth): string {
  return `
    insert into rollup.traffic_${width} as t (at, ${sums.join(', ')}, dimension, source, item)
    select to_timestamp(seconds), ${sums.join(', ')}, dimension, source, item
    from unnest($1::float8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[],
      $7::int8[], $8::int2[], $9::int2[], $10::text[])
      as r (seconds, ${sums.join(', ')}, dimension, source, item)
    order by dimension, seconds, source, item
    on conflict (dimension, at, source, item) do update set ${sums.map(addTo).join(', ')}`
}

/** Adds rows to those that are there, in the caller's transaction. */
export async function writeTraffic(client: pg.ClientBase, tables: TrafficTables): Promise<number> {
  let rows = 0
  for (const width of rollupWidths) {
    const table = tables[width]
    if (table.length === 0) continue
    rows += table.length
    const text = trafficSql(width)
    await client.query({ name: `rollup ${width}`, text, values: table.values() })
  }
  return rows
}

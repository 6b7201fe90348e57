import type pg from 'pg'
import { widthUs } from '../../model/rollup.ts'
import type { RollupGauge } from '../../model/rollup.ts'

/** Something measured: a whole number, and the most that it can be, where there is such a bound. */
export interface GaugeSample {
  readonly gauge: RollupGauge
  readonly value: number
  readonly ceiling?: number
}

const widths = ['minute', 'hour', 'day'] as const

/** Adds measurements of this moment to its minute, hour and day, in the caller's transaction. */
export async function writeGauges(
  client: pg.ClientBase,
  source: number,
  samples: readonly GaugeSample[],
  nowUs: number
): Promise<void> {
  if (samples.length === 0) return
  for (const width of widths) {
    const us = widthUs[width]
    await client.query({
      name: `gauge ${width}`,
      text: `
        insert into rollup.gauge_${width} as t
          (at, total, highest, last, ceiling, samples, source, gauge)
        select to_timestamp($1), value, value, value, ceiling, 1, $2, gauge
        from unnest($3::text[], $4::int8[], $5::int8[]) as r (gauge, value, ceiling)
        order by gauge
        on conflict (gauge, at, source) do update set total = t.total + excluded.total,
          highest = greatest(t.highest, excluded.highest), last = excluded.last,
          ceiling = excluded.ceiling, samples = t.samples + 1`,
      values: [
        (Math.floor(nowUs / us) * us) / 1e6,
        source,
        samples.map(({ gauge }) => gauge),
        samples.map(({ value }) => Math.round(value)),
        samples.map(({ ceiling }) => (ceiling === undefined ? null : Math.round(ceiling))),
      ],
    })
  }
}

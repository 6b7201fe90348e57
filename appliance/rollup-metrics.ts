import type { Registry } from 'prom-client'
import { addRead } from './read-metric.ts'
import type { Rollups } from '../store/rollups/rollups.ts'

const counters: readonly (readonly [
  name: string,
  help: string,
  key: 'rows' | 'refusedItems' | 'cutCounters' | 'longRests',
])[] = [
  ['rows_total', 'Rows of sums written.', 'rows'],
  ['refused_items_total', 'Names, interfaces and hosts put to "other": no room.', 'refusedItems'],
  ['long_rests_total', 'Hours of what was told to last over a month, left out.', 'longRests'],
  ['cut_counters_total', 'Counters of slices cut in sums: no traffic is so much.', 'cutCounters'],
]

/** Puts what is counted while sums are made on the program's registry, by spool. */
export function countRollups(
  registry: Registry,
  spools: Readonly<Record<string, { readonly rollups: Rollups } | undefined>>
): void {
  for (const [name, help, key] of counters) {
    addRead(registry, {
      name: `rollup_${name}`,
      help,
      labels: ['spool'],
      read: () =>
        Object.entries(spools).flatMap(([spool, part]) =>
          part === undefined ? [] : [[{ spool }, part.rollups[key]] as const]
        ),
    })
  }
}

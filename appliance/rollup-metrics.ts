import { Counter } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Rollups } from '../store/rollups/rollups.ts'

const counters: readonly (readonly [
  name: string,
  help: string,
  key: 'rows' | 'refusedItems' | 'cutCounters',
])[] = [
  ['rows_total', 'Rows of sums written.', 'rows'],
  ['refused_items_total', 'Names, interfaces and hosts put to "other": no room.', 'refusedItems'],
  ['cut_counters_total', 'Counters of slices cut in sums: no traffic is so much.', 'cutCounters'],
]

/** Puts what is counted while sums are made on the program's registry, by spool. */
export function countRollups(
  registry: Registry,
  spools: Readonly<Record<string, { readonly rollups: Rollups } | undefined>>
): void {
  for (const [name, help, key] of counters) {
    const counter = new Counter({
      name: `flowledger_rollup_${name}`,
      help,
      labelNames: ['spool'],
      registers: [registry],
      collect() {
        this.reset()
        for (const [spool, part] of Object.entries(spools)) {
          if (part !== undefined) this.inc({ spool }, part.rollups[key])
        }
      },
    })
    counter.reset()
  }
}

import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'

/** A value with what it is of; `{}` where the metric has no labels. */
export type Value = readonly [labels: Record<string, string>, value: number]

/** A metric whose values are counted elsewhere, and read when they are asked for. */
export interface ReadMetric {
  /** Without `flowledger_`. What ends in `_total` is a counter, all else a gauge. */
  readonly name: string
  readonly help: string
  readonly labels?: readonly string[]
  /** Undefined where it cannot be told now: what was told last stands. */
  readonly read: () => Promise<Iterable<Value> | undefined> | Iterable<Value> | undefined
}

/** Puts it on the program's registry. Values are absolute: they take the place of those before. */
export function addRead(registry: Registry, { name, help, labels = [], read }: ReadMetric): void {
  const Metric = name.endsWith('_total') ? Counter : Gauge
  const metric = new Metric({
    name: `flowledger_${name}`,
    help,
    labelNames: labels,
    registers: [registry],
    async collect() {
      const values = await read()
      if (values === undefined) return
      // Nothing is awaited from here on: two scrapes at once would add up.
      this.reset()
      for (const [of, value] of values) this.inc(of, value)
    },
  })
  metric.reset()
}

/** The value of a metric without labels. */
export const single = (value: number | undefined): Value[] | undefined =>
  value === undefined ? undefined : [[{}, value]]

/** Counts by one label, as the values of a metric. */
export const valuesBy = (label: string, counts: Readonly<Record<string, number>>): Value[] =>
  Object.entries(counts).map(([key, count]) => [{ [label]: key }, count])

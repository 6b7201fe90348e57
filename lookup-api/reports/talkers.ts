import { readChoice, reportOf } from './context.ts'
import type { ReportKind } from './context.ts'
import { ratesOf, readNamed, sumsTable, trafficMetrics, trafficUnits } from './traffic-series.ts'

/** Which inside hosts cause most of the traffic: it names people's addresses, so few may ask. */
export const talkers: ReportKind = {
  summary: 'Inside hosts that cause most of the traffic',
  right: 'talkers',
  by: ['inside'],
  metric: trafficMetrics,
  async make(input, context) {
    const { metric } = readChoice(input, ['inside'], trafficMetrics)
    const read = await readNamed(input, context, {
      dimension: 'inside',
      by: 'item',
      metric,
      widths: ['hour', 'day'],
      name: ({ item }) => item,
    })
    return reportOf(read.window, {
      report: 'talkers',
      title: 'Top talkers',
      unit: trafficUnits[metric][0],
      series: ratesOf(read),
      thresholds: [],
      table: sumsTable(read, 'inside host'),
      figures: [],
      notes: [
        'Each time sums are written, hosts below the greatest few hundred are added to "other": ' +
          'the total is exact, a host has at least what is shown.',
      ],
    })
  },
}

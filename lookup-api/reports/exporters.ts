import { readChoice, reportOf, rounded } from './context.ts'
import type { Column, ReportKind } from './context.ts'
import { ratesOf, readNamed, sumsTable, trafficMetrics, trafficUnits } from './traffic-series.ts'
import type { NamedSeries } from './traffic-series.ts'

/** Who tells of connections: how many records and how much traffic each. */
export const exporters: ReportKind = {
  summary: 'Records and traffic by exporter, gateway or other source',
  right: 'reports',
  by: ['source'],
  metric: ['slices', 'octets', 'packets', 'connections'],
  async make(input, context) {
    const metrics = ['slices', ...trafficMetrics.filter((each) => each !== 'slices')] as const
    const { metric } = readChoice(input, ['source'], metrics)
    const read = await readNamed(input, context, {
      dimension: 'total',
      by: 'source',
      metric,
      widths: ['minute', 'five_minutes', 'hour', 'day'],
      name: (_, source) => source,
    })
    const { fromUs, toUs, nowUs } = read.window
    const seconds = Math.max(1, (Math.min(toUs, nowUs) - fromUs) / 1e6)
    const perSecond: Column<NamedSeries> = [
      'records_per_second',
      'records a second',
      'records/s',
      ({ slices }) => rounded(slices / seconds),
    ]
    return reportOf(read.window, {
      report: 'exporters',
      title: 'Records and traffic by source',
      unit: trafficUnits[metric][0],
      series: ratesOf(read),
      thresholds: [],
      table: sumsTable(read, 'source', [perSecond]),
      figures: [],
      notes: [
        'What was lost, and how each exporter is doing, is on the page "Sources", and in ' +
          '/v1/exporters and /v1/coverage.',
      ],
    })
  },
}

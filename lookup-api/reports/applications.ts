import { lineAt, readChoice, reportOf } from './context.ts'
import type { ReportKind } from './context.ts'
import { ratesOf, readNamed, sumsTable, trafficMetrics, trafficUnits } from './traffic-series.ts'

const by = ['application', 'category', 'protocol'] as const

const titles = {
  application: 'Traffic by application',
  category: 'Traffic by category of application',
  protocol: 'Traffic by what is spoken',
} as const

/** What the traffic is: by application, category, or protocol (`tls`, `dns`). */
export const applications: ReportKind = {
  summary: 'Traffic by application, category or protocol',
  right: 'reports',
  by,
  metric: trafficMetrics,
  async make(input, context) {
    const choice = readChoice(input, by, trafficMetrics)
    const read = await readNamed(input, context, {
      dimension: choice.by,
      by: 'item',
      metric: choice.metric,
      widths: ['minute', 'five_minutes', 'hour', 'day'],
      name: ({ item }) => item,
    })
    return reportOf(read.window, {
      report: 'applications',
      title: titles[choice.by],
      unit: trafficUnits[choice.metric][0],
      series: ratesOf(read),
      thresholds:
        choice.metric === 'octets' ? lineAt('traffic', context.settings.thresholds.traffic) : [],
      table: sumsTable(read, choice.by),
      figures: [],
      notes: ['"unknown" is what its source did not name.'],
    })
  },
}

import { formatProtocol } from '../../model/protocol.ts'
import { readPercentiles } from '../../store/rollups/read-percentile.ts'
import type { TrafficQuery, TrafficSeries } from '../../store/rollups/read-traffic.ts'
import type { RollupDimension } from '../../model/rollup.ts'
import { lineAt, readChoice, reportOf, rounded } from './context.ts'
import type { Column, ReportContext, ReportKind } from './context.ts'
import type { Report } from './contract.ts'
import { ratesOf, readNamed, sumsTable, trafficMetrics, trafficUnits } from './traffic-series.ts'
import type { NamedSeries, TrafficRead } from './traffic-series.ts'

const by = ['total', 'source', 'ingress', 'egress', 'transport'] as const

interface Way {
  readonly dimension: RollupDimension
  readonly key: TrafficQuery['by']
  readonly title: string
  readonly what: string
  readonly name: (series: TrafficSeries, source: string) => string
}

/** An interface has a number that means something at its gateway alone. */
const interfaceName = ({ item }: TrafficSeries, source: string): string => `${source} ${item}`

const ways: Readonly<Record<(typeof by)[number], Way>> = {
  total: {
    dimension: 'total',
    key: 'item',
    title: 'Traffic',
    what: 'traffic',
    name: () => 'all',
  },
  source: {
    dimension: 'total',
    key: 'source',
    title: 'Traffic by source',
    what: 'source',
    name: (_, source) => source,
  },
  ingress: {
    dimension: 'ingress',
    key: 'source-item',
    title: 'Traffic by the interface it came in by',
    what: 'interface',
    name: interfaceName,
  },
  egress: {
    dimension: 'egress',
    key: 'source-item',
    title: 'Traffic by the interface it left by',
    what: 'interface',
    name: interfaceName,
  },
  transport: {
    dimension: 'transport',
    key: 'item',
    title: 'Traffic by IP protocol',
    what: 'protocol',
    name: ({ item }) => (/^\d{1,3}$/.test(item) ? formatProtocol(Number(item)) : item),
  },
}

const method =
  '95th percentile (nearest rank) of samples of five minutes, each the mean of its interval, ' +
  'both directions together, from the first sample to the last; an interval without traffic ' +
  'counts as 0'

/** The percentile of the whole, and a column with that of each series. */
async function percentiles(
  context: ReportContext,
  { window, sources, series }: TrafficRead,
  way: Way
): Promise<{ all: number | null; column: Column<NamedSeries>; figure: Report['figures'][number] }> {
  const { fromUs, toUs } = window
  const oldestUs = context.nowUs - context.settings.keep.five_minutes
  const isKept = fromUs >= oldestUs
  const width = isKept ? 'five_minutes' : 'hour'
  const isOneSource = (sources.picked?.length ?? sources.names.size) === 1
  const from = { ...window, fromUs, toUs, width, sources: sources.picked, isOneSource } as const
  const query = { ...from, rank: 0.95 } as const
  const items = series.filter(({ isRest }) => !isRest)
  // Nothing is picked where there is nothing else.
  const isAll = items.length === series.length
  const keys = isAll ? undefined : items.map(({ source, item }) => ({ source, item }))
  const [[whole], each] = await Promise.all([
    readPercentiles(context.database, { ...query, dimension: 'total' }),
    way.what === 'traffic'
      ? []
      : readPercentiles(context.database, {
          ...query,
          dimension: way.dimension,
          by: way.key,
          ...(keys === undefined ? {} : { keys }),
        }),
  ])
  const byKey = new Map(each.map((one) => [`${one.source ?? ''} ${one.item}`, one.octets]))
  const inBits = (octets: number | undefined): number | null =>
    octets === undefined ? null : rounded((octets * 8) / (isKept ? 300 : 3600))
  const all = inBits(whole?.octets)
  return {
    all,
    column: [
      'p95',
      '95th percentile',
      'bit/s',
      ({ source, item, isRest }) => {
        if (isRest) return null
        return way.what === 'traffic' ? all : inBits(byKey.get(`${source ?? ''} ${item}`))
      },
    ],
    figure: {
      key: 'p95',
      title: '95th percentile of traffic',
      value: all,
      unit: 'bit/s',
      method: isKept ? `${method}.` : `${method}; samples are of an hour: finer are kept no more.`,
    },
  }
}

/** How much traffic there is: in all, by source, interface or IP protocol; its 95th percentile. */
export const traffic: ReportKind = {
  summary: 'Traffic in all, by source, interface or IP protocol, and its 95th percentile',
  right: 'reports',
  by,
  metric: trafficMetrics,
  async make(input, context) {
    const choice = readChoice(input, by, trafficMetrics)
    const way = ways[choice.by]
    const read = await readNamed(input, context, {
      dimension: way.dimension,
      by: way.key,
      metric: choice.metric,
      widths: ['minute', 'five_minutes', 'hour', 'day'],
      name: way.name,
    })
    const { column, figure } = await percentiles(context, read, way)
    const isTraffic = choice.metric === 'octets'
    return reportOf(read.window, {
      report: 'traffic',
      title: way.title,
      unit: trafficUnits[choice.metric][0],
      series: ratesOf(read),
      thresholds: isTraffic ? lineAt('traffic', context.settings.thresholds.traffic) : [],
      table: sumsTable(read, way.what, [column]),
      figures: [figure],
      notes: [
        'What two sources saw of the same connections is counted twice: name one as "source".',
      ],
    })
  },
}

import { portsOfAddress } from '../../model/rollup.ts'
import { readDailyPeaks, readPool } from '../../store/rollups/read-pool.ts'
import type { PoolAddress, PoolMetric, PoolWidth } from '../../store/rollups/read-pool.ts'
import { readTraffic } from '../../store/rollups/read-traffic.ts'
import {
  lineAt,
  readChoice,
  readLimit,
  readSources,
  reportOf,
  rounded,
  tableOf,
} from './context.ts'
import type { ReportContext, ReportKind, Sources } from './context.ts'
import type { Report } from './contract.ts'
import { leastPoints, trendOf, untilFull } from './trend.ts'
import { readWindow, secondsOf } from './window.ts'
import type { ReportWindow } from './window.ts'

const dayUs = 86_400e6
/** Whole days that a trend is taken over. */
const trendDays = 30

const metrics = ['mean', 'p95', 'max', 'subscribers', 'connections', 'blocks'] as const

const units: Readonly<Record<PoolMetric, string>> = {
  mean: 'ports',
  p95: 'ports',
  max: 'ports',
  subscribers: 'inside hosts',
  connections: 'connections/s',
  blocks: 'port blocks',
}

/** How evenly the addresses carry what there is. */
function balanceFigure(addresses: readonly PoolAddress[]): Report['figures'][number] {
  const means = addresses.map(({ mean }) => mean)
  const all = means.reduce((sum, mean) => sum + mean, 0)
  const mean = all / Math.max(1, means.length)
  const variance = means.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (means.length || 1)
  return {
    key: 'balance',
    title: 'Unevenness of the pool',
    value: mean > 0 ? rounded(Math.sqrt(variance) / mean) : null,
    unit: '',
    method:
      'Standard deviation of the mean ports in use of each address, divided by their mean: 0 ' +
      'where all carry the same.',
  }
}

interface Forecast {
  readonly byAddress: ReadonlyMap<string, { growth: number | null; daysLeft: number | null }>
  readonly figure: Report['figures'][number]
}

async function forecast(
  context: ReportContext,
  sources: Sources,
  capacity: number
): Promise<Forecast> {
  // Today is not over: its peak may be still to come.
  const toUs = Math.floor(context.nowUs / dayUs) * dayUs
  const { picked } = sources
  const peaks = await readDailyPeaks(context.database, toUs - trendDays * dayUs, toUs, picked)
  const today = toUs / dayUs
  const totals = new Map<number, number>()
  const byAddress = new Map(
    [...peaks].map(([address, points]) => {
      for (const [day, ports] of points) totals.set(day, (totals.get(day) ?? 0) + ports)
      const trend = trendOf(points)
      const growth = trend === undefined ? null : rounded(trend.slope)
      return [address, { growth, daysLeft: wholeDays(untilFull(trend, today, capacity)) }]
    })
  )
  const value = untilFull(trendOf([...totals]), today, capacity * Math.max(1, peaks.size))
  return {
    byAddress,
    figure: {
      key: 'days_left',
      title: 'Days until the pool is full',
      value: wholeDays(value),
      unit: 'days',
      method:
        `Least-squares line through the peaks of the last ${trendDays} whole days (of each ` +
        `address the highest minute, added up), to where it meets ${capacity} ports for each ` +
        `address seen; null where it does not grow, or fewer than ${leastPoints} days are known.`,
    },
  }
}

const wholeDays = (days: number | null): number | null => (days === null ? null : Math.floor(days))

/** How often gateways said that they ran out, by event. */
async function eventFigures(
  context: ReportContext,
  window: ReportWindow,
  { picked }: Sources
): Promise<Report['figures']> {
  const events = await readTraffic(context.database, {
    ...window,
    dimension: 'natEvent',
    by: 'item',
    metric: 'slices',
    sources: picked,
    limit: 20,
  })
  return events.map(({ item, slices }) => ({
    key: `event_${item.replaceAll('-', '_')}`,
    title: item,
    value: slices,
    unit: 'events',
    method: 'How often gateways told of it (RFC 8158), within the time.',
  }))
}

const widths: readonly PoolWidth[] = ['minute', 'hour', 'day']

function notesOf(width: PoolWidth): string[] {
  const of: Readonly<Record<PoolWidth, string>> = {
    minute: 'Percentiles are those of the means of minutes.',
    hour:
      'The p50 of an address is the median of the medians of hours, its p95 the 95th percentile ' +
      'of those of hours; max is the highest minute.',
    day:
      'The p50 of an address is the median of the medians of days, its p95 the 95th percentile ' +
      'of those of days; max is the highest minute.',
  }
  return [
    'Ports in use are mappings held at a time, each for as long as it was held: a port that is ' +
      'shared by mappings towards different destinations counts once for each.',
    'A mapping is counted when its slice is written: those still open follow within the active ' +
      'timeout.',
    of[width],
  ]
}

/** How full the public addresses are, how evenly, and for how long they last. */
export const natPool: ReportKind = {
  summary: 'Ports in use and subscribers of each public address, balance, days until full',
  right: 'reports',
  by: ['address'],
  metric: metrics,
  async make(input, context) {
    const { metric } = readChoice(input, ['address'], metrics)
    const { settings, nowUs } = context
    const window = readWindow(input, nowUs, { widths, keep: settings.keep })
    const width = window.width as PoolWidth
    const sources = await readSources(context, input)
    const query = { ...window, width, sources: sources.picked, metric, limit: readLimit(input) }
    const [addresses, ahead, events] = await Promise.all([
      readPool(context.database, query, nowUs),
      forecast(context, sources, settings.portsPerAddress ?? portsOfAddress),
      eventFigures(context, window, sources),
    ])
    const capacity = settings.portsPerAddress ?? portsOfAddress
    const seconds = secondsOf(window)
    // What is a mean over a step is one over the part of it that was.
    const factor = (i: number): number =>
      metric === 'connections'
        ? 1 / (seconds[i] ?? 1)
        : ['mean', 'blocks'].includes(metric)
          ? window.stepUs / 1e6 / (seconds[i] ?? 1)
          : 1
    return reportOf(window, {
      report: 'nat-pool',
      title: `NAT pool: ${metric === 'mean' ? 'ports in use' : metric} by public address`,
      unit: units[metric],
      series: addresses
        .filter(({ values }) => values.length > 0)
        .map(({ address, values }) => ({
          name: address,
          is_rest: false,
          values: values.map((value, i) => (value === null ? null : rounded(value * factor(i)))),
        })),
      thresholds: ['mean', 'p95', 'max'].includes(metric)
        ? lineAt('ports', settings.thresholds.ports)
        : [],
      table: tableOf<PoolAddress>(
        [
          ['address', 'public address', '', ({ address }) => address],
          ['ports_mean', 'ports in use, mean', 'ports', ({ mean }) => rounded(mean)],
          ['ports_p50', 'p50', 'ports', ({ p50 }) => rounded(p50)],
          ['ports_p95', 'p95', 'ports', ({ p95 }) => rounded(p95)],
          ['ports_max', 'max', 'ports', ({ max }) => rounded(max)],
          ['fill', 'fill at the peak', '', ({ max }) => rounded(max / capacity)],
          ['subscribers', 'inside hosts, most', '', ({ subscribers }) => subscribers],
          ['connections', 'connections begun', '', ({ connections }) => connections],
          ['blocks', 'port blocks, mean', '', ({ blocks }) => rounded(blocks)],
          ['block_ports', 'ports in blocks, mean', 'ports', (each) => rounded(each.blockPorts)],
          [
            'growth',
            'growth a day',
            'ports',
            (one) => ahead.byAddress.get(one.address)?.growth ?? null,
          ],
          [
            'days_left',
            'days left',
            'days',
            (one) => ahead.byAddress.get(one.address)?.daysLeft ?? null,
          ],
        ],
        addresses
      ),
      figures: [balanceFigure(addresses), ahead.figure, ...events],
      notes: notesOf(width),
    })
  },
}

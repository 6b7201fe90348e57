import { rollupWidths } from '../../model/rollup.ts'
import type { RollupDimension, RollupWidth } from '../../model/rollup.ts'
import { readTraffic } from '../../store/rollups/read-traffic.ts'
import type {
  TrafficMetric,
  TrafficQuery,
  TrafficSeries,
} from '../../store/rollups/read-traffic.ts'
import { readLimit, readSources, rounded, tableOf } from './context.ts'
import type { Column, ReportContext, ReportInput, Sources } from './context.ts'
import type { Report, ReportTable } from './contract.ts'
import { readWindow, secondsOf } from './window.ts'
import type { ReportWindow } from './window.ts'

/** What the reports about traffic have in common. */

/** What series can be of, and their unit as rates. */
export const trafficUnits = {
  octets: ['bit/s', 8],
  packets: ['packets/s', 1],
  connections: ['connections/s', 1],
  slices: ['records/s', 1],
} as const satisfies Readonly<Record<TrafficMetric, readonly [unit: string, factor: number]>>

export const trafficMetrics = ['octets', 'packets', 'connections', 'slices'] as const

/** A series with the name that people read. */
export interface NamedSeries extends TrafficSeries {
  readonly name: string
}

/** What was read for a report. */
export interface TrafficRead {
  readonly window: ReportWindow
  readonly series: readonly NamedSeries[]
  readonly metric: TrafficMetric
  readonly sources: Sources
  readonly total: number
}

interface TrafficAsk {
  readonly dimension: RollupDimension
  readonly by: TrafficQuery['by']
  readonly metric: TrafficMetric
  readonly widths: readonly RollupWidth[]
  readonly name: (series: TrafficSeries, sourceName: string) => string
}

/** Both directions of what is asked for. */
export function weightOf(series: TrafficSeries, metric: TrafficMetric): number {
  if (metric === 'octets') return series.octets + series.reverse_octets
  if (metric === 'packets') return series.packets + series.reverse_packets
  return series[metric]
}

/** Reads series and gives them names. */
export async function readNamed(
  input: ReportInput,
  context: ReportContext,
  ask: TrafficAsk
): Promise<TrafficRead> {
  const { dimension, by, metric, widths } = ask
  const kept = { widths, keep: context.settings.keep }
  const window = readWindow(input, context.nowUs, kept)
  const limit = readLimit(input)
  const sources = await readSources(context, input)
  const ageUs = context.nowUs - window.fromUs
  const coarser = rollupWidths.filter((width) => context.settings.keep[width] >= ageUs)
  const query = { ...window, coarser, dimension, by, metric, limit, sources: sources.picked }
  const series = (await readTraffic(context.database, query)).map((each) => {
    const sourceName = sources.names.get(each.source ?? -1) ?? ''
    return { ...each, name: each.isRest ? 'other' : ask.name(each, sourceName) }
  })
  const total = series.reduce((sum, each) => sum + weightOf(each, metric), 0)
  return { window, series, metric, sources, total }
}

/** The series of a report: rates. */
export function ratesOf({ window, series, metric }: TrafficRead): Report['series'] {
  const seconds = secondsOf(window)
  const [, factor] = trafficUnits[metric]
  return series.map(({ name, isRest, values }) => ({
    name,
    is_rest: isRest,
    values: values.map((value, i) => rounded((value * factor) / (seconds[i] ?? 1))),
  }))
}

/** The sums as a table, with what each is a share of. */
export function sumsTable(
  { series, metric, total }: TrafficRead,
  what: string,
  more: readonly Column<NamedSeries>[] = []
): ReportTable {
  return tableOf<NamedSeries>(
    [
      ['name', what, '', ({ name }) => name],
      ['octets', 'octets sent', 'octets', ({ octets }) => octets],
      ['reverse_octets', 'octets answered', 'octets', (each) => each.reverse_octets],
      ['packets', 'packets sent', 'packets', ({ packets }) => packets],
      ['reverse_packets', 'packets answered', 'packets', (each) => each.reverse_packets],
      ['connections', 'connections begun', '', ({ connections }) => connections],
      ['slices', 'records', '', ({ slices }) => slices],
      ['share', 'share', '', (each) => rounded(weightOf(each, metric) / Math.max(1, total))],
      ...more,
    ],
    series
  )
}

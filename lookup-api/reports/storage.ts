import { rollupGauges } from '../../model/rollup.ts'
import { readGauges } from '../../store/rollups/read-gauges.ts'
import type { GaugeSeries } from '../../store/rollups/read-gauges.ts'
import type { PoolWidth } from '../../store/rollups/read-pool.ts'
import { lineAt, readChoice, readSources, reportOf, rounded, tableOf } from './context.ts'
import type { ReportContext, ReportKind, Sources } from './context.ts'
import type { Report } from './contract.ts'
import { leastPoints, trendOf } from './trend.ts'
import { readWindow } from './window.ts'

const dayUs = 86_400e6
const trendDays = 14

const by = ['storage', 'conntrack'] as const
const gaugesOf = {
  storage: [rollupGauges.databaseOctets, rollupGauges.spoolOctets, rollupGauges.freeOctets],
  conntrack: [rollupGauges.conntrackEntries],
} as const

/** The last measurement of each source's disk, and how fast what stands on it grows. */
async function daysFigure(
  context: ReportContext,
  sources: Sources
): Promise<Report['figures'][number]> {
  const { nowUs, database } = context
  const series = await readGauges(database, {
    width: 'hour',
    fromUs: nowUs - trendDays * dayUs,
    toUs: nowUs,
    stepUs: dayUs,
    gauges: gaugesOf.storage,
    sources: sources.picked,
  })
  const left = series
    .filter(({ gauge }) => gauge === rollupGauges.freeOctets)
    .flatMap(({ source, last }) => {
      const growing = series.filter(
        (each) => each.source === source && each.gauge !== rollupGauges.freeOctets
      )
      const trends = growing.map(({ points }) => trendOf(points))
      const perUs = trends.reduce((sum, trend) => sum + (trend?.slope ?? 0), 0)
      return perUs > 0 ? last / perUs / dayUs : []
    })
  return {
    key: 'storage_days_left',
    title: 'Days of storage left',
    value: left.length === 0 ? null : rounded(Math.min(...left)),
    unit: 'days',
    method:
      `Least-squares lines through the sizes of database and spool in the hours of the last ` +
      `${trendDays} days; what is free now, divided by their growth together. Of several sources ` +
      `the one that is full first; null where nothing grows, or fewer than ${leastPoints} hours ` +
      'are known. A database on a server of its own is not counted: its disk is not known here.',
  }
}

function fillFigures(series: readonly GaugeSeries[], names: Sources['names']): Report['figures'] {
  return series.map(({ source, highest, ceiling }) => ({
    key: `conntrack_fill_${source}`,
    title: `Fill of ${names.get(source) ?? ''}'s connection tracking table, at its highest`,
    value: ceiling === null || ceiling === 0 ? null : rounded(highest / ceiling),
    unit: '',
    method: 'nf_conntrack_count divided by nf_conntrack_max: at 1 the kernel refuses connections.',
  }))
}

/** How much room there is: on disk, and in the connection tracking table. */
export const storage: ReportKind = {
  summary:
    'Sizes of database and spool, days of storage left; fill of the connection tracking table',
  right: 'reports',
  by,
  metric: ['highest'],
  async make(input, context) {
    const choice = readChoice(input, by, ['highest'])
    const { settings, nowUs } = context
    const window = readWindow(input, nowUs, {
      widths: ['minute', 'hour', 'day'],
      keep: settings.keep,
    })
    const sources = await readSources(context, input)
    const series = await readGauges(context.database, {
      ...window,
      width: window.width as PoolWidth,
      gauges: gaugesOf[choice.by],
      sources: sources.picked,
    })
    const isStorage = choice.by === 'storage'
    const fill = settings.thresholds.conntrackFill
    const ceiling = Math.max(0, ...series.map((each) => each.ceiling ?? 0))
    const lines = fill === undefined || ceiling === 0 ? undefined : fill * ceiling
    const days = isStorage ? [await daysFigure(context, sources)] : []
    const least = settings.thresholds.storageDays
    const few = days.filter(({ value }) => value !== null && least !== undefined && value < least)
    return reportOf(window, {
      report: 'storage',
      title: isStorage ? 'Storage' : 'Entries of the connection tracking table',
      unit: isStorage ? 'octets' : 'entries',
      series: series.map(({ source, gauge, values }) => ({
        name: `${sources.names.get(source) ?? ''} ${gauge}`,
        is_rest: false,
        values: [...values],
      })),
      thresholds: isStorage ? [] : lineAt('conntrack_fill', lines),
      table: tableOf<GaugeSeries>(
        [
          ['source', 'source', '', (each) => sources.names.get(each.source) ?? ''],
          ['gauge', 'what', '', (each) => each.gauge],
          ['last', 'last', isStorage ? 'octets' : 'entries', (each) => each.last],
          ['highest', 'highest', isStorage ? 'octets' : 'entries', (each) => each.highest],
          ['ceiling', 'room', isStorage ? 'octets' : 'entries', (each) => each.ceiling],
        ],
        series
      ),
      figures: isStorage ? days : fillFigures(series, sources.names),
      notes: few.map(({ value }) => `Storage lasts ${value} days: fewer than the ${least} set.`),
    })
  },
}

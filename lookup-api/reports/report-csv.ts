import { sheetLine } from '../csv.ts'
import type { Report } from './contract.ts'

/** The plot as a table: a line for each step, a column for each series. */
export function seriesCsv({ times, series }: Report): string {
  const head = sheetLine(['time', ...series.map(({ name }) => name)])
  const rows = times.map((time, i) =>
    sheetLine([time, ...series.map(({ values }) => values[i] ?? null)])
  )
  return [head, ...rows].join('')
}

/** The table of a report. */
export function tableCsv({ table: { columns, rows } }: Report): string {
  const head = sheetLine(columns.map(({ key }) => key))
  return [head, ...rows.map((row) => sheetLine(columns.map(({ key }) => row[key] ?? null)))].join(
    ''
  )
}

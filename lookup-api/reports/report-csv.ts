import { csvLine } from '../csv.ts'
import type { Cell, Report } from './contract.ts'

/**
 * What a spreadsheet would run as a formula is kept as text by an apostrophe in front: names in
 * reports come from attackers (OWASP, "CSV Injection").
 */
function harmless(cell: Cell): Cell {
  return typeof cell === 'string' && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
}

const line = (cells: readonly Cell[]): string => csvLine(cells.map(harmless))

/** The plot as a table: a line for each step, a column for each series. */
export function seriesCsv({ times, series }: Report): string {
  const head = line(['time', ...series.map(({ name }) => name)])
  const rows = times.map((time, i) =>
    line([time, ...series.map(({ values }) => values[i] ?? null)])
  )
  return [head, ...rows].join('')
}

/** The table of a report. */
export function tableCsv({ table: { columns, rows } }: Report): string {
  const head = line(columns.map(({ key }) => key))
  return [head, ...rows.map((row) => line(columns.map(({ key }) => row[key] ?? null)))].join('')
}

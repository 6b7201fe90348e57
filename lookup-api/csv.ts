import { sheetCell } from '../model/sheet-cell.ts'

/**
 * CSV as RFC 4180 has it: commas, double quotes, a quote in a quoted field doubled; lines end in LF
 * or CRLF.
 */

/** A line of a table; `cells` is undefined where its quotes do not match. */
export interface CsvLine {
  /** Counted from 1, the header included. */
  readonly line: number
  readonly cells: readonly string[] | undefined
}

/** One field: quoted, or bare up to the next comma. Sticky, so that nothing is passed over. */
const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y

/**
 * The cells of a line; undefined where its quotes do not match. A field that spans lines is not
 * known here: no column of ours needs one, and so an open quote costs its own line and none after.
 */
export function readCells(text: string): string[] | undefined {
  const cells: string[] = []
  field.lastIndex = 0
  for (;;) {
    const match = field.exec(text)
    if (match === null) return undefined
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (match[3] === '') return cells
  }
}

/**
 * Reads a table line by line. An open quote costs its own line, see {@link readCells}. Empty lines
 * are passed over.
 */
export function* readCsv(text: string): Generator<CsvLine> {
  // A spreadsheet's export begins with a byte order mark.
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  for (const [index, line] of lines.entries()) {
    if (line !== '') yield { line: index + 1, cells: readCells(line) }
  }
}

/**
 * One line of a table, with its line feed. Line breaks in a cell become spaces, since
 * {@link readCells} would not take them back.
 */
export function csvLine(cells: readonly (string | number | boolean | null)[]): string {
  const written = cells.map((cell) => {
    const value = String(cell ?? '').replaceAll(/[\r\n]+/g, ' ')
    return /[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
  })
  return `${written.join(',')}\n`
}

/** As {@link csvLine}, for what people open in a spreadsheet: see {@link sheetCell}. */
export function sheetLine(cells: readonly (string | number | boolean | null)[]): string {
  return csvLine(cells.map((cell) => (typeof cell === 'string' ? sheetCell(cell) : cell)))
}

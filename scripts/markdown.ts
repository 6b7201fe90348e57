/** One row of a table; what would end a cell is escaped. */
export const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`

/** A table of rows that {@link row} made. */
export const tableOf = (head: readonly string[], rows: readonly string[]): string =>
  [row(head), `|${'---|'.repeat(head.length)}`, ...rows].join('\n')

/** Values of one row; more come of a file that is something else. */
const maxColumns = 256

/**
 * Cuts a line of CSV (RFC 4180): quotes around a value, doubled quotes within.
 *
 * @returns undefined where quotes do not close, stand in the middle of a value, or there are too
 *   many values
 */
export function csvValues(line: string, separator = ','): string[] | undefined {
  if (!line.includes('"')) {
    const values = line.split(separator, maxColumns + 1)
    return values.length > maxColumns ? undefined : values
  }
  const values: string[] = []
  let at = 0
  while (values.length < maxColumns) {
    if (line.charAt(at) === '"') {
      const end = closingQuote(line, at + 1)
      if (end < 0) return undefined
      values.push(line.slice(at + 1, end).replaceAll('""', '"'))
      at = end + 1
    } else {
      const next = line.indexOf(separator, at)
      const end = next < 0 ? line.length : next
      const value = line.slice(at, end)
      if (value.includes('"')) return undefined
      values.push(value)
      at = end
    }
    if (at >= line.length) return values
    if (line.charAt(at) !== separator) return undefined
    at++
    if (at === line.length) {
      values.push('')
      return values
    }
  }
  return undefined
}

function closingQuote(line: string, from: number): number {
  let at = line.indexOf('"', from)
  while (at >= 0 && line.charAt(at + 1) === '"') at = line.indexOf('"', at + 2)
  return at
}

/** The character that parts the names of a header: a comma, a semicolon or a tab. */
export function separatorOf(header: string): string {
  return [',', ';', '\t'].find((each) => header.includes(each)) ?? ','
}

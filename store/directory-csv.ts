import { readFile, stat } from 'node:fs/promises'
import { keyColumns } from '../model/directory-sources.ts'
import type { DirectoryColumns } from '../model/directory-sources.ts'
import { FlowledgerError } from '../model/errors.ts'
import { readState } from './directory-record.ts'
import type { Cell, DirectoryState } from './directory-record.ts'

/** Octets of a file that is read: some millions of subscribers. */
const maxFileBytes = 256 << 20
/** Characters of one cell, and cells of one row. */
const maxCell = 10_000
const maxCells = 500

function invalid(path: string, what: string, fix: string): FlowledgerError {
  return new FlowledgerError('directory-invalid', `${path} ${what}.`, { fix })
}

/**
 * Cuts a CSV text into rows (RFC 4180: cells in quotes may hold delimiters, line breaks and doubled
 * quotes). Empty lines are passed over.
 *
 * @throws FlowledgerError `directory-invalid` with the line, where a quote is not closed or a row
 *   is too large
 */
export function* csvRows(text: string, delimiter: string, path: string): Generator<string[]> {
  let at = text.startsWith('\u{feff}') ? 1 : 0
  let line = 1
  while (at < text.length) {
    const row: string[] = []
    const firstLine = line
    for (let more = true; more;) {
      let cell = ''
      if (text[at] === '"') {
        const end = quotedEnd(text, at)
        if (end < 0) {
          throw invalid(path, `has a quote in line ${firstLine} that is not closed`, 'Mend it.')
        }
        cell = text.slice(at + 1, end).replaceAll('""', '"')
        line += countBreaks(cell)
        at = end + 1
      }
      const end = cellEnd(text, at, delimiter)
      cell += text.slice(at, end)
      if (cell.length > maxCell || row.length >= maxCells) {
        throw invalid(path, `has a row in line ${firstLine} that is too large`, 'Is it a CSV file?')
      }
      row.push(cell)
      more = text[end] === delimiter
      at = end + 1
    }
    if (text[at - 1] === '\r' && text[at] === '\n') at++
    line++
    if (row.length > 1 || row[0] !== '') yield row
  }
}

function countBreaks(text: string): number {
  let breaks = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) breaks++
  return breaks
}

/** The place of the quote that closes the one at `at`; -1 where there is none. */
function quotedEnd(text: string, at: number): number {
  let end = text.indexOf('"', at + 1)
  while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2)
  return end
}

function cellEnd(text: string, from: number, delimiter: string): number {
  let at = from
  while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') at++
  return at
}

/** Every column that the configuration names. */
function namedColumns(columns: DirectoryColumns): string[] {
  return Object.values(columns).flatMap((each) => each ?? [])
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size > maxFileBytes) {
      throw invalid(path, 'is larger than 256 MiB', 'Leave out columns, or load it by SQL.')
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (error) {
    if (error instanceof FlowledgerError) throw error
    if (error instanceof TypeError) {
      throw invalid(path, 'is not UTF-8', 'Convert it: iconv -f latin1 -t utf-8.')
    }
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    throw invalid(path, `cannot be read (${code})`, 'Name a file that can be read.')
  }
}

/** Columns that are called what they are. */
function columnsOfHeader(header: readonly string[], path: string): DirectoryColumns {
  const has = (name: string): boolean => header.includes(name)
  if (!has('id') || !Object.keys(keyColumns).some(has)) {
    const fix =
      'Call them id, name, contact, shared, valid_from, valid_to, ' +
      `${Object.keys(keyColumns).join(', ')}, or name them in the configuration (directory).`
    throw invalid(path, 'does not call its columns what they are', fix)
  }
  const known = ['name', 'contact', 'shared', 'valid_from', 'valid_to', ...Object.keys(keyColumns)]
  return { id: 'id', ...Object.fromEntries(known.filter(has).map((name) => [name, name])) }
}

/**
 * Reads a directory from a CSV file whose first row names the columns.
 *
 * @param given `columns` left out: they are called what they are
 * @throws FlowledgerError `directory-invalid`: not a file that can be taken; nothing of it is
 */
export async function readCsvDirectory(
  path: string,
  given: { readonly columns?: DirectoryColumns | undefined; readonly delimiter: string }
): Promise<DirectoryState> {
  const rows = csvRows(await readText(path), given.delimiter, path)
  const header: string[] = rows.next().value?.map((cell: string) => cell.trim()) ?? []
  const columns = given.columns ?? columnsOfHeader(header, path)
  const missing = namedColumns(columns).filter((column) => !header.includes(column))
  if (missing.length > 0) {
    const has = header.slice(0, 20).join(', ')
    throw invalid(path, `has no column ${missing.join(', ')}`, `It has: ${has}.`)
  }
  const places = new Map(header.map((column, i) => [column, i]))
  return readState(columns, cellsOf(rows, places))
}

function* cellsOf(rows: Iterable<string[]>, places: ReadonlyMap<string, number>): Generator<Cell> {
  for (const row of rows) {
    yield (column) => {
      const text = row[places.get(column) ?? -1]?.trim()
      return text === '' ? undefined : text
    }
  }
}

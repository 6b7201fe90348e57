import type pg from 'pg'
import type { DirectoryColumns } from '../model/directory-sources.ts'
import { FlowledgerError } from '../model/errors.ts'
import { connect } from './connect.ts'
import { queryError } from './database-error.ts'
import { readState } from './directory-record.ts'
import type { Cell, DirectoryState } from './directory-record.ts'

/** Rows of one query that are taken, and how long it may run. */
const maxRows = 5_000_000
const timeoutMs = 300_000

/** Every value as PostgreSQL writes it: a number or time of another type is a text here. */
const asText = { getTypeParser: () => (text: unknown) => text } as unknown as pg.CustomTypesConfig

/**
 * Reads a directory from another PostgreSQL, by a query of the operator's, in a transaction that
 * may read and nothing else.
 *
 * @throws FlowledgerError `directory-invalid`, `database-unreachable`, `database-failed`
 */
export async function readSqlDirectory(
  url: string,
  { columns, query }: { columns: DirectoryColumns; query: string }
): Promise<DirectoryState> {
  const client = await connect(url)
  try {
    await client.query('begin read only')
    await client.query(`set local statement_timeout = ${timeoutMs}`)
    await client.query("set local timezone = 'UTC'")
    await client.query("set local datestyle = 'ISO'")
    // Within parentheses it can only be one statement, and one that gives rows.
    const bare = query.trim().replace(/;$/, '')
    const { rows, fields } = await client.query<Record<string, string | null>>({
      text: `select * from (\n${bare}\n) directory limit ${maxRows + 1}`,
      types: asText,
    })
    requireColumns(columns, fields)
    if (rows.length > maxRows) {
      const what = `The query gives more than ${maxRows} rows.`
      throw new FlowledgerError('directory-invalid', what, { fix: 'Narrow it.' })
    }
    return readState(columns, cellsOf(rows))
  } catch (error) {
    throw queryError(error, 'give the directory')
  } finally {
    await client.end().catch(() => {})
  }
}

function requireColumns(columns: DirectoryColumns, fields: readonly pg.FieldDef[]): void {
  const has = new Set(fields.map(({ name }) => name))
  const named = Object.values(columns).flatMap((each) => each ?? [])
  const missing = named.filter((column) => !has.has(column))
  if (missing.length === 0) return
  const what = `The query gives no column ${missing.join(', ')}.`
  throw new FlowledgerError('directory-invalid', what, { fix: `It gives: ${[...has].join(', ')}.` })
}

function* cellsOf(rows: Iterable<Record<string, string | null>>): Generator<Cell> {
  for (const row of rows) {
    yield (column) => {
      const text = row[column]?.trim()
      return text === '' ? undefined : text
    }
  }
}

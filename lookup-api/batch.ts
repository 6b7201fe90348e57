import { didYouMean } from '../model/did-you-mean.ts'
import { maxBatchLookups } from '../model/limits.ts'
import { readCsv } from './csv.ts'
import { ProblemError } from './problem.ts'
import { lookupFields } from './query.ts'
import type { LookupInput } from './query.ts'

/** A row of a batch: a question, or why it cannot be read. One bad row costs none of the others. */
export interface BatchRow {
  /** Counted from 1, without the header of a table. */
  readonly row: number
  /** What the caller calls it. */
  readonly id: string | number | null
  readonly input: LookupInput
  readonly error?: ProblemError
}

export const batchTypes = ['ndjson', 'csv'] as const

export type BatchType = (typeof batchTypes)[number]

const known: readonly string[] = ['id', ...lookupFields]
const maxIdLength = 200

function badRow(row: number, id: BatchRow['id'], detail: string, name = ''): BatchRow {
  const errors = [{ pointer: `#/${name.slice(0, 60)}`, detail }]
  const message = name === '' ? detail : `"${name.slice(0, 60)}" ${detail}`
  return { row, id, input: {}, error: new ProblemError(400, 'usage', message, { errors }) }
}

/** The members of an object as a question; numbers are taken for their digits. */
function rowOf(row: number, members: Readonly<Record<string, unknown>>): BatchRow {
  const { id: givenId = null, ...rest } = members
  const scalar = givenId === null || typeof givenId === 'number' || typeof givenId === 'string'
  if (!scalar || String(givenId).length > maxIdLength) {
    return badRow(row, null, 'is text or a number of at most 200 characters.', 'id')
  }
  const id = givenId
  const input: Record<string, string> = {}
  for (const [name, value] of Object.entries(rest)) {
    if (!known.includes(name)) {
      return badRow(row, id, `is not a column.${didYouMean(name, known)}`, name)
    }
    if (value === null) continue
    if (typeof value !== 'string' && typeof value !== 'number') {
      return badRow(row, id, 'is neither text nor a number.', name)
    }
    input[name] = String(value)
  }
  return { row, id, input }
}

function jsonRow(row: number, line: string): BatchRow {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return badRow(row, null, 'The line is not JSON.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return badRow(row, null, 'The line is not an object.')
  }
  return rowOf(row, value as Record<string, unknown>)
}

/** The header of a table; a wrong one makes every row wrong, so it is an error of the request. */
function checkHeader(header: readonly string[] | undefined): readonly string[] {
  if (header === undefined) {
    throw new ProblemError(400, 'usage', 'The first line is no header: its quotes do not match.')
  }
  for (const [index, name] of header.entries()) {
    const repeated = header.indexOf(name) !== index
    const wrong = repeated ? 'stands twice.' : `is not a column.${didYouMean(name, known)}`
    if (repeated || !known.includes(name)) {
      const errors = [{ pointer: `#/${name.slice(0, 60)}`, detail: wrong }]
      throw new ProblemError(400, 'usage', `"${name.slice(0, 60)}" ${wrong}`, { errors })
    }
  }
  return header
}

function csvRows(text: string): BatchRow[] {
  const [first, ...lines] = readCsv(text)
  if (first === undefined) return []
  const header = checkHeader(first.cells?.map((name) => name.trim()))
  return lines.map(({ cells }, index) => {
    const row = index + 1
    if (cells === undefined) return badRow(row, null, 'The quotes of the line do not match.')
    if (cells.length !== header.length) {
      return badRow(row, null, `The line has ${cells.length} cells, the header ${header.length}.`)
    }
    return rowOf(row, Object.fromEntries(header.map((name, i) => [name, cells[i]])))
  })
}

/**
 * Reads the rows of a batch.
 *
 * @throws ProblemError 400 where there is no row or the header is wrong; 413 for too many rows
 */
export function readBatch(text: string, type: BatchType): BatchRow[] {
  // Lines are counted before any is read: a body of four million line feeds must cost nothing.
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const rows = lines.length - (type === 'csv' ? 1 : 0)
  if (rows < 1) throw new ProblemError(400, 'usage', 'There is no row in the body.')
  if (rows > maxBatchLookups) {
    const message = `A batch has at most ${maxBatchLookups} rows, this one has ${rows}.`
    throw new ProblemError(413, 'too-large', message)
  }
  return type === 'csv'
    ? csvRows(lines.join('\n'))
    : lines.map((line, index) => jsonRow(index + 1, line))
}

import { didYouMean } from '../model/did-you-mean.ts'
import { maxBatchLookups, maxLineBytes } from '../model/limits.ts'
import type { BodyLine } from './body-lines.ts'
import { readCells } from './csv.ts'
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
function checkHeader(line: BodyLine | undefined): readonly string[] {
  if (line === undefined) throw new ProblemError(400, 'usage', 'There is no row in the body.')
  const header = line.tooLong ? undefined : readCells(line.text)?.map((name) => name.trim())
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

/** The cells of a line of a table as a row. */
function csvRow(row: number, line: string, header: readonly string[]): BatchRow {
  const cells = readCells(line)
  if (cells === undefined) return badRow(row, null, 'The quotes of the line do not match.')
  if (cells.length !== header.length) {
    return badRow(row, null, `The line has ${cells.length} cells, the header ${header.length}.`)
  }
  return rowOf(row, Object.fromEntries(header.map((name, i) => [name, cells[i]])))
}

/** A row in the place of the one that is too many; the batch ends with it. */
function lastRow(row: number): BatchRow {
  const message = `A batch has at most ${maxBatchLookups} rows; this one and those after are left.`
  return { row, id: null, input: {}, error: new ProblemError(413, 'too-large', message) }
}

/** Undefined at the end. */
async function nextLine(lines: AsyncIterator<BodyLine>): Promise<BodyLine | undefined> {
  const next = await lines.next()
  return next.done === true ? undefined : next.value
}

async function* rowsAfter(
  first: BodyLine,
  lines: AsyncIterator<BodyLine>,
  parse: (row: number, line: string) => BatchRow
): AsyncGenerator<BatchRow> {
  let row = 0
  for (let line: BodyLine | undefined = first; line !== undefined; line = await nextLine(lines)) {
    row++
    if (row > maxBatchLookups) {
      yield lastRow(row)
      return
    }
    yield line.tooLong
      ? badRow(row, null, `The line has more than ${maxLineBytes} characters.`)
      : parse(row, line.text)
  }
}

/**
 * Reads the rows of a batch as they come. Blank lines are passed over and not counted. What cannot
 * be a batch at all is known when this returns: the header was read, and there is a row.
 *
 * @throws ProblemError 400 where there is no row or the header is wrong
 */
export async function openBatch(
  lines: AsyncIterator<BodyLine>,
  type: BatchType
): Promise<AsyncGenerator<BatchRow>> {
  const header = type === 'csv' ? checkHeader(await nextLine(lines)) : []
  const first = await nextLine(lines)
  if (first === undefined) throw new ProblemError(400, 'usage', 'There is no row in the body.')
  const parse = type === 'csv' ? (row: number, line: string) => csvRow(row, line, header) : jsonRow
  return rowsAfter(first, lines, parse)
}

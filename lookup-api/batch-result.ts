import { z } from 'zod'
import type { BatchRow, BatchType } from './batch.ts'
import { answerSchema } from './contract.ts'
import type { Answer } from './contract.ts'
import { csvLine, sheetLine } from './csv.ts'
import { boundsOf } from './format.ts'
import { problemSchema } from './problem.ts'
import type { Problem } from './problem.ts'

/** A row of the answer to a batch, as NDJSON has it. */
export const resultSchema = z.object({
  row: z.number().int(),
  id: z.union([z.string(), z.number()]).nullable(),
  status: z.number().int().describe('as if the row had been asked alone'),
  answer: answerSchema.optional(),
  problem: problemSchema.optional(),
})

/** What became of a row; `status` as if it had been asked alone. */
export interface RowResult {
  readonly row: number
  readonly id: BatchRow['id']
  readonly status: number
  readonly answer?: Answer
  readonly problem?: Problem
}

const columns = [
  'row',
  'id',
  'status',
  'verdict',
  'candidates',
  'inside',
  'start',
  'end',
  'records',
]

const header = csvLine([...columns, 'audit_id', 'problem'])

/**
 * A row of a table. Every host stands in `inside`, not the first alone: who reads one column must
 * not take the best of several for the only one.
 */
function csvRow({ row, id, status, answer, problem }: RowResult): string {
  const candidates = answer?.candidates ?? []
  const [only] = candidates.length === 1 ? candidates : []
  return sheetLine([
    row,
    id,
    status,
    answer?.verdict ?? null,
    answer?.candidate_count ?? null,
    candidates.map(({ inside }) => inside.ip).join(' '),
    ...(only === undefined ? [null, null] : boundsOf(only)),
    candidates.flatMap(({ links }) => links.map(({ record }) => record)).join(' '),
    answer?.audit_id ?? null,
    problem?.detail ?? null,
  ])
}

/** How a table is written: what stands before the rows, each row, and what it is called. */
export interface ResultWriter {
  readonly mediaType: string
  readonly header: string
  row(result: RowResult): string
}

export const resultWriters: Readonly<Record<BatchType, ResultWriter>> = {
  csv: { mediaType: 'text/csv; charset=utf-8', header, row: csvRow },
  ndjson: {
    mediaType: 'application/x-ndjson',
    header: '',
    row: (result) => `${JSON.stringify(result)}\n`,
  },
}

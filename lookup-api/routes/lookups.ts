import { Hono } from 'hono'
import { stream } from 'hono/streaming'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import type { Principal } from '../../model/principal.ts'
import { recordFailure } from '../answer.ts'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import type { RouteContext } from '../api-dependencies.ts'
import { readBatch } from '../batch.ts'
import type { BatchRow, BatchType } from '../batch.ts'
import { answerSchema } from '../contract.ts'
import type { Answer } from '../contract.ts'
import { csvLine } from '../csv.ts'
import { describeV1 } from '../openapi.ts'
import { readParameters } from '../parameters.ts'
import { ProblemError, problemOf, problemSchema } from '../problem.ts'
import type { Problem } from '../problem.ts'
import { countedAnswer } from './lookup.ts'

/** Rows of a batch that are answered at a time. */
const rowsAtOnce = 8

/** Batches that are answered at a time: each of them takes the ledger's connections for long. */
const batchesAtOnce = 4

const tooMany = (): ProblemError =>
  new ProblemError(429, 'too-many-requests', `There are ${batchesAtOnce} batches under way.`, {
    headers: { 'Retry-After': '10' },
  })

const resultSchema = z.object({
  row: z.number().int(),
  id: z.union([z.string(), z.number()]).nullable(),
  status: z.number().int().describe('as if the row had been asked alone'),
  answer: answerSchema.optional(),
  problem: problemSchema.optional(),
})

interface RowResult {
  readonly row: number
  readonly id: BatchRow['id']
  readonly status: number
  readonly answer?: Answer
  readonly problem?: Problem
}

const mediaTypes: Readonly<Record<string, BatchType>> = {
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'text/csv': 'csv',
}

function inputType(header: string | undefined): BatchType {
  const type = mediaTypes[header?.split(';')[0]?.trim().toLowerCase() ?? '']
  if (type !== undefined) return type
  const message = 'Send the rows as application/x-ndjson or as text/csv.'
  throw new ProblemError(415, 'unsupported-media-type', message)
}

/** The kind of table that is wanted back: what `Accept` names, else what was sent. */
function outputType(accept: string | undefined, sent: BatchType): BatchType {
  const named = (accept ?? '').split(',').map((part) => part.split(';')[0]?.trim().toLowerCase())
  return named.map((type) => mediaTypes[type ?? '']).find((type) => type !== undefined) ?? sent
}

/** One row, whatever becomes of it: an error is that row's alone. */
async function answerRow(
  row: BatchRow,
  context: RouteContext,
  principal: Principal
): Promise<RowResult> {
  const { deps } = context
  const name = { row: row.row, id: row.id }
  try {
    if (row.error === undefined) {
      return { ...name, status: 200, answer: await countedAnswer(row.input, context, principal) }
    }
    await recordFailure(row.error, row.input, deps, principal)
    throw row.error
  } catch (error) {
    const problem = problemOf(error)
    if (problem.status >= 500) deps.onError?.(error)
    return { ...name, status: problem.status, problem }
  }
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

/**
 * A row of a table. Every host stands in `inside`, not the first alone: who reads one column must
 * not take the best of several for the only one.
 */
function csvRow({ row, id, status, answer, problem }: RowResult): string {
  const candidates = answer?.candidates ?? []
  const [only] = candidates.length === 1 ? candidates : []
  return csvLine([
    row,
    id,
    status,
    answer?.verdict ?? null,
    answer?.candidate_count ?? null,
    candidates.map(({ inside }) => inside.ip).join(' '),
    only?.start ?? null,
    only?.end ?? null,
    candidates.flatMap(({ links }) => links.map(({ record }) => record)).join(' '),
    answer?.audit_id ?? null,
    problem?.detail ?? null,
  ])
}

const header = csvLine([...columns, 'audit_id', 'problem'])

/** `POST /v1/lookups`: many questions, a row of answer for each, in their order, as they come. */
export function lookupsRoute(context: RouteContext): Hono<ApiEnv> {
  const description = describeV1({
    summary: 'One answer a row, in the order of the rows',
    description:
      'Columns or members: id, and the parameters of /v1/lookup. Rows come back as NDJSON or CSV.',
    body: ['application/x-ndjson', 'text/csv'],
    response: resultSchema,
    problems: [413, 415, 429],
  })
  let streaming = 0
  return new Hono<ApiEnv>().post(
    '/lookups',
    describeRoute(description),
    requireRight('lookup'),
    async (c) => {
      readParameters(c.req.queries(), z.object({}))
      const sent = inputType(c.req.header('Content-Type'))
      const rows = readBatch(await c.req.text(), sent)
      if (streaming >= batchesAtOnce) throw tooMany()
      streaming++
      const wanted = outputType(c.req.header('Accept'), sent)
      const write = wanted === 'csv' ? csvRow : (row: RowResult) => `${JSON.stringify(row)}\n`
      c.header(
        'Content-Type',
        wanted === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson'
      )
      const principal = c.get('principal')
      return stream(c, async (out) => {
        try {
          if (wanted === 'csv') await out.write(header)
          // Who has gone away gets no more answers, and none more are written to the audit.
          for (let at = 0; at < rows.length && !out.aborted; at += rowsAtOnce) {
            const some = rows.slice(at, at + rowsAtOnce)
            const results = await Promise.all(some.map((row) => answerRow(row, context, principal)))
            await out.write(results.map(write).join(''))
          }
        } finally {
          streaming--
        }
      })
    }
  )
}

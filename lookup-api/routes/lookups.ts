import type { ReadableStream } from 'node:stream/web'
import { Hono } from 'hono'
import type { Context } from 'hono'
import { stream } from 'hono/streaming'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import { maxBatchBytes } from '../../model/limits.ts'
import type { Principal } from '../../model/principal.ts'
import { recordFailure } from '../answer.ts'
import type { RouteContext } from '../api-dependencies.ts'
import { requireRight, requireWithinLimit } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import { openBatch } from '../batch.ts'
import type { BatchRow, BatchType } from '../batch.ts'
import { resultSchema, resultWriters } from '../batch-result.ts'
import type { RowResult } from '../batch-result.ts'
import { bodyLines } from '../body-lines.ts'
import { inOrder } from '../in-order.ts'
import { describeV1 } from '../openapi.ts'
import { readParameters } from '../parameters.ts'
import { ProblemError, problemOf } from '../problem.ts'
import { SharedReads } from '../shared-reads.ts'
import { countedAnswer } from './lookup.ts'

/** Rows of a batch under way at a time; they share round trips, see {@link SharedReads}. */
const rowsAtOnce = 256

/** Batches that are answered at a time: each of them takes the ledger's connections for long. */
const batchesAtOnce = 4

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

/** The problem of a row, or of the rest of a batch, in the form of a row. */
function failedRow(row: number, id: BatchRow['id'], error: unknown, context: RouteContext) {
  const problem = problemOf(error)
  if (problem.status >= 500) context.deps.onError?.(error)
  return { row, id, status: problem.status, problem }
}

/** One row, whatever becomes of it: an error is that row's alone. */
async function answerRow(
  { row, id, input, error: unreadable }: BatchRow,
  context: RouteContext,
  shared: SharedReads<RouteContext['deps']>,
  principal: Principal
): Promise<RowResult> {
  const reads = shared.row()
  try {
    // The request itself was counted already.
    if (row > 1) await requireWithinLimit(principal, context)
    if (unreadable !== undefined) {
      await recordFailure(unreadable, input, context.deps, principal)
      throw unreadable
    }
    const answer = await countedAnswer(input, { ...context, deps: reads.deps }, principal)
    return { row, id, status: 200, answer }
  } catch (error) {
    return failedRow(row, id, error, context)
  } finally {
    reads.done()
  }
}

/** The rows of the body as they come; `stop` ends the reading. */
async function openBody(
  c: Context<ApiEnv>,
  type: BatchType
): Promise<{ rows: AsyncIterable<BatchRow>; stop: () => void }> {
  if (Number(c.req.header('Content-Length') ?? 0) > maxBatchBytes) {
    throw new ProblemError(413, 'too-large', `A batch has at most ${maxBatchBytes} bytes.`)
  }
  const body = (c.req.raw.body ?? new Response('').body) as ReadableStream<Uint8Array>
  const stopping = new AbortController()
  const stop = (): void => stopping.abort()
  try {
    return { rows: await openBatch(bodyLines(body, stopping.signal), type), stop }
  } catch (error) {
    stop()
    throw error
  }
}

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
  const shared = new SharedReads(context.deps)
  let streaming = 0
  return new Hono<ApiEnv>().post(
    '/lookups',
    describeRoute(description),
    requireRight('lookup'),
    async (c) => {
      readParameters(c.req.queries(), z.object({}))
      const sent = inputType(c.req.header('Content-Type'))
      if (streaming >= batchesAtOnce) {
        const message = `There are ${batchesAtOnce} batches under way.`
        const headers = { 'Retry-After': '10' }
        throw new ProblemError(429, 'too-many-requests', message, { headers })
      }
      const { rows, stop } = await openBody(c, sent)
      streaming++
      const writer = resultWriters[outputType(c.req.header('Accept'), sent)]
      c.header('Content-Type', writer.mediaType)
      const principal = c.get('principal')
      const work = (row: BatchRow): Promise<RowResult> => answerRow(row, context, shared, principal)
      return stream(c, async (out) => {
        // Who has gone away gets no more answers, and none more are written to the audit.
        out.onAbort(stop)
        let written = 0
        try {
          await out.write(writer.header)
          await inOrder(rows, rowsAtOnce, work, async (results) => {
            await out.write(results.map((row) => writer.row(row)).join(''))
            written += results.length
            return !out.aborted
          })
        } catch (error) {
          if (!out.aborted)
            await out.write(writer.row(failedRow(written + 1, null, error, context)))
        } finally {
          stop()
          streaming--
        }
      })
    }
  )
}

import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import { FlowledgerError } from '../model/errors.ts'
import type { ErrorCode } from '../model/errors.ts'

/** Errors as RFC 9457 has them: `application/problem+json`, never a stack. */

/** One thing that is wrong; `pointer` is a JSON pointer (RFC 6901) into the question. */
export interface ProblemPart {
  readonly pointer: string
  readonly detail: string
}

/** What only HTTP knows; everything else has a code in model/errors.ts. */
export type HttpCode =
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'method-not-allowed'
  | 'precondition-required'
  | 'not-acceptable'
  | 'too-large'
  | 'unsupported-media-type'
  | 'too-many-requests'
  | 'timeout'
  | 'internal'

const titles: Readonly<Record<number, string>> = {
  400: 'The question cannot be read',
  401: 'A token is needed',
  403: 'The token does not allow this',
  404: 'There is nothing here',
  405: 'This method is not supported here',
  406: 'It does not come in this form',
  409: 'The state of it does not allow this',
  413: 'The request is too large',
  415: 'The kind of the body is not supported',
  428: 'The version that is changed is not named',
  429: 'Too many requests at once',
  500: 'Something went wrong',
  503: 'No answer can be given now',
}

/** The body of an error. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  instants: z.array(z.string()).optional().describe('what an ambiguous time may mean'),
})

export type Problem = z.infer<typeof problemSchema>

/** An error that is about the request as HTTP, with the headers that belong to it. */
export class ProblemError extends Error {
  readonly status: ContentfulStatusCode
  readonly code: HttpCode | ErrorCode
  readonly errors: readonly ProblemPart[]
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: ContentfulStatusCode,
    code: HttpCode | ErrorCode,
    message: string,
    more: { errors?: readonly ProblemPart[]; headers?: Readonly<Record<string, string>> } = {}
  ) {
    super(message)
    this.name = 'ProblemError'
    this.status = status
    this.code = code
    this.errors = more.errors ?? []
    this.headers = more.headers ?? {}
  }
}

const statusByCode: Partial<Record<ErrorCode, 400 | 401 | 403 | 404 | 409 | 503>> = {
  usage: 400,
  'address-invalid': 400,
  'time-invalid': 400,
  'time-zone-missing': 400,
  'time-ambiguous': 400,
  'log-in-failed': 401,
  'not-allowed': 403,
  'approval-needed': 403,
  'case-unknown': 404,
  'hold-unknown': 404,
  'case-conflict': 409,
  'database-unreachable': 503,
  'database-newer': 503,
  'database-older': 503,
  'database-failed': 503,
  'audit-unwritable': 503,
  'not-running': 503,
  'provider-unreachable': 503,
}

function makeProblem(status: number, code: string, detail: string): Problem {
  const title = titles[status] ?? 'Error'
  return { type: `urn:flowledger:problem:${code}`, title, status, code, detail }
}

/**
 * What a person reads of an error. Those that are about us and not about the question say nothing
 * of hosts, paths or queries: the log has them.
 */
function fromKnown(error: FlowledgerError): Problem {
  const status = statusByCode[error.code] ?? 500
  if (error.code === 'audit-unwritable') return makeProblem(status, error.code, error.message)
  if (status >= 500) {
    return makeProblem(
      status,
      error.code,
      'The cause is in the log of the server; ask again later.'
    )
  }
  const { field, instants } = error.details
  return {
    ...makeProblem(status, error.code, error.sentence),
    ...(typeof field === 'string'
      ? { errors: [{ pointer: `#/${field}`, detail: error.message }] }
      : {}),
    ...(Array.isArray(instants) ? { instants: instants.map(String) } : {}),
  }
}

/** The problem that an error is; what nobody expected becomes a plain 500. */
export function problemOf(error: unknown): Problem {
  if (error instanceof FlowledgerError) return fromKnown(error)
  if (error instanceof ProblemError) {
    const problem = makeProblem(error.status, error.code, error.message)
    return error.errors.length === 0 ? problem : { ...problem, errors: [...error.errors] }
  }
  if (error instanceof HTTPException && error.status === 503) {
    return makeProblem(503, 'timeout', 'There was no answer in time.')
  }
  return makeProblem(500, 'internal', 'The cause is in the log of the server.')
}

/** A client that goes away amid its body is no failure of ours, and could fill the log. */
export const isOfClient = (c: Context, error: unknown): boolean =>
  c.req.raw.signal.aborted && !(error instanceof FlowledgerError)

/** Sends the problem that an error is. */
export function problemResponse(c: Context, error: unknown): Response {
  const problem = problemOf(error)
  const headers = error instanceof ProblemError ? error.headers : {}
  return c.body(JSON.stringify(problem), problem.status as ContentfulStatusCode, {
    ...headers,
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
  })
}

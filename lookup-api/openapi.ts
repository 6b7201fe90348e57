import { resolver } from 'hono-openapi'
import type { DescribeRouteOptions } from 'hono-openapi'
import type { z } from 'zod'
import { describeParameters } from './parameters.ts'
import { problemSchema } from './problem.ts'

/** What the document says of a route, from the same schemas that the route works by. */
export interface RouteDescription {
  readonly summary: string
  readonly description?: string
  readonly parameters?: z.ZodObject
  readonly response: z.ZodType
  /** Statuses of problems that the route can give, beside those that every one can. */
  readonly problems?: readonly number[]
  readonly body?: readonly string[]
}

const problemsOf: Readonly<Record<number, string>> = {
  400: 'The question cannot be read; `errors` names what is wrong.',
  401: 'No token, or one that does not hold.',
  403: 'The role of the token does not allow this.',
  404: 'There is no such thing.',
  406: 'It does not come in the form that Accept names.',
  409: 'Its state does not allow this, or somebody else changed it.',
  413: 'The body is too large, or has too many rows.',
  415: 'The kind of the body is not known.',
  428: 'If-Match, or `version`, is missing.',
  429: 'Too many look-ups at once; `Retry-After` says how long to wait.',
  500: 'A fault of the server.',
  503: 'No answer can be given now: database or audit out of reach, or no answer in time.',
}

function problemResponses(statuses: readonly number[]): DescribeRouteOptions['responses'] {
  const content = { 'application/problem+json': { schema: resolver(problemSchema) } }
  return Object.fromEntries(
    statuses.map((status) => [status, { description: problemsOf[status] ?? '', content }])
  )
}

/** The description of a route under `/v1`, for hono-openapi. */
export function describeV1(route: RouteDescription): DescribeRouteOptions {
  const problems = [400, 401, 403, 500, 503, ...(route.problems ?? [])].sort((a, b) => a - b)
  return {
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    security: [{ bearer: [] }],
    ...(route.parameters === undefined ? {} : { parameters: describeParameters(route.parameters) }),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: Object.fromEntries(
              route.body.map((type) => [type, { schema: { type: 'string' as const } }])
            ),
          },
        }),
    responses: {
      200: {
        description: route.summary,
        content: { 'application/json': { schema: resolver(route.response) } },
      },
      ...problemResponses(problems),
    },
  }
}

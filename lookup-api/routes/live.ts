import { Hono } from 'hono'
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import { FlowledgerError } from '../../model/errors.ts'
import type { LivePage } from '../../model/live-flows.ts'
import { recordAct } from '../answer.ts'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import type { RouteContext } from '../api-dependencies.ts'
import { requireClassified, requireEveryAddress } from '../live/live-access.ts'
import { liveFlowJson, livePageSchema } from '../live/live-contract.ts'
import type { LivePageJson } from '../live/live-contract.ts'
import { describeV1 } from '../openapi.ts'
import { readParameters } from '../parameters.ts'
import { ProblemError } from '../problem.ts'

const parameters = z.object({
  after: z
    .string()
    .regex(/^\d{1,15}$/, 'is the `last` of an earlier answer')
    .default('0')
    .describe('number of the last flow that is known; left out: those that are remembered'),
  filter: z
    .string()
    .max(2000)
    .optional()
    .describe('an expression that flows meet, such as application == zoom'),
})

const explainParameters = z.object({
  flow: z
    .string()
    .min(2)
    .max(200)
    .describe('an end, as ip or ip:port, or both with a space between'),
})

const explanationsSchema = z.object({
  explanations: z.array(z.string()).describe('a text for each: verdict, packets, rules, what lost'),
})

const mostFlows = 200
const everyMs = 500
/** A reader of the stream that is idle so long is sent a comment, so that proxies keep it. */
const idleMs = 15_000
/** Readers of the stream at one time: each asks twice a second. */
const maxReaders = 32
/** A stream ends by then, and its reader comes again with its right checked anew. */
const longestMs = 900_000

type Asked = z.output<typeof parameters>

const pageJson = ({ flows, last, missed }: LivePage): LivePageJson => ({
  flows: flows.map(liveFlowJson),
  last,
  missed,
})

/**
 * `GET /v1/live`: connections as they are classified, by polling, or as server-sent events where
 * Accept says so. One who reads slowly misses flows, is told how many, and holds up nobody.
 */
export function liveRoute({ deps }: RouteContext): Hono<ApiEnv> {
  let readers = 0

  async function pageAfter({ filter }: Asked, after: number): Promise<LivePage> {
    const query = { after, limit: mostFlows, ...(filter?.trim() ? { filter } : {}) }
    try {
      return requireClassified(await deps.liveFlows?.live(query))
    } catch (error) {
      if (!(error instanceof FlowledgerError) || error.code !== 'rules-invalid') throw error
      const errors = [{ pointer: '#/filter', detail: error.message }]
      throw new ProblemError(400, 'usage', `The filter cannot be read: ${error.message}`, {
        errors,
      })
    }
  }

  function stream(c: Context<ApiEnv>, given: Asked, first: LivePage): Response {
    if (readers >= maxReaders) {
      const message = `${maxReaders} people watch already.`
      throw new ProblemError(429, 'too-many-requests', message, {
        headers: { 'Retry-After': '60' },
      })
    }
    readers++
    return streamSSE(c, async (events) => {
      const endsMs = Date.now() + longestMs
      let page = first
      let spokeMs = Date.now()
      const isOpen = (): boolean =>
        !events.aborted && !events.closed && deps.stopping?.aborted !== true
      try {
        while (isOpen() && Date.now() < endsMs) {
          if (page.flows.length > 0 || page.missed > 0) {
            const data = JSON.stringify(pageJson(page))
            await events.writeSSE({ event: 'flows', id: String(page.last), data })
            spokeMs = Date.now()
          } else if (Date.now() - spokeMs > idleMs) {
            await events.write(': idle\n\n')
            spokeMs = Date.now()
          }
          await events.sleep(everyMs)
          page = await pageAfter(given, page.last)
        }
      } finally {
        readers--
      }
    })
  }

  const description = describeV1({
    summary: 'Connections as they are classified',
    description: 'With `Accept: text/event-stream` a stream of events `flows`, each such a body.',
    parameters,
    response: livePageSchema,
    problems: [429],
  })
  const explaining = describeV1({
    summary: 'What the verdict of a connection rests on, and what lost',
    description: 'Of connections that are followed, and of the last ones; at most twenty.',
    parameters: explainParameters,
    response: explanationsSchema,
  })
  const routes = new Hono<ApiEnv>()
  routes.get('/live/explain', describeRoute(explaining), requireRight('flows'), async (c) => {
    const given = readParameters(c.req.queries(), explainParameters)
    requireEveryAddress(c, 'watch')
    const explanations = requireClassified(await deps.liveFlows?.explain(given.flow))
    const detail = { given, explanations: explanations.length, version: deps.version }
    await recordAct(deps.audit, { actor: c.get('actor'), action: 'live', detail })
    return c.json({ explanations })
  })
  return routes.get('/live', describeRoute(description), requireRight('flows'), async (c) => {
    const given = readParameters(c.req.queries(), parameters)
    requireEveryAddress(c, 'watch')
    const isStream = /\btext\/event-stream\b/.test(c.req.header('Accept') ?? '')
    const again = Number(c.req.header('Last-Event-ID') ?? '')
    const after = Number.isSafeInteger(again) && again > 0 ? again : Number(given.after)
    const page = await pageAfter(given, after)
    const detail = { given, stream: isStream, version: deps.version }
    await recordAct(deps.audit, { actor: c.get('actor'), action: 'live', detail })
    return isStream ? stream(c, given, page) : c.json(pageJson(page))
  })
}

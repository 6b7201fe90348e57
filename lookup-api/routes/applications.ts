import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import type { NamedNumber } from '../../model/streamed-flow.ts'
import type { ApiEnv } from '../authentication.ts'
import type { RouteContext } from '../api-dependencies.ts'
import { describeV1 } from '../openapi.ts'
import { readParameters, text } from '../parameters.ts'

const named = z.object({
  name: z.string().describe('identifier'),
  id: z.number().int().describe('number in the stream and in IPFIX'),
  tag: z.string().describe("name under which users of Netify's agent know it"),
  title: z.string(),
  category: z.string(),
})

const parameters = z.object({ category: text('only those of this category') })

const pages = {
  applications: z.object({ applications: z.array(named) }),
  protocols: z.object({ protocols: z.array(named) }),
} as const

const summaries = {
  applications: 'The applications that rules name',
  protocols: 'The protocols that are recognised',
} as const

const sorted = (list: readonly NamedNumber[]): NamedNumber[] =>
  list.toSorted((a, b) => (a.name < b.name ? -1 : 1))

/**
 * `GET /v1/applications` and `GET /v1/protocols`: what a connection can be named. They name nobody
 * and every role may read them.
 */
export function applicationsRoute({ deps }: RouteContext): Hono<ApiEnv> {
  const route = new Hono<ApiEnv>()
  for (const kind of ['applications', 'protocols'] as const) {
    const response = pages[kind]
    const description = describeV1({ summary: summaries[kind], parameters, response })
    route.get(`/${kind}`, describeRoute(description), (c) => {
      const { category } = readParameters(c.req.queries(), parameters)
      const all = sorted(deps.names?.()[kind]() ?? [])
      const list = category === undefined ? all : all.filter((one) => one.category === category)
      return c.json({ [kind]: list })
    })
  }
  return route
}

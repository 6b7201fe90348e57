import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import type { RouteContext } from '../api-dependencies.ts'
import type { ApiEnv } from '../authentication.ts'
import { describeV1 } from '../openapi.ts'
import { readParameters } from '../parameters.ts'

const sessionSchema = z.object({
  kind: z.enum(['token', 'person', 'cli']),
  name: z.string(),
  person: z.string().nullable().describe('null: a token that names nobody'),
  role: z.string(),
  rights: z.array(z.string()),
  second_person: z.array(z.string()).describe('acts that need an approval here'),
  require: z.array(z.string()).describe('what a question has to name'),
  csrf_token: z.string().nullable().describe('for X-CSRF-Token, where a cookie is the proof'),
})

/** `GET /v1/session`: who you are here, and what that allows. */
export function sessionRoute({ deps }: RouteContext): Hono<ApiEnv> {
  const description = describeV1({ summary: 'Who you are here', response: sessionSchema })
  return new Hono<ApiEnv>().get('/session', describeRoute(description), (c) => {
    readParameters(c.req.queries(), z.object({}))
    const { kind, name, person, named, role, rights } = c.get('principal')
    const { secondPerson, require } = deps.access.rules
    return c.json({
      kind,
      name,
      person: named ? person : null,
      role,
      rights: [...rights],
      second_person: [...secondPerson],
      require: [...require],
      csrf_token: c.get('csrf') ?? null,
    })
  })
}

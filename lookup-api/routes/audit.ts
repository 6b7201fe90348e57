import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import { recordAct } from '../answer.ts'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import type { RouteContext } from '../api-dependencies.ts'
import { auditPageSchema } from '../contract.ts'
import { describeV1 } from '../openapi.ts'
import { nextLink } from '../page-link.ts'
import { cursor, limit, readParameters } from '../parameters.ts'

const parameters = z.object({ limit, cursor })

/**
 * `GET /v1/audit`: who asked what. That it was read is an entry too, written before the page goes.
 */
export function auditRoute({ deps }: RouteContext): Hono<ApiEnv> {
  const description = describeV1({
    summary: 'Entries of the audit, newest first',
    parameters,
    response: auditPageSchema,
  })
  return new Hono<ApiEnv>().get(
    '/audit',
    describeRoute(description),
    requireRight('audit'),
    async (c) => {
      const given = readParameters(c.req.queries(), parameters)
      const page = await deps.audit.listAudit(given)
      const detail = { given, entries: page.items.length, version: deps.version }
      await recordAct(deps.audit, { actor: c.get('actor'), action: 'audit-read', detail })
      nextLink(c, page.next)
      return c.json({ entries: page.items, next: page.next ?? null })
    }
  )
}

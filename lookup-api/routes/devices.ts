import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import { recordAct } from '../answer.ts'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import type { RouteContext } from '../api-dependencies.ts'
import { devicePage, devicePageSchema, prefixOfCursor } from '../live/devices.ts'
import { requireEveryAddress } from '../live/live-access.ts'
import { describeV1 } from '../openapi.ts'
import { nextLink } from '../page-link.ts'
import { cursor, limit, readParameters } from '../parameters.ts'
import { ProblemError } from '../problem.ts'

const parameters = z.object({ limit, cursor })

/** Held now, or until a short time ago. */
const lately = 3600e6

/**
 * `GET /v1/devices`: inside hosts by address. Who a device is, is an identity: it is there for who
 * may reveal them all, without a second person.
 */
export function devicesRoute({ deps }: RouteContext): Hono<ApiEnv> {
  const description = describeV1({
    summary: 'Inside hosts: who holds the address, and what its connections show',
    parameters,
    response: devicePageSchema,
  })
  return new Hono<ApiEnv>().get(
    '/devices',
    describeRoute(description),
    requireRight('flows'),
    async (c) => {
      const given = readParameters(c.req.queries(), parameters)
      const { rights } = c.get('principal')
      requireEveryAddress(c, 'list')
      const after = given.cursor === undefined ? undefined : prefixOfCursor(given.cursor)
      if (given.cursor !== undefined && after === undefined) {
        throw new ProblemError(400, 'usage', 'The cursor is not one that a page gave.')
      }
      const needsOther = deps.access.rules.secondPerson.includes('reveal')
      const reveals = rights.has('reveal') && !needsOther
      const toUs = deps.nowUs()
      const most = given.limit * 4
      const query = { fromUs: toUs - lately, toUs, after, limit: most + 1 }
      const found = (await deps.identity?.inside?.(query)) ?? []
      const hosts = (await deps.liveFlows?.hosts()) ?? []
      const page = devicePage({
        holdings: found.slice(0, most),
        networks: deps.networks?.inside,
        isCut: found.length > most,
        hosts,
        after,
        limit: given.limit,
        reveals,
      })
      const detail = { given, devices: page.devices.length, reveals, version: deps.version }
      await recordAct(deps.audit, { actor: c.get('actor'), action: 'devices', detail })
      nextLink(c, page.next ?? undefined)
      const why = needsOther
        ? 'Who they are needs a second person here: ask for one address at a time.'
        : 'Who they are needs the right reveal.'
      return c.json({ ...page, withheld: reveals ? null : why })
    }
  )
}

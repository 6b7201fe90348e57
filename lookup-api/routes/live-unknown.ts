import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import type { UnknownCluster } from '../../model/unknown-cluster.ts'
import { recordAct } from '../answer.ts'
import type { RouteContext } from '../api-dependencies.ts'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import { requireClassified, requireEveryAddress } from '../live/live-access.ts'
import { describeV1 } from '../openapi.ts'
import { limit, readParameters } from '../parameters.ts'

const parameters = z.object({ limit })

const side = z.object({
  least: z.number().int().describe('octets of its first payload, the fewest; 0: it says nothing'),
  most: z.number().int(),
  begins: z.string().describe('first octets in hexadecimal; .. where they differ'),
})

const responseSchema = z.object({
  clusters: z.array(
    z.object({
      transport: z.enum(['tcp', 'udp']),
      flows: z.number().int(),
      first_us: z.number().describe('us since 1970 at which the first of them began'),
      last_us: z.number(),
      ports: z.array(z.object({ port: z.number().int(), flows: z.number().int() })),
      client: side,
      server: side,
      example: z.array(z.string()).describe('ip:port of client and server of one of them'),
    })
  ),
  flows: z.number().int().describe('connections in all clusters'),
  forgotten: z.number().int().describe('those too different from each other to be kept'),
})

export type UnknownClustersJson = z.infer<typeof responseSchema>

function clusterJson({ firstUs, lastUs, ...rest }: UnknownCluster) {
  const { ports, example } = rest
  return { ...rest, ports: [...ports], example: [...example], first_us: firstUs, last_us: lastUs }
}

/** `GET /v1/live/unknown`: connections that nothing recognised, by what looks alike. */
export function liveUnknownRoute({ deps }: RouteContext): Hono<ApiEnv> {
  const description = describeV1({
    summary: 'Connections that nothing recognised, those alike together',
    description: 'Since the program was started, those of most connections first.',
    parameters,
    response: responseSchema,
  })
  return new Hono<ApiEnv>().get(
    '/live/unknown',
    describeRoute(description),
    requireRight('flows'),
    async (c) => {
      const given = readParameters(c.req.queries(), parameters)
      requireEveryAddress(c, 'watch')
      const unknown = requireClassified(await deps.liveFlows?.unknown(given.limit))
      const { clusters, flows, forgotten } = unknown
      const detail = { given, clusters: clusters.length, version: deps.version }
      await recordAct(deps.audit, { actor: c.get('actor'), action: 'live', detail })
      return c.json({ clusters: clusters.map(clusterJson), flows, forgotten })
    }
  )
}

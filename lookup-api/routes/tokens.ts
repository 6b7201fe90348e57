import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import { FlowledgerError } from '../../model/errors.ts'
import { parseRate, rateForm } from '../../model/rate.ts'
import { parseDuration } from '../../model/quantity.ts'
import { rights, roles } from '../../model/rights.ts'
import type { Role } from '../../model/rights.ts'
import { formatInstant } from '../../model/time.ts'
import { createToken, listTokens, revokeToken, rotateToken } from '../../store/tokens.ts'
import type { TokenInfo } from '../../store/tokens.ts'
import { recordAct } from '../answer.ts'
import type { Accounts, RouteContext } from '../api-dependencies.ts'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import { readJsonBody } from '../json-body.ts'
import { describeV1 } from '../openapi.ts'
import { formatRate } from '../../model/rate.ts'
import { readParameters } from '../parameters.ts'

const isDuration = (text: string): boolean => (parseDuration(text) ?? 0) > 0

const wantedSchema = z.strictObject({
  name: z.string().min(1).max(200),
  role: z
    .enum(roles as [Role])
    .optional()
    .describe('left out: api-client'),
  person: z.string().min(1).max(200).optional().describe('the human who holds it'),
  rights: z.array(z.enum(rights)).optional().describe('of those of the role; left out: all'),
  prefixes: z.array(z.string().max(50)).max(100).optional().describe('what may be asked for'),
  limit: z
    .string()
    .refine((text) => parseRate(text) !== undefined, { error: rateForm })
    .optional()
    .describe('such as 100/h'),
  expires: z
    .string()
    .refine(isDuration, { error: 'is a duration such as 90d' })
    .optional()
    .describe('from now on; left out: never'),
})

const tokenSchema = z.object({
  name: z.string(),
  role: z.string(),
  person: z.string().nullable(),
  created_by: z.string().nullable(),
  rights: z.array(z.string()).nullable(),
  prefixes: z.array(z.string()).nullable(),
  limit: z.string().nullable(),
  created: z.string(),
  expires: z.string().nullable(),
  revoked: z.string().nullable(),
})

const secretSchema = z.object({ name: z.string(), token: z.string().describe('shown this once') })

const time = (us: number | undefined): string | null =>
  us === undefined ? null : formatInstant(us)

/** A token as the API and the command line show it. */
export function tokenJson(token: TokenInfo): z.infer<typeof tokenSchema> {
  return {
    name: token.name,
    role: token.role,
    person: token.person ?? null,
    created_by: token.createdBy ?? null,
    rights: token.rights === undefined ? null : [...token.rights],
    prefixes: token.prefixes === undefined ? null : [...token.prefixes],
    limit: token.limit === undefined ? null : formatRate(token.limit),
    created: formatInstant(token.createdUs),
    expires: time(token.expiresUs),
    revoked: time(token.revokedUs),
  }
}

const describe = (summary: string, response: z.ZodType, body = false) =>
  describeRoute(describeV1({ summary, response, ...(body ? { body: ['application/json'] } : {}) }))

const none = (name: string): FlowledgerError =>
  new FlowledgerError('usage', `No token "${name.slice(0, 200)}" is in force.`, {
    details: { field: 'name' },
  })

/** `/v1/tokens`: who may ask. Each change is in the audit before it takes effect. */
export function tokensRoute({ deps }: RouteContext, { database }: Accounts): Hono<ApiEnv> {
  const record = (actor: string, action: string, detail: Record<string, unknown>) =>
    recordAct(deps.audit, { actor, action, detail })
  const manage = requireRight('manage')
  return new Hono<ApiEnv>()
    .get(
      '/tokens',
      describe('Every token, without its secret', z.object({ tokens: z.array(tokenSchema) })),
      manage,
      async (c) => {
        readParameters(c.req.queries(), z.object({}))
        return c.json({ tokens: (await listTokens(database)).map(tokenJson) })
      }
    )
    .post('/tokens', describe('Make a token', secretSchema, true), manage, async (c) => {
      const { limit, expires, role = 'api-client', ...rest } = await readJsonBody(c, wantedSchema)
      const lastsUs = expires === undefined ? undefined : parseDuration(expires)
      const wanted = {
        ...rest,
        role,
        createdBy: c.get('principal').person,
        limit: limit === undefined ? undefined : parseRate(limit),
        expiresUs: lastsUs === undefined ? undefined : deps.nowUs() + lastsUs,
      }
      const detail = { ...rest, role, limit, expires_us: wanted.expiresUs }
      await record(c.get('actor'), 'token-create', detail)
      return c.json({ name: rest.name, token: await createToken(database, wanted) }, 201)
    })
    .post(
      '/tokens/:name/rotate',
      describe('Give it a new secret', secretSchema),
      manage,
      async (c) => {
        const { name } = c.req.param()
        await record(c.get('actor'), 'token-rotate', { name: name.slice(0, 200) })
        const token = await rotateToken(database, name)
        if (token === undefined) throw none(name)
        return c.json({ name, token })
      }
    )
    .delete(
      '/tokens/:name',
      describe('End it', z.object({ name: z.string() })),
      manage,
      async (c) => {
        const { name } = c.req.param()
        await record(c.get('actor'), 'token-revoke', { name: name.slice(0, 200) })
        if (!(await revokeToken(database, name))) throw none(name)
        return c.json({ name })
      }
    )
}

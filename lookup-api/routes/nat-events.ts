import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import { natLimitName, natNoticeName, natNoticeNames } from '../../model/nat-notice.ts'
import type { NatNotice, NatNoticeName } from '../../model/nat-notice.ts'
import { formatProtocol } from '../../model/protocol.ts'
import { formatInstant, parseInstant } from '../../model/time.ts'
import { recordAct } from '../answer.ts'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import type { RouteContext } from '../api-dependencies.ts'
import { describeV1 } from '../openapi.ts'
import { nextLink } from '../page-link.ts'
import { cursor, limit, readParameters, text } from '../parameters.ts'
import { inField } from '../query.ts'

const names = Object.keys(natNoticeNames) as [NatNoticeName, ...NatNoticeName[]]

const parameters = z.object({
  from: text('earliest; left out: a day ago'),
  to: text('latest; left out: now'),
  tz: text('zone of times that name none'),
  event: z
    .enum(names, { error: `is one of ${names.join(', ')}` })
    .optional()
    .describe(`one of ${names.join(', ')}; left out: every one`),
  source: text('name of the gateway as a source'),
  pool: text('name of the pool'),
  limit,
  cursor,
})

const eventSchema = z.object({
  at: z.string(),
  source: z.string(),
  event: z.string().nullable().describe('null: none of RFC 8158'),
  event_number: z.number().int(),
  limit: z.string().nullable().describe('which quota or threshold, as IANA calls it'),
  limit_number: z.number().int().nullable(),
  configured_limit: z.number().int().nullable(),
  protocol: z.string().nullable(),
  vrf: z.number().int(),
  inside_ip: z.string().nullable().describe('null: not told, or withheld'),
  public_ip: z.string().nullable(),
  user_name: z.string().nullable().describe('null: not told, or withheld'),
  pool: z.string().nullable(),
})

const pageSchema = z.object({
  nat_events: z.array(eventSchema),
  withheld: z.boolean().describe('hosts are named to who may list flows of every address'),
  next: z.string().nullable(),
})

const orNull = (value: string | undefined): string | null => value || null

function noticeJson(notice: NatNotice, mayName: boolean): z.infer<typeof eventSchema> {
  return {
    at: formatInstant(notice.atUs),
    source: notice.source,
    event: natNoticeName(notice.event) ?? null,
    event_number: notice.event,
    limit: natLimitName(notice) ?? null,
    limit_number: notice.detail ?? null,
    configured_limit: notice.configuredLimit ?? null,
    protocol: notice.protocol === 0 ? null : formatProtocol(notice.protocol),
    vrf: notice.vrf,
    inside_ip: mayName ? orNull(notice.inside) : null,
    public_ip: orNull(notice.public),
    user_name: mayName ? orNull(notice.user) : null,
    pool: orNull(notice.pool),
  }
}

/**
 * `GET /v1/nat-events`: quotas that were met, thresholds that were passed, and gateways that had no
 * address or port left. A report: whom it was about is for who may list flows.
 */
export function natEventsRoute({ deps }: RouteContext): Hono<ApiEnv> {
  const description = describeV1({
    summary: 'Quotas, exhaustion and thresholds of NAT gateways, oldest first',
    parameters,
    response: pageSchema,
  })
  return new Hono<ApiEnv>().get(
    '/nat-events',
    describeRoute(description),
    requireRight('reports'),
    async (c) => {
      const given = readParameters(c.req.queries(), parameters)
      const zone = { tz: given.tz, nowUs: deps.nowUs() }
      const time = (field: 'from' | 'to', otherwise: string): number =>
        inField(field, () => parseInstant(given[field] ?? otherwise, zone).atUs)
      const { rights, prefixes } = c.get('principal')
      const isWide = !deps.access.rules.secondPerson.includes('wide')
      const mayName = rights.has('flows') && prefixes === undefined && isWide
      const page = await deps.ledger.listNatNotices?.({
        fromUs: time('from', '-1d'),
        toUs: time('to', 'now'),
        event: given.event && natNoticeNames[given.event],
        source: given.source,
        pool: given.pool,
        limit: given.limit,
        cursor: given.cursor,
      })
      const { items = [], next } = page ?? {}
      const detail = { given, rows: items.length, named: mayName, version: deps.version }
      await recordAct(deps.audit, { actor: c.get('actor'), action: 'nat-events', detail })
      nextLink(c, next)
      const events = items.map((item) => noticeJson(item, mayName))
      return c.json({ nat_events: events, withheld: !mayName, next: next ?? null })
    }
  )
}

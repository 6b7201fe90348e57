import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import { FlowledgerError } from '../../model/errors.ts'
import { approvalActs } from '../../model/rights.ts'
import { formatInstant } from '../../model/time.ts'
import { approvalStates } from '../../store/approvals.ts'
import type { Approval } from '../../store/approvals.ts'
import type { Accounts, RouteContext } from '../api-dependencies.ts'
import { acknowledge, ask, decide } from '../approval-desk.ts'
import type { DeskParts } from '../approval-desk.ts'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import { readJsonBody } from '../json-body.ts'
import { describeV1 } from '../openapi.ts'
import { nextLink } from '../page-link.ts'
import { cursor, limit, readParameters } from '../parameters.ts'
import { ProblemError } from '../problem.ts'

const wishSchema = z.strictObject({
  act: z.enum(approvalActs),
  subject: z
    .record(z.string().max(60), z.string().max(200))
    .describe('parameters of the look-up or list that is meant, or what names the object'),
  reason: z.string().trim().min(1).max(1000),
  case: z.string().trim().min(1).max(200).optional(),
  purpose: z.string().trim().min(1).max(200).optional(),
  emergency: z.boolean().optional().describe('override: in force at once, reviewed afterwards'),
})

const noteSchema = z.strictObject({ note: z.string().max(1000).optional() })

const approvalSchema = z.object({
  id: z.string(),
  act: z.enum(approvalActs),
  subject: z.record(z.string(), z.string()),
  reason: z.string(),
  case: z.string().nullable(),
  state: z.enum(approvalStates),
  requester: z.string(),
  requested_as: z.string(),
  requested_at: z.string(),
  decider: z.string().nullable(),
  decided_as: z.string().nullable(),
  decided_at: z.string().nullable(),
  note: z.string().nullable(),
  valid_until: z.string().nullable(),
  uses_left: z.number().int(),
  acknowledged_by: z.string().nullable(),
})

const pageSchema = z.object({ approvals: z.array(approvalSchema), next: z.string().nullable() })

export type ApprovalJson = z.infer<typeof approvalSchema>
export type ApprovalPage = z.infer<typeof pageSchema>

const time = (us: number | undefined): string | null =>
  us === undefined ? null : formatInstant(us)

/** An approval as the API shows it. */
export function approvalJson(approval: Approval): ApprovalJson {
  return {
    id: approval.id,
    act: approval.act,
    subject: { ...approval.subject },
    reason: approval.reason,
    case: approval.case ?? null,
    state: approval.state,
    requester: approval.requester,
    requested_as: approval.requestedAs,
    requested_at: formatInstant(approval.requestedUs),
    decider: approval.decider ?? null,
    decided_as: approval.decidedAs ?? null,
    decided_at: time(approval.decidedUs),
    note: approval.note ?? null,
    valid_until: time(approval.validUntilUs),
    uses_left: approval.usesLeft,
    acknowledged_by: approval.acknowledgedBy ?? null,
  }
}

const scopes = ['to-approve', 'to-review', 'mine'] as const

const parameters = z.object({
  scope: z
    .enum(scopes)
    .optional()
    .describe('to-approve: waiting for you; to-review: overrides; mine: what you asked for'),
  limit,
  cursor,
})

/** `/v1/approvals`: asking a second person, and being one. */
export function approvalsRoute({ deps, metrics }: RouteContext, accounts: Accounts): Hono<ApiEnv> {
  const { approvals } = accounts
  const parts = (): DeskParts => ({
    approvals,
    audit: deps.audit,
    access: deps.access,
    nowUs: deps.nowUs,
  })
  const one = (summary: string, body = true) =>
    describeRoute(
      describeV1({
        summary,
        response: approvalSchema,
        problems: [415],
        ...(body ? { body: ['application/json'] } : {}),
      })
    )
  const route = new Hono<ApiEnv>()
  route.post('/approvals', one('Ask another person, or override them'), async (c) => {
    readParameters(c.req.queries(), z.object({}))
    const made = await ask(await readJsonBody(c, wishSchema), c.get('principal'), parts())
    if (made.state === 'emergency') metrics.countAnomaly('emergency')
    return c.json(approvalJson(made), 201)
  })
  const description = describeV1({
    summary: 'What waits for you, what is to be reviewed, or what you asked for; newest first',
    parameters,
    response: pageSchema,
  })
  route.get('/approvals', describeRoute(description), async (c) => {
    const given = readParameters(c.req.queries(), parameters)
    const { rights, person } = c.get('principal')
    const scope = given.scope ?? (rights.has('approve') ? 'to-approve' : 'mine')
    const needed = { 'to-approve': ['approve'], 'to-review': ['approve', 'audit'], mine: [] }[scope]
    if (needed.length > 0 && !needed.some((right) => rights.has(right as 'approve'))) {
      throw new FlowledgerError('not-allowed', `This needs the right ${needed.join(' or ')}.`, {
        fix: 'Ask for scope=mine.',
      })
    }
    if (given.cursor !== undefined && !/^\d{1,18}$/.test(given.cursor)) {
      throw new ProblemError(400, 'usage', 'The cursor is not one that a page gave.')
    }
    const found = await approvals.list({
      ...(scope === 'mine' ? { requester: person } : { notRequester: person }),
      ...(scope === 'to-approve' ? { state: 'pending' as const } : {}),
      ...(scope === 'to-review' ? { state: 'emergency' as const, unacknowledged: true } : {}),
      below: given.cursor,
      limit: given.limit + 1,
    })
    const page = found.slice(0, given.limit)
    const next = found.length > given.limit ? page.at(-1)?.id : undefined
    nextLink(c, next)
    return c.json({ approvals: page.map(approvalJson), next: next ?? null })
  })
  for (const decision of ['approve', 'refuse'] as const) {
    const summary = decision === 'approve' ? "Allow another's wish" : "Refuse another's wish"
    const path = `/approvals/:id/${decision}`
    route.post(path, one(summary), requireRight('approve'), async (c) => {
      const { note } = await readJsonBody(c, noteSchema)
      const id = c.req.param('id') ?? ''
      return c.json(approvalJson(await decide(id, decision, note, c.get('principal'), parts())))
    })
  }
  return route.post(
    '/approvals/:id/acknowledge',
    one("Take note of another's override", false),
    async (c) =>
      c.json(approvalJson(await acknowledge(c.req.param('id'), c.get('principal'), parts())))
  )
}

import { Hono } from 'hono'
import type { Context } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import { requireAddress } from '../../model/address.ts'
import type { CaseFile, Hold } from '../../model/case.ts'
import { parseDuration } from '../../model/quantity.ts'
import { parseInstant } from '../../model/time.ts'
import { recordAct } from '../answer.ts'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import type { RouteContext } from '../api-dependencies.ts'
import type { Desk } from '../cases/desk.ts'
import { line, timeText, words } from '../cases/fields.ts'
import { placeHold, releaseHold } from '../cases/hold-acts.ts'
import { readHoldCopy } from '../cases/hold-copy.ts'
import { holdJson, holdPageSchema, holdSchema } from '../cases/present.ts'
import { sendEvidence, wantedForm } from '../evidence-file/respond.ts'
import { readJsonBody } from '../json-body.ts'
import { describeV1 } from '../openapi.ts'
import { nextLink } from '../page-link.ts'
import { cursor, limit, readParameters } from '../parameters.ts'
import { ProblemError } from '../problem.ts'
import { inField } from '../query.ts'
import { caseOfPath, contextOf } from './cases.ts'
import { evidenceSchema } from './evidence.ts'

const parameters = z.object({
  state: z.enum(['in-force', 'ended']).optional().describe('in-force, ended; left out: all'),
  limit,
  cursor,
})

const members = {
  address: line(64).optional(),
  port: z.number().int().min(0).max(65_535).optional(),
  from: timeText.optional(),
  to: timeText.optional(),
  tz: timeText.optional(),
  records: z.array(line(200)).max(1000).optional(),
  reason: words(1000),
  expires: timeText.optional().describe('a time, or a duration such as 60d; left out: never'),
}

const holdBody = z.strictObject({ ...members, case: line(200).optional() })

const caseHoldBody = z.strictObject(members)

const releaseBody = z.strictObject({ reason: words(1000), approval: line(40).optional() })

type HoldBody = z.output<typeof caseHoldBody>

/** When a hold ends: a duration counts from now. */
function expiryOf(given: string, tz: string | undefined, nowUs: number): number {
  const us = parseDuration(given)
  return us === undefined ? parseInstant(given, { tz, nowUs }).atUs : nowUs + us
}

/** `/v1/holds`: what must be kept, whatever the retention says. */
export function holdsRoute(context: RouteContext, desk: Desk): Hono<ApiEnv> {
  const { deps } = context
  const { holds } = desk
  const route = new Hono<ApiEnv>()

  const place = async (
    c: Context<ApiEnv>,
    body: HoldBody,
    file: CaseFile | undefined
  ): Promise<Hold> => {
    const { tz, records = [], reason, port } = body
    const nowUs = deps.nowUs()
    const time = (field: 'from' | 'to'): number | undefined => {
      const given = body[field]
      return given === undefined
        ? undefined
        : inField(field, () => parseInstant(given, { tz, nowUs }).atUs)
    }
    const { address, expires } = body
    return await placeHold(contextOf(c, context, desk), {
      address:
        address === undefined ? undefined : inField('address', () => requireAddress(address)),
      port,
      fromUs: time('from'),
      toUs: time('to'),
      records,
      reason,
      expiresUs:
        expires === undefined ? undefined : inField('expires', () => expiryOf(expires, tz, nowUs)),
      case: file,
    })
  }

  const listing = describeV1({
    summary: 'Holds, newest first',
    parameters,
    response: holdPageSchema,
  })
  route.get('/holds', describeRoute(listing), requireRight('holds'), async (c) => {
    const { state, ...page } = readParameters(c.req.queries(), parameters)
    const inForce = state === undefined ? undefined : state === 'in-force'
    const found = await holds.list({ ...page, inForce })
    const detail = { holds: found.items.length, version: deps.version }
    await recordAct(c.get('audit'), { actor: c.get('actor'), action: 'hold-read', detail })
    nextLink(c, found.next)
    return c.json({ holds: found.items.map(holdJson), next: found.next ?? null })
  })

  const placing = describeRoute(
    describeV1({
      summary: 'Hold an address over a time, or records',
      body: ['application/json'],
      response: holdSchema,
      problems: [404, 409, 415],
    })
  )
  route.post('/holds', placing, requireRight('holds'), async (c) => {
    const { case: reference, ...body } = await readJsonBody(c, holdBody)
    const file = reference === undefined ? undefined : await desk.cases.read(reference)
    return c.json(holdJson(await place(c, body, file)), 201)
  })
  route.post('/cases/:id/holds', placing, requireRight('holds'), async (c) => {
    const body = await readJsonBody(c, caseHoldBody)
    return c.json(holdJson(await place(c, body, await caseOfPath(c, desk))), 201)
  })

  const releasing = describeRoute(
    describeV1({
      summary: 'Release a hold; may need the approval of another person',
      body: ['application/json'],
      response: holdSchema,
      problems: [404, 409, 415],
    })
  )
  route.post('/holds/:id/release', releasing, requireRight('holds'), async (c) => {
    const release = await readJsonBody(c, releaseBody)
    const id = holdOfPath(c)
    return c.json(holdJson(await releaseHold(contextOf(c, context, desk), id, release)))
  })

  const showing = describeRoute(
    describeV1({
      summary: 'The signed copy of the rows that a hold is about',
      description: 'By Accept also a printable page (text/html) or a PDF (application/pdf).',
      response: evidenceSchema,
      problems: [404, 406],
    })
  )
  return route.get('/holds/:id/evidence', showing, requireRight('holds'), async (c) => {
    readParameters(c.req.queries(), z.object({}))
    const form = wantedForm(c.req.header('Accept'))
    const id = holdOfPath(c)
    const kept = await readHoldCopy(contextOf(c, context, desk), id)
    if (kept === undefined) throw new ProblemError(404, 'not-found', 'The hold keeps no file.')
    return await sendEvidence(c, kept, form, `hold-${id}`)
  })
}

function holdOfPath(c: Context<ApiEnv>): number {
  const id = c.req.param('id') ?? ''
  if (/^[1-9]\d{0,14}$/.test(id)) return Number(id)
  throw new ProblemError(404, 'not-found', 'A hold is named by its number; see GET /v1/holds.')
}

import { Hono } from 'hono'
import type { Context } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import { caseStatuses } from '../../model/case.ts'
import type { CaseFile } from '../../model/case.ts'
import { recordAct } from '../answer.ts'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import type { RouteContext } from '../api-dependencies.ts'
import { changeStatus, openCase } from '../cases/acts.ts'
import type { Desk, DeskContext } from '../cases/desk.ts'
import { exportCase } from '../cases/export.ts'
import { line, words } from '../cases/fields.ts'
import { caseRepliesSchema, repliesOfCase } from '../cases/replies.ts'
import { caseDetailSchema, caseJson, casePageSchema, caseSchema } from '../cases/present.ts'
import { deadlineJson, entryJson, holdJson } from '../cases/present.ts'
import { sendEvidence, wantedForm } from '../evidence-file/respond.ts'
import { readJsonBody } from '../json-body.ts'
import { describeV1 } from '../openapi.ts'
import { nextLink } from '../page-link.ts'
import { cursor, limit, readParameters, text } from '../parameters.ts'
import { ProblemError } from '../problem.ts'
import { evidenceSchema } from './evidence.ts'

const listParameters = z.object({
  status: z.enum(caseStatuses).optional().describe(caseStatuses.join(', ')),
  reference: text('the case of that reference alone'),
  limit,
  cursor,
})

const pageParameters = z.object({ limit, cursor })

const openBody = z.strictObject({ reference: line(200).optional(), title: line(300) })

const changeBody = z.strictObject({
  status: z.enum(caseStatuses),
  reason: words(4000).optional(),
  version: z.number().int().optional().describe('in place of If-Match'),
})

/** Who acts, for the acts on cases. */
export function contextOf(c: Context<ApiEnv>, { deps }: RouteContext, desk: Desk): DeskContext {
  const principal = c.get('principal')
  return { ...desk, deps: { ...deps, audit: c.get('audit') }, principal }
}

/**
 * The case that a path names.
 *
 * @throws ProblemError 404 where the path holds no number; FlowledgerError `case-unknown`
 */
export async function caseOfPath(c: Context<ApiEnv>, { cases }: Desk): Promise<CaseFile> {
  const id = c.req.param('id') ?? ''
  if (!/^[1-9]\d{0,14}$/.test(id)) {
    throw new ProblemError(404, 'not-found', 'A case is named by its number; see GET /v1/cases.')
  }
  return await cases.read(Number(id))
}

/**
 * The version that a change was made on, of If-Match (RFC 9110 §13.1.1): an entity tag is the
 * version in quotes. Undefined for `*` and without the header.
 */
export function versionOf(c: Context<ApiEnv>): number | undefined {
  const header = c.req.header('If-Match')
  if (header === undefined || header.trim() === '*') return undefined
  const match = /^"(\d{1,9})"$/.exec(header.trim())
  if (match !== null) return Number(match[1])
  throw new ProblemError(400, 'usage', 'If-Match holds the version in quotes, such as "3".')
}

const tag = (c: Context<ApiEnv>, file: CaseFile): void => c.header('ETag', `"${file.version}"`)

/** `/v1/cases`: what belongs together of notices, look-ups, decisions and deadlines. */
export function casesRoute(context: RouteContext, desk: Desk): Hono<ApiEnv> {
  const { deps } = context
  const { cases, holds } = desk
  const route = new Hono<ApiEnv>()
  const read = async (c: Context<ApiEnv>, detail: Record<string, unknown>): Promise<void> => {
    const entry = { ...detail, version: deps.version }
    await recordAct(c.get('audit'), { actor: c.get('actor'), action: 'case-read', detail: entry })
  }

  const listing = describeV1({
    summary: 'Cases, newest first',
    parameters: listParameters,
    response: casePageSchema,
  })
  route.get('/cases', describeRoute(listing), requireRight('cases'), async (c) => {
    const given = readParameters(c.req.queries(), listParameters)
    const page = await cases.list(given)
    await read(c, { given, cases: page.items.length })
    nextLink(c, page.next)
    return c.json({ cases: page.items.map(caseJson), next: page.next ?? null })
  })

  const opening = describeV1({
    summary: 'Open a case',
    body: ['application/json'],
    response: caseSchema,
    problems: [409, 415],
  })
  route.post('/cases', describeRoute(opening), requireRight('cases'), async (c) => {
    readParameters(c.req.queries(), z.object({}))
    const file = await openCase(contextOf(c, context, desk), await readJsonBody(c, openBody))
    tag(c, file)
    return c.json(caseJson(file), 201)
  })

  const showing = describeV1({
    summary: 'A case with a page of its history; ETag is its version',
    parameters: pageParameters,
    response: caseDetailSchema,
    problems: [404],
  })
  route.get('/cases/:id', describeRoute(showing), requireRight('cases'), async (c) => {
    const given = readParameters(c.req.queries(), pageParameters)
    const file = await caseOfPath(c, desk)
    const page = await cases.entries(file.id, given)
    const deadlines = await cases.deadlines(file.id)
    const held = await holds.list({ caseId: file.id, limit: 1000 })
    await read(c, { case: file.reference, entries: page.items.length })
    tag(c, file)
    nextLink(c, page.next)
    return c.json({
      ...caseJson(file),
      deadlines: deadlines.map(deadlineJson),
      holds: held.items.map(holdJson),
      history: page.items.map(entryJson),
      next: page.next ?? null,
    })
  })

  const changing = describeV1({
    summary: 'Change the status of a case; If-Match names the version that was read',
    body: ['application/json'],
    response: caseSchema,
    problems: [404, 409, 415, 428],
  })
  route.patch('/cases/:id', describeRoute(changing), requireRight('cases'), async (c) => {
    readParameters(c.req.queries(), z.object({}))
    const { version: given, ...change } = await readJsonBody(c, changeBody)
    const version = versionOf(c) ?? given
    if (version === undefined && c.req.header('If-Match') === undefined) {
      const message = 'Name the version that you read: If-Match, or "version" in the body.'
      throw new ProblemError(428, 'precondition-required', message)
    }
    const file = await caseOfPath(c, desk)
    const changed = await changeStatus(contextOf(c, context, desk), file, { ...change, version })
    tag(c, changed)
    return c.json(caseJson(changed))
  })

  const replying = describeV1({
    summary: 'What to send back about the notices of a case, as it stands now',
    description: 'A letter, and in ACNS and X-ARF their own forms; CLOSED once the case is closed.',
    response: caseRepliesSchema,
    problems: [404],
  })
  route.get('/cases/:id/replies', describeRoute(replying), requireRight('cases'), async (c) => {
    readParameters(c.req.queries(), z.object({}))
    const file = await caseOfPath(c, desk)
    const { notices: rules = { senders: [] }, networks } = deps
    return c.json(await repliesOfCase(contextOf(c, context, desk), file, { rules, networks }))
  })

  const exporting = describeV1({
    summary: 'A case whole, signed, with every signed file in it',
    description: 'By Accept also a printable page (text/html) or a PDF (application/pdf).',
    response: evidenceSchema,
    problems: [404, 406, 409],
  })
  return route.get(
    '/cases/:id/export',
    describeRoute(exporting),
    requireRight('cases'),
    async (c) => {
      readParameters(c.req.queries(), z.object({}))
      const form = wantedForm(c.req.header('Accept'))
      const file = await caseOfPath(c, desk)
      const sealed = await exportCase(contextOf(c, context, desk), file)
      return await sendEvidence(c, sealed, form, `case-${file.reference}`)
    }
  )
}

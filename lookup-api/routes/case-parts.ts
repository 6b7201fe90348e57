import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import type { DescribeRouteOptions } from 'hono-openapi'
import { z } from 'zod'
import { parseInstant } from '../../model/time.ts'
import { recordAct } from '../answer.ts'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import type { RouteContext } from '../api-dependencies.ts'
import { addEntry, addLookup, meetDeadline, setDeadline } from '../cases/acts.ts'
import type { NewDeadline } from '../cases/acts.ts'
import type { Desk } from '../cases/desk.ts'
import { anyObject, line, timeText, words } from '../cases/fields.ts'
import { earlierLookup } from '../cases/earlier-lookup.ts'
import { requireReadable } from '../cases/reading.ts'
import type { Envelope } from '../evidence-file/envelope.ts'
import { sha256 } from '../evidence-file/envelope.ts'
import { sendEvidence, wantedForm } from '../evidence-file/respond.ts'
import { readJsonBody } from '../json-body.ts'
import { describeV1 } from '../openapi.ts'
import { readParameters } from '../parameters.ts'
import { ProblemError } from '../problem.ts'
import { inField, lookupFields } from '../query.ts'
import type { LookupInput } from '../query.ts'
import { caseOfPath, contextOf, versionOf } from './cases.ts'
import { evidenceSchema } from './evidence.ts'
import { countedAnswer } from './lookup.ts'

const noteBody = z.strictObject({ text: words(20_000) })

const decisionBody = z.strictObject({
  decision: line(300).describe('what was decided, such as "forward to the subscriber"'),
  reason: words(20_000).optional(),
})

const noticeBody = z.strictObject({
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('of the message as it came'),
  bytes: z.number().int().nonnegative().optional(),
  parsed: anyObject.describe('what was read of it'),
})

const lookupField = z
  .union([z.string().max(200), z.number()])
  .transform(String)
  .optional()

const lookupBody = z.union([
  z.strictObject({ audit_id: z.number().int().positive() }),
  z.strictObject(
    Object.fromEntries(
      lookupFields.filter((name) => name !== 'case').map((name) => [name, lookupField])
    )
  ),
])

const deadlineBody = z.union([
  z.strictObject({
    preset: line(60),
    from: timeText.optional().describe('what it counts from; left out: now'),
    tz: timeText.optional(),
  }),
  z.strictObject({
    name: line(300),
    due: timeText,
    tz: timeText.optional(),
    basis: line(300).optional(),
  }),
])

const addedSchema = z.object({ entry: z.number().int(), version: z.number().int() })

const deadlineSchema = z.object({ deadline: z.number().int(), version: z.number().int() })

const adding = (summary: string, response: z.ZodType = addedSchema): DescribeRouteOptions =>
  describeV1({
    summary,
    body: ['application/json'],
    response,
    problems: [404, 409, 415],
  })

function readDeadline(body: z.output<typeof deadlineBody>, nowUs: number): NewDeadline {
  const { tz } = body
  const instant = (field: string, given: string): number =>
    inField(field, () => parseInstant(given, { tz, nowUs }).atUs)
  return 'preset' in body
    ? { preset: body.preset, fromUs: instant('from', body.from ?? 'now') }
    : { name: body.name, dueUs: instant('due', body.due), basis: body.basis ?? 'agreed' }
}

/** `POST /v1/cases/{id}/…`: what is added to a case, and the signed files in it. */
export function casePartsRoute(context: RouteContext, desk: Desk): Hono<ApiEnv> {
  const { deps } = context
  const { cases } = desk
  const route = new Hono<ApiEnv>()

  const kinds = [
    ['notices', 'notice', noticeBody, 'Add a notice that was read elsewhere'],
    ['decisions', 'decision', decisionBody, 'Record a decision'],
    ['notes', 'note', noteBody, 'Add a note'],
  ] as const
  for (const [path, kind, body, summary] of kinds) {
    const description = describeRoute(adding(summary))
    route.post(`/cases/:id/${path}`, description, requireRight('cases'), async (c) => {
      const detail: Record<string, unknown> = await readJsonBody(c, body)
      const file = await caseOfPath(c, desk)
      const entry = await addEntry(contextOf(c, context, desk), file, kind, detail, versionOf(c))
      return c.json({ entry, version: (await cases.read(file.id)).version }, 201)
    })
  }

  const asking = describeRoute(
    adding(
      'Look up for a case and keep the signed answer, or note one by its audit_id',
      addedSchema
    )
  )
  const rights = [requireRight('cases'), requireRight('lookup')] as const
  route.post('/cases/:id/lookups', asking, ...rights, async (c) => {
    const body = await readJsonBody(c, lookupBody)
    const file = await caseOfPath(c, desk)
    const desked = contextOf(c, context, desk)
    if ('audit_id' in body && typeof body.audit_id === 'number') {
      const detail = await earlierLookup(deps.audit, body.audit_id)
      const entry = await addEntry(desked, file, 'lookup', detail, versionOf(c))
      return c.json({ entry, version: (await cases.read(file.id)).version }, 201)
    }
    const { entry, sealed, answer } = await addLookup(
      desked,
      file,
      body as LookupInput,
      (given, of) =>
        countedAnswer(given, { ...context, deps: { ...deps, ...of } }, c.get('principal'))
    )
    const { version } = await cases.read(file.id)
    return c.json({ entry, version, file_sha256: sealed.sha256, answer }, 201)
  })

  const setting = describeRoute(adding('Set a deadline, by a preset or by time', deadlineSchema))
  route.post('/cases/:id/deadlines', setting, requireRight('cases'), async (c) => {
    const wanted = readDeadline(await readJsonBody(c, deadlineBody), deps.nowUs())
    const file = await caseOfPath(c, desk)
    const deadline = await setDeadline(contextOf(c, context, desk), file, wanted)
    return c.json({ deadline, version: (await cases.read(file.id)).version }, 201)
  })

  const meeting = describeRoute(
    describeV1({ summary: 'A deadline was met', response: deadlineSchema, problems: [404, 409] })
  )
  const metPath = '/cases/:id/deadlines/:deadline/met'
  route.post(metPath, meeting, requireRight('cases'), async (c) => {
    const file = await caseOfPath(c, desk)
    const deadline = numberOf(c.req.param('deadline'))
    await meetDeadline(contextOf(c, context, desk), file, deadline)
    return c.json({ deadline, version: (await cases.read(file.id)).version })
  })

  const showing = describeRoute(
    describeV1({
      summary: 'A signed file of a case, as it was kept',
      description: 'By Accept also a printable page (text/html) or a PDF (application/pdf).',
      response: evidenceSchema,
      problems: [404, 406],
    })
  )
  return route.get('/cases/:id/evidence/:entry', showing, requireRight('cases'), async (c) => {
    readParameters(c.req.queries(), z.object({}))
    const form = wantedForm(c.req.header('Accept'))
    const file = await caseOfPath(c, desk)
    const kept = await cases.document(file.id, numberOf(c.req.param('entry')))
    if (kept === undefined) throw new ProblemError(404, 'not-found', 'The entry keeps no file.')
    const envelope = JSON.parse(kept) as Envelope
    requireReadable(c.get('principal'), envelope)
    const digest = sha256(kept)
    const detail = { case: file.reference, file_sha256: digest, version: deps.version }
    await recordAct(c.get('audit'), { actor: c.get('actor'), action: 'evidence-read', detail })
    const name = `case-${file.reference}-${c.req.param('entry')}`
    return await sendEvidence(c, { text: kept, sha256: digest, envelope }, form, name)
  })
}

function numberOf(text: string | undefined): number {
  if (/^[1-9]\d{0,14}$/.test(text ?? '')) return Number(text)
  throw new ProblemError(404, 'not-found', 'It is named by its number.')
}

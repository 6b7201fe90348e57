import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import type { RouteContext } from '../api-dependencies.ts'
import type { Desk } from '../cases/desk.ts'
import { evidenceFormat, evidenceKinds } from '../evidence-file/envelope.ts'
import { exportAnswer } from '../evidence-file/export.ts'
import { keysBody, keysSchema } from '../evidence-file/key-file.ts'
import { sendEvidence, wantedForm } from '../evidence-file/respond.ts'
import { describeV1 } from '../openapi.ts'
import { readParameters } from '../parameters.ts'
import { countedAnswer, lookupParameters, readLookup } from './lookup.ts'

/** A signed file, as the OpenAPI document shows it. */
export const evidenceSchema = z.object({
  document: z.record(z.string(), z.unknown()),
  format: z.literal(evidenceFormat),
  key: z.object({ algorithm: z.literal('Ed25519'), id: z.string(), public_key: z.string() }),
  kind: z.enum(evidenceKinds),
  signature: z.string(),
  signed_at: z.string(),
})

/**
 * `POST /v1/evidence`: a look-up whose answer is signed. It is a POST because each one is a new
 * answer, with a new entry of the audit.
 */
export function evidenceRoute(context: RouteContext, { evidence }: Desk): Hono<ApiEnv> {
  const { deps } = context
  const description = describeV1({
    summary: 'Look up, and get the answer as signed evidence',
    description:
      'Parameters as of /v1/lookup, in the query. The signed file, or by Accept a printable page ' +
      '(text/html) or a PDF (application/pdf) of it.',
    parameters: lookupParameters,
    response: evidenceSchema,
    problems: [406, 429],
  })
  return new Hono<ApiEnv>().post(
    '/evidence',
    describeRoute(description),
    requireRight('lookup'),
    async (c) => {
      const form = wantedForm(c.req.header('Accept'))
      const principal = c.get('principal')
      const input = await readLookup(c.req.queries(), deps, principal)
      const { answer, sealed } = await exportAnswer(input, deps, evidence, principal, (of) =>
        countedAnswer(input, { ...context, deps: { ...deps, ...of } }, principal)
      )
      return await sendEvidence(c, sealed, form, `answer-${answer.audit_id}`)
    }
  )
}

/** `GET /v1/keys`: the public keys that evidence is checked by. They are no secret. */
export function keysRoute(_: RouteContext, { evidence }: Desk): Hono<ApiEnv> {
  const description = describeV1({
    summary: 'Public keys that signed evidence here, the one in force last',
    response: keysSchema,
  })
  return new Hono<ApiEnv>().get('/keys', describeRoute(description), async (c) => {
    readParameters(c.req.queries(), z.object({}))
    await evidence.signer()
    return c.json(keysBody(await evidence.publicKeys()))
  })
}

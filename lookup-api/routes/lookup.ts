import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import type { Principal } from '../../model/principal.ts'
import { answer, recordFailure } from '../answer.ts'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import type { RouteContext } from '../api-dependencies.ts'
import { answerSchema } from '../contract.ts'
import type { Answer } from '../contract.ts'
import { describeV1 } from '../openapi.ts'
import { readParameters, text } from '../parameters.ts'
import { lookupFields } from '../query.ts'
import type { LookupField, LookupInput } from '../query.ts'

const meanings: Readonly<Record<LookupField, string>> = {
  ip: 'the public address; needed',
  port: 'its port (for ICMP the identifier); left out: every port',
  protocol: 'name or number; left out: every protocol',
  at: 'the time: RFC 3339, a count since 1970, now, or -2h; needed',
  tz: 'zone of a time that names none: Europe/Berlin or +02:00',
  tolerance: 'how far the time may be off: 5s, 2m; left out: as exactly as it is given',
  destination_ip: 'the other end of the connection',
  destination_port: 'its port',
  case: 'your reference, for the audit',
  purpose: 'why you ask, for the audit',
  approval: 'number of the approval, where a second person is needed; several with commas',
}

/** The parameters of a look-up. */
export const lookupParameters = z.object(
  Object.fromEntries(lookupFields.map((field) => [field, text(meanings[field])])) as Record<
    LookupField,
    ReturnType<typeof text>
  >
)

/** Reads a question; one that cannot be read is in the audit too. */
export async function readLookup(
  queries: Record<string, string[]>,
  deps: RouteContext['deps'],
  principal: Principal
): Promise<LookupInput> {
  try {
    return readParameters(queries, lookupParameters) as LookupInput
  } catch (error) {
    const given = Object.entries(queries).map(([name, values]) => [name, values.join(' ')])
    await recordFailure(error, Object.fromEntries(given), deps, principal)
    throw error
  }
}

/** Answers, and counts the answer. */
export async function countedAnswer(
  input: LookupInput,
  { deps, metrics }: RouteContext,
  principal: Principal
): Promise<Answer> {
  const startedMs = performance.now()
  const seconds = (): number => (performance.now() - startedMs) / 1000
  try {
    const said = await answer(input, deps, principal)
    metrics.countLookup(said.verdict, seconds())
    return said
  } catch (error) {
    metrics.countLookup('failed', seconds())
    throw error
  }
}

/** `GET /v1/lookup`: one question, one answer. */
export function lookupRoute(context: RouteContext): Hono<ApiEnv> {
  const { deps } = context
  const description = describeV1({
    summary: 'Who had this address and port at this time',
    parameters: lookupParameters,
    response: answerSchema,
    problems: [429],
  })
  return new Hono<ApiEnv>().get(
    '/lookup',
    describeRoute(description),
    requireRight('lookup'),
    async (c) => {
      const principal = c.get('principal')
      const input = await readLookup(c.req.queries(), deps, principal)
      return c.json(await countedAnswer(input, context, principal))
    }
  )
}

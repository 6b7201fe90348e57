import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import { FlowledgerError } from '../../model/errors.ts'
import type { LiveFlows, RuleChanges } from '../../model/live-flows.ts'
import { recordAct } from '../answer.ts'
import type { RouteContext } from '../api-dependencies.ts'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import { requireClassified } from '../live/live-access.ts'
import { describeV1 } from '../openapi.ts'
import { ProblemError } from '../problem.ts'

const responseSchema = z.object({
  tried: z.number().int().describe('flows seen lately that the rules were tried on'),
  changes: z.array(
    z.object({
      from: z.string().nullable().describe('application by the rules in force; null: none'),
      to: z.string().nullable(),
      flows: z.number().int(),
    })
  ),
})

const changesJson = ({ tried, changes }: RuleChanges): z.infer<typeof responseSchema> => ({
  tried,
  changes: changes.map(({ from, to, flows }) => ({ from: from ?? null, to: to ?? null, flows })),
})

/** Files that cannot be used are said with their places: whoever manages rules mends them. */
async function planOf(flows: LiveFlows | undefined): Promise<RuleChanges> {
  try {
    return requireClassified(await flows?.rules('plan'))
  } catch (error) {
    if (!(error instanceof FlowledgerError) || error.code !== 'rules-invalid') throw error
    throw new ProblemError(409, error.code, error.message)
  }
}

/**
 * `GET /v1/rules/plan`, `POST /v1/rules/rollback`: the rules that name applications, of the running
 * program. What they call a flow is said of numbers of flows: no host, nobody's address.
 */
export function rulesRoute({ deps }: RouteContext): Hono<ApiEnv> {
  const plan = describeV1({
    summary: 'What the files of rules, read anew, would change; nothing is changed',
    response: responseSchema,
    problems: [409],
  })
  const rollback = describeV1({
    summary: 'Put the rules back that were in force before the last reload',
    description: 'They hold until files are read anew. Once more undoes it.',
    response: responseSchema,
    problems: [409],
  })
  const manage = requireRight('manage')
  return new Hono<ApiEnv>()
    .get('/rules/plan', describeRoute(plan), manage, async (c) =>
      c.json(changesJson(await planOf(deps.liveFlows)))
    )
    .post('/rules/rollback', describeRoute(rollback), manage, async (c) => {
      requireClassified(deps.liveFlows)
      const detail = { version: deps.version }
      await recordAct(deps.audit, { actor: c.get('actor'), action: 'rules-rollback', detail })
      const changes = await deps.liveFlows?.rules('rollback')
      if (changes !== undefined) return c.json(changesJson(changes))
      const message = 'No rules were in force before those that are: none were read anew.'
      throw new ProblemError(409, 'usage', message)
    })
}

/** What the API may ask of the collecting process; each question is checked before it is asked. */
import { z } from 'zod'
import { queryLine, toQuery } from '../../../collector/open-flows-wire.ts'
import type { OpenFlowsAnswer } from '../../../model/open-flows.ts'
import type { SliceQuery } from '../../../model/slice.ts'
import type { Surroundings } from '../surroundings.ts'

const nothing = z.null()
const text = z.string().max(16_384)
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

/** A question: its form, and who answers it. */
interface Question {
  ask(around: Surroundings, given: unknown): Promise<unknown>
}

function question<T>(
  form: z.ZodType<T>,
  answer: (around: Surroundings, given: T) => Promise<unknown>
): Question {
  return { ask: (around, given) => answer(around, form.parse(given)) }
}

async function openFlowsOf(
  { openFlows }: Surroundings,
  queries: readonly SliceQuery[]
): Promise<readonly (readonly OpenFlowsAnswer[])[]> {
  if (openFlows.queryAll !== undefined) return await openFlows.queryAll(queries)
  return await Promise.all(queries.map((query) => openFlows.query(query)))
}

const live = z.strictObject({
  after: count,
  limit: z.number().int().min(1).max(100_000),
  filter: text.optional(),
})
const word = z.number().int().min(0).max(0xffff_ffff)
const farEnd = z.strictObject({
  ip: z.tuple([word, word, word, word]),
  port: z.number().int().min(0).max(0xffff),
})
const head = z.strictObject({ id: count, hash: z.string().regex(/^[0-9a-f]{64}$/) })

export const questions = {
  'open-flows': question(queryLine, (around, { queries }) =>
    openFlowsOf(around, queries.map(toQuery))
  ),
  exporters: question(nothing, async ({ exporters }) => await exporters?.exporters()),
  exporter: question(text, async ({ exporters }, name) => await exporters?.exporter(name)),
  live: question(live, async ({ liveFlows }, query) => await liveFlows?.live(query)),
  explain: question(text, async ({ liveFlows }, flow) => await liveFlows?.explain(flow)),
  unknown: question(count, async ({ liveFlows }, limit) => await liveFlows?.unknown(limit)),
  hosts: question(nothing, async ({ liveFlows }) => await liveFlows?.hosts()),
  rules: question(
    z.enum(['plan', 'rollback']),
    async ({ liveFlows }, act) => await liveFlows?.rules(act)
  ),
  readiness: question(text, async ({ readiness }, of) => {
    const one = readiness.find(({ name }) => name === of)
    return { reason: await one?.check(), warning: one?.warning?.() }
  }),
  metrics: question(nothing, async ({ registry }) => await registry.metrics()),
  head: question(nothing, async ({ heads }) => await heads.known()),
  advance: question(head, async ({ heads }, to) => await heads.advance(to)),
  signer: question(nothing, async ({ evidence }) => {
    const { id, publicKey, ...rest } = await evidence.signer()
    const { validFromUs, validToUs } = rest
    return { id, publicKey, validFromUs, validToUs }
  }),
  'hash-destination': question(farEnd, ({ hashDestination }, { ip, port }) =>
    hashDestination(ip, port)
  ),
  // The key stays here: who takes the API over can sign while that lasts, and not afterwards.
  sign: question(z.base64(), async ({ evidence }, octets) =>
    (await evidence.signer()).sign(Buffer.from(octets, 'base64'))
  ),
  'public-keys': question(nothing, async ({ evidence }) => await evidence.publicKeys()),
} satisfies Readonly<Record<string, Question>>

export type QuestionName = keyof typeof questions

export const isQuestion = (name: string): name is QuestionName => Object.hasOwn(questions, name)

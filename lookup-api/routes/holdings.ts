import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import { actorOf } from '../../model/principal.ts'
import { formatInstant, parseInstant } from '../../model/time.ts'
import { subjectOf } from '../access-subject.ts'
import { recordAct } from '../answer.ts'
import type { ApiDependencies, RouteContext } from '../api-dependencies.ts'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import { findHeld, flowsDuring, maxFlowSpanUs, subjectKinds } from '../chain/reverse.ts'
import type { Held, ReverseQuery, SubjectKind } from '../chain/reverse.ts'
import { authorityMember } from '../authority-text.ts'
import { heldJson, holdingsPageSchema } from '../chain/reverse-contract.ts'
import type { HeldJson } from '../chain/reverse-contract.ts'
import { recordOfHolding } from '../chain/sentences.ts'
import { describeV1 } from '../openapi.ts'
import { nextLink } from '../page-link.ts'
import { limit, readParameters, text } from '../parameters.ts'
import { sliceJson } from '../present.ts'
import { ProblemError } from '../problem.ts'
import { inField } from '../query.ts'
import { requireAllowed, requireNotes } from '../question-gate.ts'

/** Whom a question is about: one of them. */
export const subjectParameters = {
  subscriber: text("the provider's number, as the directory has it"),
  mac: text('address of a device'),
  duid: text('DHCP unique identifier, in hexadecimal'),
  user: text('name that somebody logs in with'),
  circuit_id: text('the line that a relay names (DHCP option 82)'),
  remote_id: text('the same, its other part'),
  address: text('inside address or prefix'),
}

const parameters = z.object({
  ...subjectParameters,
  from: text('needed'),
  to: text('left out: now'),
  tz: text('zone of times that name none'),
  flows: z
    .enum(['true', 'false'])
    .default('false')
    .describe('list the connections too, with their public ends; for at most a day'),
  case: text('your reference, for the audit'),
  purpose: text('why you ask, for the audit'),
  approval: text('number of the approval, where a second person is needed'),
  limit,
  cursor: text('where the page before ended: its `next`'),
})

type Given = z.output<typeof parameters>

const refuse = (pointer: string, message: string): ProblemError =>
  new ProblemError(400, 'usage', message, {
    errors: [{ pointer: `#/${pointer}`, detail: message }],
  })

/** @throws ProblemError where none is named, or more than one */
export function subjectOfQuestion(
  given: Readonly<Partial<Record<SubjectKind, string | undefined>>>
): {
  kind: SubjectKind
  value: string
} {
  const named = subjectKinds.flatMap((kind) => {
    const value = given[kind]?.trim()
    return value === undefined || value === '' ? [] : [{ kind, value }]
  })
  const [only] = named
  if (only !== undefined && named.length === 1) return only
  throw refuse('subscriber', `Name one of ${subjectKinds.join(', ')}.`)
}

function readQuestion(given: Given, nowUs: number): ReverseQuery {
  const zone = { tz: given.tz, nowUs }
  if (given.from === undefined) throw refuse('from', '"from" is missing.')
  const fromUs = inField('from', () => parseInstant(given.from ?? '', zone).atUs)
  const toUs = inField('to', () => parseInstant(given.to ?? 'now', zone).atUs)
  if (fromUs > toUs) throw refuse('from', '"from" is later than "to".')
  if (given.flows === 'true' && toUs - fromUs > maxFlowSpanUs) {
    throw refuse('flows', 'Connections are listed for at most a day: ask for a shorter time.')
  }
  if (given.cursor !== undefined && !/^\d{1,6}$/.test(given.cursor)) {
    throw refuse('cursor', 'The cursor is not one that a page gave.')
  }
  const offset = Number(given.cursor ?? 0)
  return { ...subjectOfQuestion(given), fromUs, toUs, offset, limit: given.limit }
}

/** What the question is about, as an approval names it. */
const subjectFields = [...subjectKinds, 'from', 'to', 'tz', 'flows'] as const

const subjectGiven = (given: Given): Record<string, string> =>
  Object.fromEntries(
    subjectFields.flatMap((field) => (given[field] === undefined ? [] : [[field, given[field]]]))
  )

async function pageOf(
  held: readonly Held[],
  query: ReverseQuery,
  wantsFlows: boolean,
  deps: ApiDependencies
): Promise<HeldJson[]> {
  const out: HeldJson[] = []
  for (const { holding, by } of held) {
    const found = wantsFlows ? await flowsDuring(holding, query, deps) : undefined
    const flows = found && {
      cut: found.cut,
      flows: found.flows.flatMap((slice) => sliceJson(slice) ?? []),
    }
    out.push(heldJson(holding, by, flows))
  }
  return out
}

/**
 * `GET /v1/holdings`: what a subscriber, device or user held. It asks about a person, not about an
 * act, and so needs a right of its own.
 */
export function holdingsRoute({ deps }: RouteContext): Hono<ApiEnv> {
  const description = describeV1({
    summary: 'What a subscriber, device, user or line held, oldest first',
    parameters,
    response: holdingsPageSchema,
    problems: [429],
  })
  return new Hono<ApiEnv>().get(
    '/holdings',
    describeRoute(description),
    requireRight('reverse'),
    async (c) => {
      const given = readParameters(c.req.queries(), parameters)
      const principal = c.get('principal')
      const query = readQuestion(given, deps.nowUs())
      const { case: reference, purpose } = given
      const notes = {
        ...(reference === undefined ? {} : { case: reference }),
        ...(purpose === undefined ? {} : { purpose }),
      }
      requireNotes(notes, deps.access)
      const subject = subjectOf(subjectGiven(given), deps.nowUs())
      const decision = await deps.access.decide(principal, 'reverse', subject, given.approval)
      requireAllowed(decision, 'What somebody held cannot be looked up so.')
      const { prefixes } = principal
      const scope = prefixes === undefined ? {} : { scope: prefixes }
      const found = await findHeld({ ...query, ...scope }, deps)
      const holdings = await pageOf(found.held, query, given.flows === 'true', deps)
      const next = found.hasMore ? String(query.offset + query.limit) : undefined
      const detail = {
        given,
        holdings: found.held.map(({ holding }) => recordOfHolding(holding)),
        flows: holdings.reduce((count, one) => count + (one.flows?.length ?? 0), 0),
        version: deps.version,
      }
      const entry = { actor: actorOf(principal), action: 'reverse', detail }
      const { id } = await recordAct(deps.audit, entry)
      nextLink(c, next)
      return c.json({
        from: formatInstant(query.fromUs),
        to: formatInstant(query.toUs),
        ...authorityMember(decision.authority),
        holdings,
        cut: found.cut,
        not_searched: found.notSearched.map(({ type, value }) => `${type} ${value}`),
        next: next ?? null,
        audit_id: id,
      })
    }
  )
}

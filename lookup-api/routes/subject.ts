import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import { parseInstant } from '../../model/time.ts'
import type { RouteContext } from '../api-dependencies.ts'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import { authorityMember } from '../authority-text.ts'
import { authoritySchema } from '../contract.ts'
import { describeV1 } from '../openapi.ts'
import { readParameters, text } from '../parameters.ts'
import { ProblemError } from '../problem.ts'
import { inField } from '../query.ts'
import { requireNotes } from '../question-gate.ts'
import { requireSubjectAct } from '../subject/allowed.ts'
import { showSubject, subjectSchema } from '../subject/show-subject.ts'
import { subjectOfQuestion, subjectParameters } from './holdings.ts'

const parameters = z.object({
  ...subjectParameters,
  from: text('needed'),
  to: text('left out: now'),
  tz: text('zone of times that name none'),
  case: text('your reference, for the audit'),
  purpose: text('why you ask, for the audit'),
  approval: text('number of the approval, where a second person is needed'),
})

/** The longest time that is asked for at once: every file of the archive in it is read. */
const maxSpanUs = 800 * 86_400e6

const response = subjectSchema.extend({
  authority: z.array(authoritySchema).optional().describe('approvals that it took'),
})

/**
 * `GET /v1/subject`: everything that is held on a person. Deleting it is for the command line: the
 * API has no log-in that could.
 */
export function subjectRoute({ deps }: RouteContext): Hono<ApiEnv> {
  const description = describeV1({
    summary: 'What is held on a person: holdings, counts of records, cases, holds, audit entries',
    parameters,
    response,
    problems: [429],
  })
  return new Hono<ApiEnv>().get(
    '/subject',
    describeRoute(description),
    requireRight('reverse'),
    async (c) => {
      const given = readParameters(c.req.queries(), parameters)
      const zone = { tz: given.tz, nowUs: deps.nowUs() }
      const time = (field: 'from' | 'to', otherwise: string): number =>
        inField(field, () => parseInstant(given[field] ?? otherwise, zone).atUs)
      if (given.from === undefined) throw new ProblemError(400, 'usage', '"from" is missing.')
      const [fromUs, toUs] = [time('from', 'now'), time('to', 'now')]
      if (fromUs > toUs || toUs - fromUs > maxSpanUs) {
        throw new ProblemError(400, 'usage', '"from" is at most 800 days before "to".')
      }
      const { case: reference, purpose, approval } = given
      requireNotes(
        {
          ...(reference === undefined ? {} : { case: reference }),
          ...(purpose === undefined ? {} : { purpose }),
        },
        deps.access
      )
      const question = { ...subjectOfQuestion(given), fromUs, toUs }
      const principal = c.get('principal')
      const authority = await requireSubjectAct(deps, principal, 'reverse', question, approval)
      const shown = await showSubject(question, deps, principal)
      return c.json({ ...shown, ...authorityMember(authority) })
    }
  )
}

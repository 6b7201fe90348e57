/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Answer } from '../../contract.ts'
import type { Problem } from '../../problem.ts'
import { ProblemError } from '../../problem.ts'
import { lookupFields } from '../../query.ts'
import type { LookupInput } from '../../query.ts'
import { ApiProblem, queryText } from '../ask.ts'
import { caseNamed } from '../cases/case-named.ts'
import { Page } from '../layout.tsx'
import { Empty, ProblemSummary } from '../parts/basics.tsx'
import { passOn } from '../pass-on.ts'
import { render } from '../render.ts'
import { field, readZone } from '../visitor.ts'
import type { PageContext, PageEnv } from '../visitor.ts'
import { AnswerView, AskSecondPerson } from './answer.tsx'
import { LookUpForm } from './form.tsx'
import { questionOf } from './question.ts'

/** `/lookup`: the question, and its answer below it. */

const isAsked = (input: LookupInput): boolean => input.ip !== undefined || input.at !== undefined

const inputId = (name: string): string | undefined => lookupFields.find((one) => one === name)

interface Outcome {
  readonly answer?: Answer
  readonly problem?: Problem
}

async function askOf(c: Context<PageEnv>, input: LookupInput): Promise<Outcome> {
  if (!isAsked(input)) return {}
  try {
    return { answer: await c.get('visitor').api.get<Answer>('/v1/lookup', { ...input }) }
  } catch (error) {
    if (error instanceof ApiProblem) return { problem: error.problem }
    throw error
  }
}

function lookUpPage(c: Context<PageEnv>, context: PageContext, input: LookupInput, of: Outcome) {
  const visitor = c.get('visitor')
  const { rules } = context.deps.access
  const { answer, problem } = of
  const title =
    answer === undefined ? 'Look up' : `${answer.verdict}: ${answer.query.ip} at ${answer.query.at}`
  const needsWide = problem?.code === 'approval-needed'
  return (
    <Page title={problem === undefined ? title : `Error: ${title}`} visitor={visitor}>
      <h1>Who had this address and port?</h1>
      {problem === undefined ? null : <ProblemSummary problem={problem} idOf={inputId} />}
      {needsWide ? <AskSecondPerson act="wide" input={input} visitor={visitor} /> : null}
      <LookUpForm input={input} problem={problem} rules={rules} isAnswered={answer !== undefined} />
      {answer === undefined ? null : (
        <AnswerView
          answer={answer}
          input={input}
          visitor={visitor}
          zone={readZone(input.tz) ?? visitor.zone}
          hasDesk={context.deps.desk !== undefined}
          canAskReveal={
            rules.secondPerson.includes('reveal') && visitor.principal.rights.has('reveal')
          }
        />
      )}
      {isAsked(input) ? null : (
        <Empty title="Ask with what the letter says.">
          <p>
            The public address, the port behind it and the time with its zone name one connection;
            without the port everybody behind the address is a candidate. The destination tells two
            hosts apart that shared a port.
          </p>
          <p>
            You have the letter itself? <a href="/notices">Paste it</a>, and it is read for you.
          </p>
        </Empty>
      )}
    </Page>
  )
}

export function lookUpRoutes(context: PageContext): Hono<PageEnv> {
  return new Hono<PageEnv>()
    .get('/lookup', async (c) => {
      const input = questionOf((name) => c.req.query(name))
      const of = await askOf(c, input)
      const status = (of.problem?.status ?? 200) as ContentfulStatusCode
      return render(c, lookUpPage(c, context, input, of), status)
    })
    .post('/lookup/evidence', async (c) => {
      const form = c.get('form')
      const input = questionOf((name) => field(form, name))
      const path = `/v1/evidence${queryText({ ...input })}`
      return await passOn(c, path, field(form, 'form'), 'POST')
    })
    .post('/lookup/keep', async (c) => {
      const form = c.get('form')
      const { api } = c.get('visitor')
      const auditId = Number(field(form, 'audit_id'))
      const found = await caseNamed(api, field(form, 'reference').trim())
      if (found === undefined) {
        throw new ProblemError(404, 'case-unknown', 'There is no case of that reference.')
      }
      await api.send('POST', `/v1/cases/${found.id}/lookups`, { audit_id: auditId })
      return c.redirect(`/cases/${found.id}`, 303)
    })
}

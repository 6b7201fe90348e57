/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { ProblemError, problemOf } from '../problem.ts'
import type { Problem } from '../problem.ts'
import { ApiProblem } from './ask.ts'
import { Page } from './layout.tsx'
import { ProblemSummary } from './parts/basics.tsx'
import { render } from './render.ts'
import { herePath } from './visitor.ts'
import type { PageEnv, Visitor } from './visitor.ts'

/** What to do about a problem, where that is not said yet. */
function adviceOf({ code, status }: Problem) {
  if (code === 'case-conflict') {
    return (
      <p>
        Somebody else changed it since you read it. What you wrote is not lost: go back, copy it,
        reload the page, and decide again on what it says now.
      </p>
    )
  }
  if (status === 429) return <p>Wait a moment, then reload the page.</p>
  if (status === 403) return <p>An administrator gives rights, by roles.</p>
  if (status >= 500) return <p>Reload the page later; the log of the server has the cause.</p>
  return <p>Go back and change what is wrong.</p>
}

/** A problem as a page. */
export function problemPage(c: Context<PageEnv>, error: unknown): Response {
  const problem = error instanceof ApiProblem ? error.problem : problemOf(error)
  const visitor = c.get('visitor') as Visitor | undefined
  const page = (
    <Page title={problem.title} visitor={visitor}>
      <ProblemSummary problem={problem} />
      {adviceOf(problem)}
    </Page>
  )
  const wait =
    error instanceof ProblemError ? error.headers['Retry-After'] : (error as ApiProblem).retryAfter
  if (wait !== undefined) c.header('Retry-After', wait)
  return render(c, page, problem.status as ContentfulStatusCode)
}

/** Asks whether a link of another site was meant to be opened. */
export function elsewherePage(c: Context<PageEnv>): Response {
  const here = herePath(c)
  return render(
    c,
    <Page title="A link from elsewhere">
      <h1>You followed a link from another site</h1>
      <p>What you open here is written to the audit with your name. It leads to</p>
      <p>
        <code class="address">{here}</code>
      </p>
      <p>
        <a class="button primary" href={here}>
          Open it
        </a>{' '}
        <a class="button" href="/">
          Not now
        </a>
      </p>
    </Page>
  )
}

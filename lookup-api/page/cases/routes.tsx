/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { CaseJson, HoldJson } from '../../cases/present.ts'
import { ProblemError } from '../../problem.ts'
import { ApiProblem } from '../ask.ts'
import { passOn } from '../pass-on.ts'
import { render } from '../render.ts'
import { field } from '../visitor.ts'
import type { FormFields, PageContext, PageEnv } from '../visitor.ts'
import { caseNamed } from './case-named.ts'
import { CasePage } from './case-page.tsx'
import type { CaseDetail } from './case-detail.ts'
import { HoldList } from './hold-list.tsx'
import { CaseList } from './list.tsx'

/** `/cases`: the list, a case, and what people do in it. */

function caseId(c: Context<PageEnv>): string {
  const id = c.req.param('id') ?? ''
  if (/^[1-9]\d{0,14}$/.test(id)) return id
  throw new ProblemError(404, 'not-found', 'A case is named by its number.')
}

/** Fields of a form that are not empty, as the members of a body. */
function given(form: FormFields, ...names: readonly string[]): Record<string, string> {
  const pairs = names.map((name) => [name, field(form, name).replaceAll('\r\n', '\n').trim()])
  return Object.fromEntries(pairs.filter(([, value]) => value !== ''))
}

const versionHeader = (form: FormFields): Record<string, string> => {
  const version = field(form, 'version')
  return /^\d{1,9}$/.test(version) ? { 'If-Match': `"${version}"` } : {}
}

export function caseRoutes({ deps }: PageContext): Hono<PageEnv> {
  const nowMs = (): number => deps.nowUs() / 1000

  async function show(c: Context<PageEnv>, failed?: ApiProblem): Promise<Response> {
    const visitor = c.get('visitor')
    const cursor = c.req.query('cursor')
    const detail = await visitor.api.get<CaseDetail>(`/v1/cases/${caseId(c)}`, { cursor })
    const page = (
      <CasePage
        detail={detail}
        visitor={visitor}
        nowMs={nowMs()}
        problem={failed?.problem}
        draft={c.get('form')}
      />
    )
    return render(c, page, failed?.status ?? 200)
  }

  /** Does something in a case; where that fails the case is shown, with what was written. */
  async function act(c: Context<PageEnv>, done: () => Promise<unknown>): Promise<Response> {
    try {
      await done()
    } catch (error) {
      if (error instanceof ApiProblem && error.status < 500) return await show(c, error)
      throw error
    }
    return c.redirect(`/cases/${caseId(c)}`, 303)
  }

  const path = (c: Context<PageEnv>, part = ''): string => `/v1/cases/${caseId(c)}${part}`

  return new Hono<PageEnv>()
    .get('/cases', async (c) => {
      const visitor = c.get('visitor')
      const { status = '', cursor } = c.req.query()
      const page = await visitor.api.get<{ cases: CaseJson[]; next: string | null }>('/v1/cases', {
        status,
        cursor,
        limit: '50',
      })
      return render(c, <CaseList {...page} {...{ visitor, status }} nowMs={nowMs()} />)
    })
    .post('/cases', async (c) => {
      const body = given(c.get('form'), 'title', 'reference')
      const made = await c.get('visitor').api.send<CaseJson>('POST', '/v1/cases', body)
      return c.redirect(`/cases/${made.id}`, 303)
    })
    .get('/cases/:id', (c) => show(c))
    .get('/cases/:id/export', (c) =>
      passOn(c, path(c, '/export'), c.req.query('form') ?? '', 'GET')
    )
    .get('/cases/:id/evidence/:entry', (c) => {
      const entry = encodeURIComponent(c.req.param('entry'))
      return passOn(c, path(c, `/evidence/${entry}`), c.req.query('form') ?? '', 'GET')
    })
    .post('/cases/:id/status', (c) => {
      const form = c.get('form')
      const { api } = c.get('visitor')
      const body = given(form, 'status', 'reason')
      return act(c, () => api.send('PATCH', path(c), body, versionHeader(form)))
    })
    .post('/cases/:id/notes', (c) => {
      const form = c.get('form')
      const body = given(form, 'text')
      const { api } = c.get('visitor')
      return act(c, () => api.send('POST', path(c, '/notes'), body, versionHeader(form)))
    })
    .post('/cases/:id/decisions', (c) => {
      const form = c.get('form')
      const body = given(form, 'decision', 'reason')
      const { api } = c.get('visitor')
      return act(c, () => api.send('POST', path(c, '/decisions'), body, versionHeader(form)))
    })
    .post('/cases/:id/deadlines', (c) => {
      const form = c.get('form')
      const body = given(
        form,
        ...(form['preset'] === undefined ? ['name', 'due'] : ['preset', 'from'])
      )
      return act(c, () => c.get('visitor').api.send('POST', path(c, '/deadlines'), body))
    })
    .post('/cases/:id/deadlines/:deadline/met', (c) => {
      const deadline = encodeURIComponent(c.req.param('deadline'))
      return act(c, () => c.get('visitor').api.send('POST', path(c, `/deadlines/${deadline}/met`)))
    })
    .post('/cases/:id/holds', (c) => {
      const form = c.get('form')
      const { port, ...body } = given(form, 'address', 'port', 'from', 'to', 'reason', 'expires')
      const wanted = port === undefined ? body : { ...body, port: Number(port) }
      return act(c, () => c.get('visitor').api.send('POST', path(c, '/holds'), wanted))
    })
    .get('/holds', async (c) => {
      const visitor = c.get('visitor')
      const { state = 'in-force', cursor } = c.req.query()
      const query = { state, cursor, limit: '50' }
      const page = await visitor.api.get<{ holds: HoldJson[]; next: string | null }>(
        '/v1/holds',
        query
      )
      return render(c, <HoldList {...page} {...{ visitor, state }} />)
    })
    .post('/holds/:id/release', async (c) => {
      const id = encodeURIComponent(c.req.param('id'))
      const { api } = c.get('visitor')
      const body = given(c.get('form'), 'reason', 'approval')
      const hold = await api.send<{ case: string | null }>('POST', `/v1/holds/${id}/release`, body)
      const found = await caseNamed(api, hold.case ?? '')
      return c.redirect(found === undefined ? '/cases' : `/cases/${found.id}`, 303)
    })
}

/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { Report } from '../../reports/contract.ts'
import { reports } from '../../reports/reports.ts'
import { ProblemError } from '../../problem.ts'
import { queryText } from '../ask.ts'
import type { Query } from '../ask.ts'
import { passOn } from '../pass-on.ts'
import { render } from '../render.ts'
import type { PageEnv, Visitor } from '../visitor.ts'
import { ReportPage } from './report-page.tsx'

/** `/reports`: what capacity is planned by. */

/** In the order of the tabs. */
const order = ['traffic', 'applications', 'nat-pool', 'talkers', 'exporters', 'storage']

function openTo({ principal }: Visitor): string[] {
  return order.filter((name) => {
    const kind = reports[name]
    return kind !== undefined && principal.rights.has(kind.right)
  })
}

const fields = ['from', 'to', 'tz', 'step', 'source', 'by', 'metric', 'limit', 'part'] as const

/** What of the query is of the report; a form sends empty fields too. */
function queryOf(c: Context<PageEnv>): Query {
  const given = fields.map((name) => [name, c.req.query(name)?.trim()] as const)
  return Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== ''))
}

export function reportRoutes(): Hono<PageEnv> {
  return new Hono<PageEnv>()
    .get('/reports', (c) => {
      const [first] = openTo(c.get('visitor'))
      if (first !== undefined) return c.redirect(`/reports/${first}`, 303)
      throw new ProblemError(403, 'forbidden', 'Reports need the right reports.')
    })
    .get('/reports/:name', async (c) => {
      const visitor = c.get('visitor')
      const [, name = '', csv] = /^([a-z-]+)(\.csv)?$/.exec(c.req.param('name')) ?? []
      const kind = Object.hasOwn(reports, name) ? reports[name] : undefined
      if (kind === undefined) throw new ProblemError(404, 'not-found', 'There is no such report.')
      const { part, ...query } = queryOf(c)
      const path = `/v1/reports/${name}`
      if (csv !== undefined) return passOn(c, path + queryText({ ...query, part }), 'csv', 'GET')
      const report = await visitor.api.get<Report>(path, query)
      const names = openTo(visitor)
      return render(c, <ReportPage {...{ visitor, name, kind, names, query, report }} />)
    })
}

import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import { requireRight } from '../authentication.ts'
import type { ApiEnv } from '../authentication.ts'
import type { RouteContext } from '../api-dependencies.ts'
import { recordAct } from '../answer.ts'
import { describeV1 } from '../openapi.ts'
import { readParameters, text } from '../parameters.ts'
import { reportSchema } from '../reports/contract.ts'
import type { ReportKind } from '../reports/context.ts'
import { seriesCsv, tableCsv } from '../reports/report-csv.ts'
import { reports } from '../reports/reports.ts'

const parametersOf = ({ by, metric }: ReportKind) =>
  z.object({
    from: text('start; left out: a day ago'),
    to: text('end; left out: now'),
    tz: text('zone of times that name none'),
    step: text('length of a step, whole minutes such as 5m or 1h; left out: as fits the time'),
    source: text('name of the one source that is asked for; left out: all'),
    by: text(`series by ${by.join(', ')}; left out: ${by[0]}`),
    metric: text(`of ${metric.join(', ')}; left out: ${metric[0]}`),
    limit: text('series at the most, 1 to 50, the rest added up; left out: 10'),
    part: z.enum(['series', 'table']).default('series').describe('what a CSV is of'),
  })

const wantsCsv = (accept: string | undefined): boolean => /\btext\/csv\b/.test(accept ?? '')

/**
 * `GET /v1/reports/NAME`: what capacity is planned by, from sums that were written while flows
 * were: no report reads a flow. JSON, or CSV where Accept says so.
 */
export function reportsRoute({ deps }: RouteContext): Hono<ApiEnv> {
  const route = new Hono<ApiEnv>()
  for (const [name, kind] of Object.entries(reports)) {
    const parameters = parametersOf(kind)
    const description = describeV1({
      summary: kind.summary,
      description: 'As CSV with `Accept: text/csv`: the series, or with `part=table` the table.',
      parameters,
      response: reportSchema,
    })
    route.get(
      `/reports/${name}`,
      describeRoute(description),
      requireRight(kind.right),
      async (c) => {
        const { part, ...input } = readParameters(c.req.queries(), parameters)
        const { reports: parts } = deps
        if (parts === undefined) return c.notFound()
        const report = await kind.make(input, { ...parts, nowUs: deps.nowUs() })
        if (kind.right === 'talkers') {
          // It lists people's addresses: who looked at it is on record.
          const detail = { given: input, rows: report.table.rows.length, version: deps.version }
          await recordAct(deps.audit, { actor: c.get('actor'), action: `report-${name}`, detail })
        }
        if (!wantsCsv(c.req.header('Accept'))) return c.json(report)
        const csv = part === 'table' ? tableCsv(report) : seriesCsv(report)
        c.header('Content-Disposition', `attachment; filename="${name}-${part}.csv"`)
        return c.body(csv, 200, { 'Content-Type': 'text/csv; charset=utf-8; header=present' })
      }
    )
  }
  return route
}

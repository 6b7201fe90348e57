import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import type { SourceCoverage } from '../../model/coverage.ts'
import { formatInstant, parseInstant } from '../../model/time.ts'
import type { ApiEnv } from '../authentication.ts'
import { ProblemError } from '../problem.ts'
import type { RouteContext } from '../api-dependencies.ts'
import { coveragePageSchema } from '../contract.ts'
import type { CoveragePage } from '../contract.ts'
import { judgeCoverage } from '../coverage-judgement.ts'
import { describeV1 } from '../openapi.ts'
import { readParameters, text } from '../parameters.ts'
import { coverageJson, formatKnown } from '../present.ts'
import { inField } from '../query.ts'

const parameters = z.object({
  from: text('left out: an hour ago'),
  to: text('left out: now'),
  tz: text('zone of times that name none'),
})

function sourceJson(source: SourceCoverage): CoveragePage['sources'][number] {
  return {
    source: source.source,
    kind: source.kind,
    watched_from: formatKnown(source.watchedFromUs),
    watermark: formatKnown(source.watermarkUs),
    closed_through: formatKnown(source.closedThroughUs),
    skew_seconds: source.skewUs / 1e6,
  }
}

/**
 * `GET /v1/coverage`: what the sources saw without loss, as far as the ledger knows. It names
 * nobody and every role may read it.
 */
export function coverageRoute({ deps }: RouteContext): Hono<ApiEnv> {
  const description = describeV1({
    summary: 'What was watched without loss',
    parameters,
    response: coveragePageSchema,
  })
  return new Hono<ApiEnv>().get('/coverage', describeRoute(description), async (c) => {
    const { from, to, tz } = readParameters(c.req.queries(), parameters)
    const nowUs = deps.nowUs()
    const fromUs = inField('from', () => parseInstant(from ?? '-1h', { tz, nowUs }).atUs)
    const givenToUs = inField('to', () => parseInstant(to ?? 'now', { tz, nowUs }).atUs)
    const toUs = Math.min(givenToUs, nowUs)
    if (fromUs > toUs) {
      const errors = [{ pointer: '#/from', detail: 'is later than "to", or than now.' }]
      throw new ProblemError(400, 'usage', '"from" is later than "to", or than now.', { errors })
    }
    const sources = await deps.ledger.readCoverage(fromUs, toUs)
    // The watermark counts here: whether a collector can be asked at this moment is for /readyz.
    const reached = new Map(sources.map((source) => [source.source, source]))
    const judged = judgeCoverage({ fromUs, toUs, nowUs, sources, reached })
    return c.json({
      from: formatInstant(fromUs),
      to: formatInstant(toUs),
      ...coverageJson(judged),
      sources: sources.map(sourceJson),
    })
  })
}

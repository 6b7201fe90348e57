import { Hono } from 'hono'
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { secureHeaders } from 'hono/secure-headers'
import { timeout } from 'hono/timeout'
import { openAPIRouteHandler } from 'hono-openapi'
import { maxBodyBytes } from '../model/limits.ts'
import { allowedMethods } from './allowed-methods.ts'
import { authenticate } from './authentication.ts'
import type { ApiEnv } from './authentication.ts'
import type { ApiDependencies, RouteContext } from './api-dependencies.ts'
import { FailureBrake } from './failure-brake.ts'
import { makeMetrics } from './metrics.ts'
import { RateLimiter } from './rate-limiter.ts'
import type { AskApi } from './page/ask.ts'
import { pageRoutes } from './page/pages.ts'
import { isOfClient, ProblemError, problemOf, problemResponse } from './problem.ts'
import { applicationsRoute } from './routes/applications.ts'
import { approvalsRoute } from './routes/approvals.ts'
import { authRoutes } from './routes/auth.ts'
import { auditRoute } from './routes/audit.ts'
import { casePartsRoute } from './routes/case-parts.ts'
import { casesRoute } from './routes/cases.ts'
import { coverageRoute } from './routes/coverage.ts'
import { devicesRoute } from './routes/devices.ts'
import { evidenceRoute, keysRoute } from './routes/evidence.ts'
import { exportersRoute } from './routes/exporters.ts'
import { flowsRoute } from './routes/flows.ts'
import { holdingsRoute } from './routes/holdings.ts'
import { subjectRoute } from './routes/subject.ts'
import { holdsRoute } from './routes/holds.ts'
import { liveRoute } from './routes/live.ts'
import { liveUnknownRoute } from './routes/live-unknown.ts'
import { lookupRoute } from './routes/lookup.ts'
import { lookupsRoute } from './routes/lookups.ts'
import { natEventsRoute } from './routes/nat-events.ts'
import { noticesRoute } from './routes/notices.ts'
import { operationsRoutes } from './routes/operations.ts'
import { peopleRoute } from './routes/people.ts'
import { reportsRoute } from './routes/reports.ts'
import { rulesRoute } from './routes/rules.ts'
import { sessionRoute } from './routes/session.ts'
import { tokensRoute } from './routes/tokens.ts'

/** Everything under `/v1`, one file a route; each asks for a token. */
const v1Routes = [
  lookupRoute,
  lookupsRoute,
  noticesRoute,
  flowsRoute,
  holdingsRoute,
  subjectRoute,
  coverageRoute,
  exportersRoute,
  liveRoute,
  liveUnknownRoute,
  devicesRoute,
  rulesRoute,
  natEventsRoute,
  auditRoute,
  sessionRoute,
] as const

/** Those about who may ask. */
const accountRoutes = [approvalsRoute, tokensRoute, peopleRoute] as const

/** The abuse desk's work. */
const deskRoutes = [evidenceRoute, keysRoute, casesRoute, casePartsRoute, holdsRoute] as const

/** Refuses what is more than can be answered at one time, rather than answering everybody late. */
function limitInFlight(most: number): MiddlewareHandler {
  let inFlight = 0
  return async function limited(_, next) {
    if (inFlight >= most) {
      throw new ProblemError(429, 'too-many-requests', `There are ${most} requests under way.`, {
        headers: { 'Retry-After': '1' },
      })
    }
    inFlight++
    try {
      await next()
    } finally {
      inFlight--
    }
  }
}

const tooLarge = (): never => {
  const message = `A body has at most ${maxBodyBytes} bytes.`
  throw new ProblemError(413, 'too-large', message)
}

const wholeBody = bodyLimit({ maxSize: maxBodyBytes, onError: tooLarge })

/** A batch is read as it comes and bounds itself, a notice has a bound of its own. */
const limitBody: MiddlewareHandler = (c, next) =>
  ['/v1/lookups', '/v1/notices'].includes(c.req.path) ? next() : wholeBody(c, next)

/**
 * No name, number or time has a null, and PostgreSQL keeps none in a text: what carries one is
 * refused before anything is asked with it.
 */
const refuseNull: MiddlewareHandler = (c, next) => {
  if (!/%00|\0/.test(c.req.url)) return next()
  throw new ProblemError(400, 'usage', 'A path or parameter holds a null character.')
}

/** Statuses of those who ask for what is not theirs, or too often. */
const refusals: ReadonlySet<number> = new Set([401, 403, 429])

const late = (): HTTPException => new HTTPException(503)

/** Answers, errors and refusals alike are for the asker alone: no cache keeps them. */
const noStore: MiddlewareHandler = async function uncached(c, next) {
  await next()
  c.header('Cache-Control', 'no-store')
}

function addV1(app: Hono<ApiEnv>, context: RouteContext): void {
  const { deps } = context
  app.use('/v1/*', noStore)
  app.use('/v1/*', limitInFlight(deps.maxInFlight ?? 64))
  app.use('/v1/*', timeout(deps.timeoutMs ?? 30_000, late))
  app.use('/v1/*', authenticate(context))
  app.use('/v1/*', limitBody)
  for (const route of v1Routes) app.route('/v1', route(context))
  const { accounts, desk, names, reports } = deps
  if (reports !== undefined) app.route('/v1', reportsRoute(context))
  if (names !== undefined) app.route('/v1', applicationsRoute(context))
  if (desk !== undefined) for (const route of deskRoutes) app.route('/v1', route(context, desk))
  if (accounts === undefined) return
  for (const route of accountRoutes) app.route('/v1', route(context, accounts))
  const { logIn } = accounts
  if (logIn === undefined) return
  app.use('/auth/*', noStore)
  app.use('/auth/*', limitInFlight(deps.maxInFlight ?? 64))
  app.route('/auth', authRoutes(context, accounts, logIn))
}

function addDocument(app: Hono<ApiEnv>, version: string): void {
  const documentation = {
    info: {
      title: 'flowledger',
      version,
      description: 'Who had this NAT address and port at time T.',
    },
    components: {
      securitySchemes: { bearer: { type: 'http' as const, scheme: 'bearer' } },
    },
  }
  app.get('/openapi.json', openAPIRouteHandler(app, { documentation }))
}

/** 404, or 405 with the methods that the path has (RFC 9110 §15.5.6). */
function addNotFound(app: Hono<ApiEnv>): void {
  const methodsOf = allowedMethods(app.routes)
  app.notFound((c) => {
    const allowed = methodsOf(c.req.path)
    if (allowed.length === 0 || allowed.includes(c.req.method)) {
      return problemResponse(c, new ProblemError(404, 'not-found', 'See /openapi.json.'))
    }
    const Allow = allowed.join(', ')
    const error = new ProblemError(405, 'method-not-allowed', `Here there is ${Allow}.`, {
      headers: { Allow },
    })
    return problemResponse(c, error)
  })
}

/** The look-up API, without the socket: see {@link startServer}. */
export function makeApp(deps: ApiDependencies): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>()
  const context: RouteContext = {
    deps,
    metrics: makeMetrics(deps.registry),
    limiter: new RateLimiter(),
    brake: new FailureBrake(),
  }
  app.use(async function counted(c, next) {
    await next()
    context.metrics.countResponse(c.res.status)
  })
  // A form that is sent without its origin could not be told from one of another site.
  app.use(secureHeaders({ referrerPolicy: 'same-origin' }))
  app.use(refuseNull)
  app.onError((error, c) => {
    const response = problemResponse(c, error)
    if (response.status >= 500 && !isOfClient(c, error)) deps.onError?.(error)
    if (refusals.has(response.status)) context.metrics.countAnomaly(problemOf(error).code)
    return response
  })
  app.route('/', operationsRoutes(context))
  addV1(app, context)
  addDocument(app, deps.version)
  const { accounts } = deps
  if (accounts !== undefined) {
    const ask: AskApi = (path, init, env) => app.request(path, init, env)
    app.route('/', pageRoutes(context, accounts, ask))
  }
  addNotFound(app)
  return app
}

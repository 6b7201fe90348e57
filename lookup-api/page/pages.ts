import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { maxBodyBytes } from '../../model/limits.ts'
import type { Accounts, RouteContext } from '../api-dependencies.ts'
import { maxNoticeBytes } from '../notices/limits.ts'
import { isOfClient, ProblemError } from '../problem.ts'
import { assetRoutes } from './assets.ts'
import { approvalRoutes } from './approvals.tsx'
import type { AskApi } from './ask.ts'
import { caseRoutes } from './cases/routes.tsx'
import { deviceRoutes } from './devices.tsx'
import { flowRoutes } from './flows.tsx'
import { homeOf } from './layout.tsx'
import { liveRoutes } from './live.tsx'
import { liveUnknownRoutes } from './live-unknown.tsx'
import { accountRoutes, logInRoutes } from './log-in.tsx'
import { lookUpRoutes } from './look-up/routes.tsx'
import { noticeRoutes } from './notices/routes.tsx'
import { elsewherePage, problemPage } from './problem-page.tsx'
import { reportRoutes } from './reports/routes.tsx'
import { sourceRoutes } from './sources/routes.tsx'
import { visitors } from './visitor.ts'
import type { PageContext, PageEnv } from './visitor.ts'

/** Pages of those who are logged in, a file or folder each. */
const pages = [
  lookUpRoutes,
  noticeRoutes,
  caseRoutes,
  approvalRoutes,
  flowRoutes,
  liveRoutes,
  liveUnknownRoutes,
  deviceRoutes,
  reportRoutes,
  sourceRoutes,
] as const

/** Where pages are: below these paths who asks has to be logged in. */
const roots = [
  '/home',
  '/log-out',
  '/zone',
  '/lookup',
  '/notices',
  '/cases',
  '/holds',
  '/approvals',
  '/flows',
  '/live',
  '/devices',
  '/reports',
  '/sources',
] as const

/** What stands around a notice in a form. */
const formBytes = 64 * 1024

function limitBody(maxSize: number) {
  const onError = (): never => {
    throw new ProblemError(413, 'too-large', `A form has at most ${maxSize} bytes.`)
  }
  return bodyLimit({ maxSize, onError })
}

/**
 * The web page: rendered here, usable without scripts, and nothing of it loaded from elsewhere. It
 * asks the API of the same process, so that nothing is answered twice in two ways.
 *
 * @param ask answers a request as the API does
 */
export function pageRoutes(routes: RouteContext, accounts: Accounts, ask: AskApi): Hono<PageEnv> {
  const context: PageContext = { ...routes, ask }
  const { deps } = routes
  const own = new Hono<PageEnv>()
  own.onError((error, c) => {
    const response = problemPage(c, error)
    if (response.status >= 500 && !isOfClient(c, error)) deps.onError?.(error)
    return response
  })
  const small = limitBody(maxBodyBytes)
  // A message that goes on to be looked up is carried by the form, in base64.
  const notice = limitBody((maxNoticeBytes * 4) / 3 + formBytes)
  own.use('/log-in', small)
  own.route('/', logInRoutes(context, accounts))
  for (const root of roots) {
    const path = `${root}/*`
    own.use(path, (c, next) => (c.req.path === '/notices' ? notice(c, next) : small(c, next)))
    own.use(path, visitors(context, elsewherePage))
  }
  own.get('/home', (c) => c.redirect(homeOf(c.get('visitor').principal.rights), 303))
  own.route('/', accountRoutes(context, accounts))
  for (const page of pages) own.route('/', page(context))
  return new Hono<PageEnv>().route('/', assetRoutes()).route('/', own)
}

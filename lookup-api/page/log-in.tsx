/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Hono } from 'hono'
import type { Context } from 'hono'
import { setCookie } from 'hono/cookie'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { actorOf, principalOfToken } from '../../model/principal.ts'
import { recordAct } from '../answer.ts'
import type { Accounts } from '../api-dependencies.ts'
import { checkedWithPatience } from '../authentication.ts'
import { ownPath } from '../own-path.ts'
import { peerOf } from '../peer.ts'
import { ProblemError } from '../problem.ts'
import { isFromElsewhere, writeCookie } from '../session-cookie.ts'
import { siteOf } from '../site.ts'
import { Page } from './layout.tsx'
import { Field } from './parts/fields.tsx'
import { render } from './render.ts'
import { field, readZone, zoneCookie } from './visitor.ts'
import type { FormFields, PageContext, PageEnv } from './visitor.ts'

/** A session that was begun with a token ends after so long without use, and at the latest (us). */
const idleUs = 3600e6
const validUs = 12 * 3600e6

const yearSeconds = 365 * 86_400

/** A path of ours to go on to; the start where it is none. */
export const ownPathOr = (path: string | undefined, otherwise = '/'): string =>
  path !== undefined && ownPath.test(path) ? path : otherwise

interface LogInProperties {
  readonly returnTo: string
  readonly hasProvider: boolean
  /** The provider sent somebody back who does not get in. */
  readonly isRefused?: boolean
  readonly error?: string
}

function LogInPage({ returnTo, hasProvider, isRefused, error }: LogInProperties) {
  const welcome = `/welcome?return_to=${encodeURIComponent(returnTo)}`
  return (
    <Page title={error === undefined && !isRefused ? 'Log in' : 'Error: Log in'}>
      <div class="log-in">
        <h1>Log in</h1>
        {isRefused ? (
          <p class="error" role="alert">
            Your account did not get you in. Try again; if that does not help, ask an administrator
            whether one of your groups has a role here.
          </p>
        ) : null}
        {hasProvider ? (
          <p>
            <a class="button primary" href={`/auth/login?return_to=${encodeURIComponent(welcome)}`}>
              Log in with your account
            </a>
          </p>
        ) : null}
        <form method="post" action="/log-in">
          <input type="hidden" name="return_to" value={returnTo} />
          <Field
            name="token"
            label="Token"
            type="password"
            autocomplete="current-password"
            required
            isCode
            error={error}
            hint="The administrator's is in the file admin-token of the data directory."
          />
          <button type="submit" class="primary">
            Log in
          </button>
        </form>
        <p class="dim">
          Your browser keeps a session, never the token. It ends after an hour without use.
        </p>
      </div>
    </Page>
  )
}

/** Refuses a log-in form that another site sent, or that came unprotected over a network. */
function requireOwnForm(c: Context, accounts: Accounts): void {
  const site = siteOf(c, accounts.logIn)
  const origin = c.req.header('Origin')
  if (origin === site.origin && !isFromElsewhere(c)) return
  const isPlain = origin !== undefined && origin === site.origin.replace(/^https:/, 'http:')
  throw new ProblemError(
    403,
    'forbidden',
    isPlain
      ? 'Over plain HTTP a session could be taken on the way: log in over https, or from this ' +
          'machine itself.'
      : `Log in at ${site.origin}.`
  )
}

export function logInRoutes(context: PageContext, accounts: Accounts): Hono<PageEnv> {
  const { deps, brake, metrics } = context
  const { tokenSessions, logIn } = accounts
  const hasProvider = logIn !== undefined
  const show = (c: Context, of: Omit<LogInProperties, 'hasProvider'>, status = 200): Response =>
    render(c, <LogInPage {...of} hasProvider={hasProvider} />, status as ContentfulStatusCode)

  return new Hono<PageEnv>()
    .get('/log-in', (c) => {
      const isRefused = hasProvider && c.req.query('refused') !== undefined
      const returnTo = ownPathOr(c.req.query('return_to'))
      return show(c, { returnTo, isRefused }, isRefused ? 401 : 200)
    })
    .post('/log-in', async (c) => {
      requireOwnForm(c, accounts)
      const form = (await c.req.parseBody()) as FormFields
      const token = field(form, 'token').trim()
      const returnTo = ownPathOr(field(form, 'return_to'))
      const address = peerOf(c)
      const holder = await checkedWithPatience(brake, address, token, async () =>
        token.length > 200 ? undefined : await deps.tokens.check(token)
      )
      if (holder === undefined) {
        metrics.countAnomaly('log-in-failed')
        return show(c, { returnTo, error: 'The token is unknown, expired or revoked.' }, 401)
      }
      const actor = actorOf(principalOfToken(holder, false))
      await recordAct(deps.audit, { actor, action: 'log-in', detail: { by: 'token', address } })
      const secret = await tokenSessions.begin(token, { idleUs, validUs })
      writeCookie(c, 'flowledger', secret, validUs / 1e6, siteOf(c, logIn))
      return c.redirect(returnTo, 303)
    })
    .get('/welcome', (c) => {
      // Back from a provider a browser counts as sent by another site; from here on it is not.
      const to = ownPathOr(c.req.query('return_to'))
      return render(
        c,
        <Page title="Logged in" head={<meta http-equiv="refresh" content={`0; url=${to}`} />}>
          <h1>You are logged in</h1>
          <p>
            <a href={to}>Go on</a>
          </p>
        </Page>
      )
    })
}

/** What those who are logged in set for themselves: to be logged out, and the zone of times. */
export function accountRoutes(context: PageContext, accounts: Accounts): Hono<PageEnv> {
  const { deps } = context
  const { people, tokenSessions, logIn } = accounts
  return new Hono<PageEnv>()
    .post('/log-out', async (c) => {
      const { secret, principal } = c.get('visitor')
      await Promise.all([people.logOut(secret), tokenSessions.end(secret)])
      await recordAct(deps.audit, { actor: actorOf(principal), action: 'log-out', detail: {} })
      writeCookie(c, 'flowledger', '', 0, siteOf(c, logIn))
      return c.redirect('/log-in', 303)
    })
    .post('/zone', (c) => {
      const form = c.get('form')
      const given = field(form, 'zone').trim()
      if (given !== '' && readZone(given) === undefined) {
        throw new ProblemError(400, 'usage', 'Write a zone such as Europe/Berlin, +02:00 or UTC.')
      }
      setCookie(c, zoneCookie, given, {
        path: '/',
        httpOnly: true,
        sameSite: 'Lax',
        secure: siteOf(c, logIn).isSecure,
        maxAge: given === '' ? 0 : yearSeconds,
      })
      return c.redirect(ownPathOr(field(form, 'return_to')), 303)
    })
}

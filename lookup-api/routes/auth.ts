import { Hono } from 'hono'
import type { Context } from 'hono'
import { describeRoute } from 'hono-openapi'
import { z } from 'zod'
import { FlowledgerError } from '../../model/errors.ts'
import { actorOf, principalOfPerson } from '../../model/principal.ts'
import type { Principal } from '../../model/principal.ts'
import { recordAct } from '../answer.ts'
import type { Accounts, RouteContext } from '../api-dependencies.ts'
import { checkedWithPatience, withPatience } from '../authentication.ts'
import { pendingMs, sha256 } from '../oidc/pending.ts'
import type { LogIn } from '../oidc/log-in.ts'
import { ownPath } from '../own-path.ts'
import { readParameters } from '../parameters.ts'
import { peerOf } from '../peer.ts'
import { principalOfSession, readCookie, requireOwnPage, writeCookie } from '../session-cookie.ts'

const loginParameters = z.object({
  return_to: z
    .string()
    .regex(ownPath, 'is no path of this API')
    .default('/v1/session')
    .describe('path to come out at'),
})

const code = z.string().max(4096).optional()
const callbackParameters = z.object({ code, state: code, error: code, iss: code })

/** The provider may send more than we know (RFC 6749 §4.1.2), so the rest is passed over. */
function readCallback(c: Context): z.output<typeof callbackParameters> {
  const known = Object.keys(callbackParameters.shape)
  const queries = Object.entries(c.req.queries()).filter(([name]) => known.includes(name))
  return readParameters(Object.fromEntries(queries), callbackParameters)
}

/** A browser is shown the page; what asks without one gets the problem. */
const isPersonRefused = (c: Context, error: unknown): boolean =>
  error instanceof FlowledgerError &&
  error.code === 'log-in-failed' &&
  /\btext\/html\b/.test(c.req.header('Accept') ?? '')

/**
 * `/auth/login`, `/auth/callback`, `/auth/logout`: people come in through an OpenID provider and
 * get a session, whose cookie is as good as a token.
 */
export function authRoutes(context: RouteContext, accounts: Accounts, logIn: LogIn): Hono {
  const { deps, brake, metrics } = context
  const { people } = accounts
  const { sessionIdleUs: idleUs, sessionUs: validUs } = logIn.config

  async function refuse(error: unknown, address: string): Promise<void> {
    // That the provider is away, or that somebody has to wait, is no guess that failed.
    if (!(error instanceof FlowledgerError) || error.code !== 'log-in-failed') return
    brake.failed(address, Date.now())
    metrics.countAnomaly('log-in-failed')
    const { reason } = error.details
    // Anybody can send a state that nobody began: that is counted, and not written down.
    if (reason === 'state') return
    const detail = { reason, address }
    await recordAct(deps.audit, { actor: 'nobody', action: 'log-in-failed', detail })
  }

  const principalOfCookie = (secret: string, address: string): Promise<Principal | undefined> =>
    checkedWithPatience(brake, address, secret, () => principalOfSession(secret, accounts, false))

  return new Hono()
    .get('/login', describeRoute({ summary: 'To the log-in of people' }), async (c) => {
      const { return_to: returnTo } = readParameters(c.req.queries(), loginParameters)
      const { location, browser } = await withPatience(brake, peerOf(c), '', () =>
        logIn.begin(returnTo)
      )
      writeCookie(c, 'flowledger-login', browser, pendingMs / 1000, logIn)
      return c.redirect(location, 302)
    })
    .get('/callback', describeRoute({ summary: 'Back from the log-in' }), async (c) => {
      const address = peerOf(c)
      const browser = readCookie(c, 'flowledger-login', logIn) ?? ''
      writeCookie(c, 'flowledger-login', '', 0, logIn)
      try {
        const given = readCallback(c)
        const { account, returnTo } = await withPatience(brake, address, given.state ?? '', () =>
          logIn.finish(given, browser)
        )
        const { secret, holder } = await people.logIn(account, { idleUs, validUs })
        brake.succeeded(sha256(secret).toString('base64'))
        const actor = actorOf(principalOfPerson(holder, false))
        const { issuer, subject, name, roles } = account
        const detail = { issuer, subject, name, roles: [...roles], address }
        await recordAct(deps.audit, { actor, action: 'log-in', detail })
        writeCookie(c, 'flowledger', secret, validUs / 1e6, logIn)
        return c.redirect(returnTo, 303)
      } catch (error) {
        await refuse(error, address)
        if (isPersonRefused(c, error)) return c.redirect('/log-in?refused=1', 303)
        throw error
      }
    })
    .post('/logout', describeRoute({ summary: 'Ends the session' }), async (c) => {
      const secret = readCookie(c, 'flowledger', logIn)
      const principal =
        secret === undefined ? undefined : await principalOfCookie(secret, peerOf(c))
      if (secret !== undefined && principal !== undefined) {
        requireOwnPage(c, secret, logIn)
        await Promise.all([people.logOut(secret), accounts.tokenSessions.end(secret)])
        const actor = actorOf(principal)
        await recordAct(deps.audit, { actor, action: 'log-out', detail: {} })
      }
      writeCookie(c, 'flowledger', '', 0, logIn)
      return c.body(null, 204)
    })
}

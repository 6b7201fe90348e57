import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { principalOfPerson } from '../model/principal.ts'
import type { Principal } from '../model/principal.ts'
import type { Accounts } from './api-dependencies.ts'
import { equalSecrets, sha256 } from './oidc/pending.ts'
import type { LogIn } from './oidc/log-in.ts'
import { ProblemError } from './problem.ts'

/** Cookies of ours: the session, and what binds a log-in under way to its browser. */
export type CookieName = 'flowledger' | 'flowledger-login'

/** Over https no other host, path or plain page can set or get it (`__Host-`, RFC 6265bis). */
const prefixOf = ({ isSecure }: LogIn): 'host' | undefined => (isSecure ? 'host' : undefined)

export function readCookie(c: Context, name: CookieName, logIn: LogIn): string | undefined {
  const value = getCookie(c, name, prefixOf(logIn))
  return value === undefined || value.length > 100 ? undefined : value
}

/** @param seconds 0 takes it away */
export function writeCookie(
  c: Context,
  name: CookieName,
  value: string,
  seconds: number,
  logIn: LogIn
): void {
  const prefix = prefixOf(logIn)
  setCookie(c, name, value, {
    path: '/',
    httpOnly: true,
    secure: logIn.isSecure,
    sameSite: 'Lax',
    maxAge: seconds,
    ...(prefix === undefined ? {} : { prefix }),
  })
}

/** What a page of ours sends with what it changes; it follows from the session's secret. */
export const csrfTokenOf = (secret: string): string =>
  sha256(`csrf:${secret}`).toString('base64url')

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses what a page of somebody else makes the browser of who is logged in send: changes need our
 * origin and the session's token, and to ask is an act too, so other sites cannot make anybody ask.
 *
 * @throws ProblemError 403
 */
export function requireOwnPage(c: Context, secret: string, { origin }: LogIn): void {
  const site = c.req.header('Sec-Fetch-Site')
  const isForeign = site !== undefined && site !== 'same-origin' && site !== 'none'
  const given = c.req.header('X-CSRF-Token') ?? ''
  const isOwn =
    safeMethods.has(c.req.method) ||
    (c.req.header('Origin') === origin && equalSecrets(given, csrfTokenOf(secret)))
  if (isOwn && !isForeign) return
  throw new ProblemError(
    403,
    'forbidden',
    'Another page sent this. Send the Origin and the X-CSRF-Token of GET /v1/session.'
  )
}

/**
 * Whose session the request's cookie is; undefined where there is none that holds.
 *
 * @throws ProblemError 403 where another page sent it
 */
export async function principalOfSession(
  c: Context,
  secret: string,
  { people }: Accounts,
  logIn: LogIn,
  separateDuties: boolean
): Promise<Principal | undefined> {
  const holder = await people.check(secret)
  if (holder === undefined) return undefined
  requireOwnPage(c, secret, logIn)
  return principalOfPerson(holder, separateDuties)
}

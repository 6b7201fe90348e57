import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { principalOfPerson, principalOfToken } from '../model/principal.ts'
import type { Principal } from '../model/principal.ts'
import type { Accounts } from './api-dependencies.ts'
import { equalSecrets, sha256 } from './oidc/pending.ts'
import { ProblemError } from './problem.ts'
import type { Site } from './site.ts'

/** Cookies of ours: the session, and what binds a log-in under way to its browser. */
export type CookieName = 'flowledger' | 'flowledger-login'

/** Over https no other host, path or plain page can set or get it (`__Host-`, RFC 6265bis). */
const prefixOf = ({ isSecure }: Site): 'host' | undefined => (isSecure ? 'host' : undefined)

export function readCookie(c: Context, name: CookieName, site: Site): string | undefined {
  const value = getCookie(c, name, prefixOf(site))
  return value === undefined || value.length > 100 ? undefined : value
}

/** @param seconds 0 takes it away */
export function writeCookie(
  c: Context,
  name: CookieName,
  value: string,
  seconds: number,
  site: Site
): void {
  const prefix = prefixOf(site)
  setCookie(c, name, value, {
    path: '/',
    httpOnly: true,
    secure: site.isSecure,
    sameSite: 'Lax',
    maxAge: seconds,
    ...(prefix === undefined ? {} : { prefix }),
  })
}

/** What a page of ours sends with what it changes; it follows from the session's secret. */
export const csrfTokenOf = (secret: string): string =>
  sha256(`csrf:${secret}`).toString('base64url')

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** True where a browser says that another site's page made it send this. */
export function isFromElsewhere(c: Context): boolean {
  const site = c.req.header('Sec-Fetch-Site')
  return site !== undefined && site !== 'same-origin' && site !== 'none'
}

/**
 * Refuses what a page of somebody else makes the browser of who is logged in send: changes need our
 * origin and the session's token, and to ask is an act too, so other sites cannot make anybody ask.
 *
 * @param given the token that came with it: by script in a header, of a form in a field
 * @throws ProblemError 403
 */
export function requireOwnPage(
  c: Context,
  secret: string,
  { origin }: Site,
  given = c.req.header('X-CSRF-Token') ?? ''
): void {
  const isOwn =
    safeMethods.has(c.req.method) ||
    (c.req.header('Origin') === origin && equalSecrets(given, csrfTokenOf(secret)))
  if (isOwn && !isFromElsewhere(c)) return
  throw new ProblemError(
    403,
    'forbidden',
    'Another page sent this. Send the Origin and the X-CSRF-Token of GET /v1/session.'
  )
}

/** Whose session it is: of a person who logged in, or of a token. Undefined: none that holds. */
export async function principalOfSession(
  secret: string,
  { people, tokenSessions }: Pick<Accounts, 'people' | 'tokenSessions'>,
  separateDuties: boolean
): Promise<Principal | undefined> {
  const person = await people.check(secret)
  if (person !== undefined) return principalOfPerson(person, separateDuties)
  const holder = await tokenSessions.check(secret)
  return holder === undefined ? undefined : principalOfToken(holder, separateDuties)
}

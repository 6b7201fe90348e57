import type { Context, MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import { FlowledgerError } from '../../model/errors.ts'
import type { Principal } from '../../model/principal.ts'
import { parseZone } from '../../model/time-zone.ts'
import type { Zone } from '../../model/time-zone.ts'
import type { RouteContext } from '../api-dependencies.ts'
import { requireProven, sessionOf } from '../authentication.ts'
import { ProblemError } from '../problem.ts'
import { isFromElsewhere, requireOwnPage } from '../session-cookie.ts'
import { siteOf } from '../site.ts'
import { ApiClient } from './ask.ts'
import type { AskApi } from './ask.ts'

/** Who looks at a page, and what pages are made with. */
export interface Visitor {
  readonly principal: Principal
  /** What every form that changes something carries. */
  readonly csrf: string
  readonly secret: string
  readonly api: ApiClient
  /** Zone that times are shown in beside UTC, where one was chosen. */
  readonly zone: Zone | undefined
  /** Path of the page, which navigation marks. */
  readonly path: string
}

export interface PageEnv {
  Variables: { visitor: Visitor; form: FormFields }
}

/** What a form sent: texts, and files. */
export type FormFields = Readonly<Record<string, string | File | undefined>>

/** What each page is given. */
export interface PageContext extends RouteContext {
  readonly ask: AskApi
}

/** Cookie with the zone that times are shown in; it names nobody. */
export const zoneCookie = 'flowledger-zone'

/** A zone as text; undefined where it is none. */
export function readZone(text: string | undefined): Zone | undefined {
  if (text === undefined || text.trim() === '') return undefined
  try {
    return parseZone(text.trim())
  } catch (error) {
    if (error instanceof FlowledgerError) return undefined
    throw error
  }
}

/** The path with its query, to come back to after logging in. */
export const herePath = (c: Context): string => {
  const url = new URL(c.req.url)
  return url.pathname + url.search
}

async function readForm(c: Context): Promise<FormFields> {
  const type = c.req.header('Content-Type') ?? ''
  if (!/^(application\/x-www-form-urlencoded|multipart\/form-data)\b/.test(type)) return {}
  let form: FormFields
  try {
    form = (await c.req.parseBody()) as FormFields
  } catch {
    throw new ProblemError(400, 'usage', 'The form cannot be read.')
  }
  const hasNull = Object.values(form).some((value) => typeof value === 'string' && /\0/.test(value))
  if (hasNull) throw new ProblemError(400, 'usage', 'A field of the form holds a null character.')
  return form
}

/** A field of a form as text; empty where it is none. */
export function field(form: FormFields, name: string): string {
  const value = form[name]
  return typeof value === 'string' ? value : ''
}

/**
 * Lets in who is logged in; others are led to the log-in and back. What a page of another site
 * links to is asked about before it is opened: to ask is an act, and it is written down.
 */
export function visitors(
  context: PageContext,
  elsewhere: (c: Context<PageEnv>) => Response | Promise<Response>
): MiddlewareHandler<PageEnv> {
  const { deps, brake, ask } = context
  return async function visited(c, next) {
    const session = sessionOf(c, deps)
    const toLogIn = (): Response =>
      c.redirect(`/log-in?return_to=${encodeURIComponent(herePath(c))}`, 303)
    if (session?.csrf === undefined) return toLogIn()
    let principal: Principal
    try {
      principal = await requireProven(c, session, brake)
    } catch (error) {
      if (error instanceof ProblemError && error.status === 401) return toLogIn()
      throw error
    }
    const isRead = c.req.method === 'GET' || c.req.method === 'HEAD'
    if (isRead && isFromElsewhere(c)) return await elsewhere(c)
    const form = isRead ? {} : await readForm(c)
    requireOwnPage(c, session.secret, siteOf(c, deps.accounts?.logIn), field(form, 'csrf'))
    c.set('form', form)
    c.set('visitor', {
      principal,
      csrf: session.csrf,
      secret: session.secret,
      api: new ApiClient(ask, principal),
      zone: readZone(getCookie(c, zoneCookie)),
      path: c.req.path,
    })
    await next()
    return undefined
  }
}

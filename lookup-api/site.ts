import type { Context } from 'hono'

/** Where browsers find this API: pages of other origins may not act in a session. */
export interface Site {
  readonly origin: string
  /** Whether browsers come over https, so that cookies can be bound to it. */
  readonly isSecure: boolean
}

/** An address of this machine as a Host header has it; only browsers here reach it. */
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i

/**
 * The site that a request was sent to, by its Host header: a browser's own word, which no page of
 * another site can change. Away from this machine it is taken to be https, with a proxy before us:
 * a session over plain HTTP could be taken by anybody on the way.
 *
 * @param known where the configuration names it
 */
export function siteOf(c: Context, known: Site | undefined): Site {
  if (known !== undefined) return known
  const host = c.req.header('Host') ?? ''
  return loopback.test(host)
    ? { origin: `http://${host.toLowerCase()}`, isSecure: false }
    : { origin: `https://${host.toLowerCase()}`, isSecure: true }
}

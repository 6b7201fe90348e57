import type { Context } from 'hono'

/** Names the next page in a `Link` header (RFC 8288): this request with the cursor of that page. */
export function nextLink(c: Context, next: string | undefined): void {
  if (next === undefined) return
  const url = new URL(c.req.url)
  url.searchParams.set('cursor', next)
  c.header('Link', `<${url.pathname}${url.search}>; rel="next"`)
}

import type { Context } from 'hono'
import type { JSX } from 'hono/jsx/jsx-runtime'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** What a browser may do with a page: load from here, send here, and be framed by nobody. */
export const pagePolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** A document as a response, which no cache keeps. */
export function render(
  c: Context,
  page: JSX.Element,
  status: ContentfulStatusCode = 200
): Response {
  c.header('Content-Security-Policy', pagePolicy)
  c.header('Cache-Control', 'no-store')
  return c.body(`<!doctype html>${(page as { toString(): string }).toString()}`, status, {
    'Content-Type': 'text/html; charset=utf-8',
  })
}

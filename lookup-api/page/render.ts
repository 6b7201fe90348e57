import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
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

const packers = {
  br: (text: string) =>
    brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  gzip: (text: string) => gzipSync(text),
} as const

/**
 * A document as a response, which no cache keeps. It may be packed though it holds secrets beside
 * what was asked for (BREACH): another site cannot make a browser ask for one, see visitor.ts.
 */
export function render(
  c: Context,
  page: JSX.Element,
  status: ContentfulStatusCode = 200
): Response {
  const text = `<!doctype html>${(page as { toString(): string }).toString()}`
  const accepted = c.req.header('Accept-Encoding') ?? ''
  const coding = (['br', 'gzip'] as const).find((one) => accepted.includes(one))
  c.header('Content-Security-Policy', pagePolicy)
  c.header('Cache-Control', 'no-store')
  c.header('Vary', 'Accept-Encoding')
  c.header('Content-Type', 'text/html; charset=utf-8')
  if (coding === undefined) return c.body(text, status)
  c.header('Content-Encoding', coding)
  return c.body(Uint8Array.from(packers[coding](text)), status)
}

import { Hono } from 'hono'
import { describeRoute } from 'hono-openapi'
import type { ApiEnv } from '../authentication.ts'
import type { Readiness, RouteContext } from '../api-dependencies.ts'

/** How long one check may take before it counts as failed. */
const checkMs = 5000

const lateReason = 'There was no answer in time.'

/** The reason why a check fails, or `ok`. What it throws is for the log, not for the network. */
async function outcome(
  readiness: Readiness,
  onError: ((error: unknown) => void) | undefined
): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, checkMs, lateReason)
  })
  try {
    return (await Promise.race([readiness.check(), late])) ?? 'ok'
  } catch (error) {
    onError?.(error)
    return 'The check failed; the cause is in the log of the server.'
  } finally {
    clearTimeout(timer)
  }
}

/** Whether the process lives, whether it can answer, and its counters; no token is asked for. */
export function operationsRoutes({ deps }: RouteContext): Hono<ApiEnv> {
  const { readiness, registry, onError, version } = deps
  return new Hono<ApiEnv>()
    .get('/', (c) => {
      const isBrowser = deps.accounts !== undefined && c.req.header('Accept')?.includes('text/html')
      if (isBrowser) return c.redirect('/home', 303)
      return c.json({ name: 'flowledger', version, openapi: '/openapi.json' })
    })
    .get('/healthz', describeRoute({ summary: 'The process lives' }), (c) =>
      c.json({ status: 'ok' })
    )
    .get('/readyz', describeRoute({ summary: 'Whether questions can be answered' }), async (c) => {
      const results = await Promise.all(
        readiness.map(async (one) => [one.name, await outcome(one, onError)] as const)
      )
      const ready = results.every(([, reason]) => reason === 'ok')
      const warned = readiness.flatMap((one): (readonly [string, string])[] => {
        const warning = one.warning?.()
        return warning === undefined ? [] : [[one.name, warning]]
      })
      const warnings = warned.length === 0 ? {} : { warnings: Object.fromEntries(warned) }
      return c.json({ ready, checks: Object.fromEntries(results), ...warnings }, ready ? 200 : 503)
    })
    .get('/metrics', describeRoute({ summary: 'Counters, for Prometheus' }), async (c) => {
      const text = await registry.metrics()
      return c.body(text, 200, { 'Content-Type': registry.contentType })
    })
}

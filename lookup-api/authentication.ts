import type { MiddlewareHandler } from 'hono'
import { actorOf, principalOfToken } from '../model/principal.ts'
import type { Principal } from '../model/principal.ts'
import type { Right } from '../model/rights.ts'
import { recordAct } from './answer.ts'
import type { ApiDependencies } from './api-dependencies.ts'
import type { AuditLog } from './dependencies.ts'
import { ProblemError } from './problem.ts'

/** What the middleware leaves for the routes. */
export interface ApiEnv {
  Variables: { principal: Principal; actor: string; audit: AuditLog }
}

/** RFC 6750 §2.1, bounded: a token of ours has some fifty characters. */
const bearerForm = /^Bearer +([A-Za-z0-9._~+/-]{1,512}=*)$/i

const challenge = 'Bearer realm="flowledger"'

/**
 * Lets through who bears a token that holds (RFC 6750), and nobody else.
 *
 * @throws ProblemError 401 with the challenge
 */
export function authenticate(deps: ApiDependencies): MiddlewareHandler<ApiEnv> {
  return async function authenticated(c, next) {
    const header = c.req.header('Authorization')
    if (header === undefined) {
      throw new ProblemError(401, 'unauthorized', 'Send a token: Authorization: Bearer TOKEN.', {
        headers: { 'WWW-Authenticate': challenge },
      })
    }
    const token = bearerForm.exec(header)?.[1]
    const holder = token === undefined ? undefined : await deps.tokens.check(token)
    if (holder === undefined) {
      throw new ProblemError(401, 'unauthorized', 'The token is unknown, expired or revoked.', {
        headers: { 'WWW-Authenticate': `${challenge}, error="invalid_token"` },
      })
    }
    const principal = principalOfToken(holder, deps.access.rules.separateDuties)
    c.set('principal', principal)
    c.set('actor', actorOf(principal))
    c.set('audit', deps.audit)
    await next()
  }
}

/**
 * Lets through who has the right. That somebody tried to do what they may not is recorded.
 *
 * @throws ProblemError 403
 */
export function requireRight(right: Right): MiddlewareHandler<ApiEnv> {
  return async function rightHeld(c, next) {
    const { role, rights } = c.get('principal')
    if (!rights.has(right)) {
      const detail = { method: c.req.method, path: c.req.path, role, right }
      await recordAct(c.get('audit'), { actor: c.get('actor'), action: 'refused', detail })
      const message = `This needs the right ${right}, which you, as ${role}, do not have.`
      throw new ProblemError(403, 'forbidden', message, {
        headers: { 'WWW-Authenticate': `${challenge}, error="insufficient_scope"` },
      })
    }
    await next()
  }
}

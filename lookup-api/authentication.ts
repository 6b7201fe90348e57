import type { MiddlewareHandler } from 'hono'
import type { AuditLog, Bearer, Role, TokenStore } from './dependencies.ts'
import { recordAct } from './answer.ts'
import { ProblemError } from './problem.ts'

/** What the middleware leaves for the routes. */
export interface ApiEnv {
  Variables: { bearer: Bearer; actor: string }
}

/** RFC 6750 §2.1, bounded: a token of ours has some fifty characters. */
const bearerForm = /^Bearer +([A-Za-z0-9._~+/-]{1,512}=*)$/i

const challenge = 'Bearer realm="flowledger"'

/**
 * Lets through who bears a token that holds (RFC 6750), and nobody else.
 *
 * @throws ProblemError 401 with the challenge
 */
export function authenticate(tokens: TokenStore): MiddlewareHandler<ApiEnv> {
  return async function authenticated(c, next) {
    const header = c.req.header('Authorization')
    if (header === undefined) {
      throw new ProblemError(401, 'unauthorized', 'Send a token: Authorization: Bearer TOKEN.', {
        headers: { 'WWW-Authenticate': challenge },
      })
    }
    const token = bearerForm.exec(header)?.[1]
    const bearer = token === undefined ? undefined : await tokens.check(token)
    if (bearer === undefined) {
      throw new ProblemError(401, 'unauthorized', 'The token is unknown, expired or revoked.', {
        headers: { 'WWW-Authenticate': `${challenge}, error="invalid_token"` },
      })
    }
    c.set('bearer', bearer)
    c.set('actor', `token:${bearer.name}`)
    await next()
  }
}

/**
 * Lets through the roles named. That somebody tried to do what their token does not allow is
 * recorded.
 *
 * @throws ProblemError 403
 */
export function allow(audit: AuditLog, ...allowed: readonly Role[]): MiddlewareHandler<ApiEnv> {
  return async function roleAllowed(c, next) {
    const { role } = c.get('bearer')
    if (!allowed.includes(role)) {
      const detail = { method: c.req.method, path: c.req.path, role }
      await recordAct(audit, { actor: c.get('actor'), action: 'refused', detail })
      const needed = allowed.join(' or ')
      throw new ProblemError(403, 'forbidden', `This needs the role ${needed}; yours is ${role}.`, {
        headers: { 'WWW-Authenticate': `${challenge}, error="insufficient_scope"` },
      })
    }
    await next()
  }
}

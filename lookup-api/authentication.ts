import type { Context, MiddlewareHandler } from 'hono'
import { actorOf, principalOfToken } from '../model/principal.ts'
import type { Principal } from '../model/principal.ts'
import type { Right } from '../model/rights.ts'
import { recordAct } from './answer.ts'
import type { ApiDependencies, RouteContext } from './api-dependencies.ts'
import type { AuditLog } from './dependencies.ts'
import type { FailureBrake } from './failure-brake.ts'
import { sha256 } from './oidc/pending.ts'
import { peerOf } from './peer.ts'
import { ProblemError } from './problem.ts'
import { csrfTokenOf, principalOfSession, readCookie } from './session-cookie.ts'

/** What the middleware leaves for the routes. */
export interface ApiEnv {
  Variables: {
    principal: Principal
    actor: string
    audit: AuditLog
    /** Of a session: what changes have to come with. */
    csrf?: string
  }
}

/** RFC 6750 §2.1, bounded: a token of ours has some fifty characters. */
const bearerForm = /^Bearer +([A-Za-z0-9._~+/-]{1,512}=*)$/i

const challenge = 'Bearer realm="flowledger"'

const unauthorized = (message: string, error = ''): ProblemError =>
  new ProblemError(401, 'unauthorized', message, {
    headers: { 'WWW-Authenticate': `${challenge}${error}` },
  })

const tooOften = (message: string, waitMs: number): ProblemError =>
  new ProblemError(429, 'too-many-requests', message, {
    headers: { 'Retry-After': String(Math.max(1, Math.ceil(waitMs / 1000))) },
  })

/**
 * Makes who keeps failing wait.
 *
 * @throws ProblemError 429
 */
export function requirePatience(brake: FailureBrake, address: string, secret = ''): void {
  const waitMs = brake.waitMs(address, sha256(secret).toString('base64'), Date.now())
  if (waitMs > 0) throw tooOften('Too many log-ins from your address failed.', waitMs)
}

interface Proof {
  readonly secret: string
  readonly csrf?: string
  check(): Promise<Principal | undefined>
}

/** What the request is to be believed for: a token, else the cookie of a session. */
function proofOf(c: Context<ApiEnv>, deps: ApiDependencies): Proof {
  const { separateDuties } = deps.access.rules
  const header = c.req.header('Authorization')
  if (header !== undefined) {
    const token = bearerForm.exec(header)?.[1] ?? ''
    return {
      secret: token,
      async check() {
        const holder = token === '' ? undefined : await deps.tokens.check(token)
        return holder === undefined ? undefined : principalOfToken(holder, separateDuties)
      },
    }
  }
  const { accounts } = deps
  const logIn = accounts?.logIn
  const cookie = logIn === undefined ? undefined : readCookie(c, 'flowledger', logIn)
  if (accounts === undefined || logIn === undefined || cookie === undefined) {
    throw unauthorized('Send a token: Authorization: Bearer TOKEN.')
  }
  return {
    secret: cookie,
    csrf: csrfTokenOf(cookie),
    check: () => principalOfSession(c, cookie, accounts, logIn, separateDuties),
  }
}

/** Counts the request against the limit of the token; the first that is refused is recorded. */
export async function requireWithinLimit(
  principal: Principal,
  { deps, limiter }: RouteContext
): Promise<void> {
  if (principal.limit === undefined) return
  const actor = actorOf(principal)
  const waitUs = limiter.take(actor, principal.limit, deps.nowUs())
  if (waitUs === 0) return
  if (limiter.isFirstRefusal(actor)) {
    await recordAct(deps.audit, { actor, action: 'limited', detail: { ...principal.limit } })
  }
  throw tooOften('This token has used up its limit.', waitUs / 1000)
}

/**
 * Lets through who bears a token that holds (RFC 6750) or is logged in, and nobody else.
 *
 * @throws ProblemError 401 with the challenge; 403 for a page of another site; 429 for a token
 *   beyond its limit, and for an address that keeps failing
 */
export function authenticate(context: RouteContext): MiddlewareHandler<ApiEnv> {
  const { deps, brake } = context
  return async function authenticated(c, next) {
    const proof = proofOf(c, deps)
    const address = peerOf(c)
    requirePatience(brake, address, proof.secret)
    const principal = await proof.check()
    if (principal === undefined) {
      brake.failed(address, Date.now())
      const what = proof.csrf === undefined ? 'The token' : 'The session'
      throw unauthorized(`${what} is unknown, expired or revoked.`, ', error="invalid_token"')
    }
    brake.succeeded(sha256(proof.secret).toString('base64'))
    await requireWithinLimit(principal, context)
    c.set('principal', principal)
    c.set('actor', actorOf(principal))
    c.set('audit', deps.audit)
    if (proof.csrf !== undefined) c.set('csrf', proof.csrf)
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

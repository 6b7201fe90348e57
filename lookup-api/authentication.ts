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
import { csrfTokenOf, principalOfSession, readCookie, requireOwnPage } from './session-cookie.ts'
import { siteOf } from './site.ts'

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

const digestOf = (secret: string): string => sha256(secret).toString('base64')

/**
 * Makes who keeps failing wait.
 *
 * @param check finds out about the secret; it is not run while somebody has to wait
 * @throws ProblemError 429; what the check throws
 */
export async function withPatience<T>(
  brake: FailureBrake,
  address: string,
  secret: string,
  check: () => Promise<T>
): Promise<T> {
  const digest = digestOf(secret)
  const waitMs = brake.enter(address, digest, Date.now())
  if (waitMs > 0) throw tooOften('Too many log-ins from your address failed.', waitMs)
  try {
    return await check()
  } finally {
    brake.leave(address, digest)
  }
}

/**
 * Who holds a secret; whether it held is remembered of its address.
 *
 * @returns undefined where it does not hold
 * @throws ProblemError 429
 */
export async function checkedWithPatience<T>(
  brake: FailureBrake,
  address: string,
  secret: string,
  check: () => Promise<T | undefined>
): Promise<T | undefined> {
  return await withPatience(brake, address, secret, async () => {
    const holder = await check()
    if (holder === undefined) brake.failed(address, Date.now())
    else brake.succeeded(digestOf(secret))
    return holder
  })
}

/** What a request is to be believed for. */
export interface Proof {
  readonly secret: string
  /** Of a session: what changes have to come with. */
  readonly csrf?: string
  check(): Promise<Principal | undefined>
}

/** The session that the request's cookie is of; undefined where it has none. */
export function sessionOf(c: Context, { accounts, access }: ApiDependencies): Proof | undefined {
  if (accounts === undefined) return undefined
  const secret = readCookie(c, 'flowledger', siteOf(c, accounts.logIn))
  if (secret === undefined) return undefined
  return {
    secret,
    csrf: csrfTokenOf(secret),
    check: () => principalOfSession(secret, accounts, access.rules.separateDuties),
  }
}

/** A token, else the cookie of a session. */
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
  const session = sessionOf(c, deps)
  if (session !== undefined) return session
  throw unauthorized('Send a token: Authorization: Bearer TOKEN.')
}

/**
 * Who the proof is of.
 *
 * @throws ProblemError 401 where it does not hold; 429 for an address that keeps failing
 */
export async function requireProven(
  c: Context,
  proof: Proof,
  brake: FailureBrake
): Promise<Principal> {
  const check = (): Promise<Principal | undefined> => proof.check()
  const principal = await checkedWithPatience(brake, peerOf(c), proof.secret, check)
  if (principal !== undefined) return principal
  const what = proof.csrf === undefined ? 'The token' : 'The session'
  throw unauthorized(`${what} is unknown, expired or revoked.`, ', error="invalid_token"')
}

/** Key under which this process hands a request on whose asker it has proven. */
const provenKey = Symbol('proven')

/** The environment of a request that the page makes in the name of who is logged in. */
export const provenEnv = (principal: Principal): object => ({ [provenKey]: principal })

const provenOf = (c: Context): Principal | undefined =>
  (c.env as { [provenKey]?: Principal } | undefined)?.[provenKey]

async function requirePrincipal(c: Context<ApiEnv>, context: RouteContext): Promise<Principal> {
  const { deps, brake } = context
  const proof = proofOf(c, deps)
  const principal = await requireProven(c, proof, brake)
  if (proof.csrf !== undefined) {
    requireOwnPage(c, proof.secret, siteOf(c, deps.accounts?.logIn))
    c.set('csrf', proof.csrf)
  }
  return principal
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
  return async function authenticated(c, next) {
    const principal = provenOf(c) ?? (await requirePrincipal(c, context))
    await requireWithinLimit(principal, context)
    c.set('principal', principal)
    c.set('actor', actorOf(principal))
    c.set('audit', context.deps.audit)
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

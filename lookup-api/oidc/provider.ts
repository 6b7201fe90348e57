import { createLocalJWKSet, errors, jwtVerify } from 'jose'
import type { JSONWebKeySet, JWTPayload } from 'jose'
import { z } from 'zod'
import { FlowledgerError } from '../../model/errors.ts'
import type { OidcConfig } from '../../model/access-schema.ts'
import { fetchObject } from './bounded-fetch.ts'

/** How long what the provider says of itself is kept, in milliseconds. */
const metadataMs = 3_600_000
const keysMs = 600_000

/** A key that is not known is asked for, but not more often than this. */
const unknownKeyMs = 30_000

const maxKeys = 100

/**
 * Signatures that are taken: those with a public key. `none` and the HMAC ones, whose key the
 * client would share, never.
 */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA']

/** OpenID Connect Discovery 1.0 §3, the members that are used. */
const metadataSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
})

export type ProviderMetadata = z.infer<typeof metadataSchema>

const keysSchema = z.object({ keys: z.array(z.record(z.string(), z.unknown())).max(maxKeys) })

/** The log-in did not hold; `reason` is for the audit. */
export function logInFailed(reason: string, cause?: unknown): FlowledgerError {
  return new FlowledgerError('log-in-failed', 'The log-in did not hold.', {
    fix: 'Begin again at /auth/login.',
    details: { reason },
    cause,
  })
}

interface Kept<T> {
  readonly value: T
  readonly atMs: number
}

/** What the provider says of itself and of its keys, fetched when it is needed and kept a while. */
export class Provider {
  readonly #config: OidcConfig
  #metadata: Kept<ProviderMetadata> | undefined
  #keys: Kept<JSONWebKeySet> | undefined

  constructor(config: OidcConfig) {
    this.#config = config
  }

  /** @throws FlowledgerError `provider-unreachable` */
  async metadata(): Promise<ProviderMetadata> {
    const kept = this.#metadata
    if (kept !== undefined && Date.now() - kept.atMs < metadataMs) return kept.value
    const { issuer } = this.#config
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const result = metadataSchema.safeParse(await fetchObject(url))
    // Who answers for another issuer could send people, and our secret, anywhere (§4.3).
    if (!result.success || result.data.issuer !== issuer) {
      const what = result.success ? `is the issuer "${result.data.issuer.slice(0, 200)}"` : ''
      throw new FlowledgerError(
        'provider-unreachable',
        `What ${url} says of the provider cannot be used. ${what}`.trim(),
        { fix: 'api.oidc.issuer has to be the issuer exactly as the provider names itself.' }
      )
    }
    this.#metadata = { value: result.data, atMs: Date.now() }
    return result.data
  }

  async #readKeys(oldestMs: number): Promise<JSONWebKeySet> {
    const kept = this.#keys
    if (kept !== undefined && kept.atMs > oldestMs) return kept.value
    const { jwks_uri: url } = await this.metadata()
    const result = keysSchema.safeParse(await fetchObject(url))
    if (!result.success) {
      throw new FlowledgerError('provider-unreachable', `${url} does not hold usable keys.`)
    }
    const value: JSONWebKeySet = result.data
    this.#keys = { value, atMs: Date.now() }
    return value
  }

  /**
   * Proves an ID token (OpenID Connect Core 1.0 §3.1.3.7): signature, issuer, audience, times.
   *
   * @throws FlowledgerError `log-in-failed`, `provider-unreachable`
   */
  async verify(idToken: string): Promise<JWTPayload> {
    const { clientId } = this.#config
    try {
      const payload = await this.#verifyWith(idToken, Date.now() - keysMs)
      const { aud, azp } = payload
      // For several audiences the party that it was made for must be named, and be us.
      if (Array.isArray(aud) && aud.length > 1 && azp === undefined)
        throw logInFailed('azp missing')
      if (azp !== undefined && azp !== clientId) throw logInFailed('azp is another client')
      return payload
    } catch (error) {
      if (error instanceof FlowledgerError) throw error
      throw logInFailed(error instanceof errors.JOSEError ? error.code : 'ID token', error)
    }
  }

  async #verifyWith(idToken: string, oldestMs: number): Promise<JWTPayload> {
    const { issuer, clientId: audience } = this.#config
    const options = {
      issuer,
      audience,
      algorithms,
      clockTolerance: 30,
      requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
    }
    const keys = await this.#readKeys(oldestMs)
    try {
      return (await jwtVerify(idToken, createLocalJWKSet(keys), options)).payload
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      // The provider may have changed its keys since.
      const fresh = await this.#readKeys(Date.now() - unknownKeyMs)
      if (fresh === keys) throw error
      return (await jwtVerify(idToken, createLocalJWKSet(fresh), options)).payload
    }
  }
}

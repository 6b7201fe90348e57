import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { OidcConfig } from '../../model/access-schema.ts'
import { FlowledgerError } from '../../model/errors.ts'
import type { Account } from '../../store/people.ts'
import type { Site } from '../site.ts'
import { accountOf } from './account.ts'
import { fetchObject } from './bounded-fetch.ts'
import { equalSecrets, PendingLogIns, sha256 } from './pending.ts'
import { logInFailed, Provider } from './provider.ts'
import type { ProviderMetadata } from './provider.ts'

const random = (): string => randomBytes(32).toString('base64url')

/** What came back with the browser (RFC 6749 §4.1.2, RFC 9207). */
export interface Callback {
  readonly code?: string | undefined
  readonly state?: string | undefined
  readonly error?: string | undefined
  readonly iss?: string | undefined
}

/**
 * Log-in at an OpenID provider: authorization code with PKCE.
 *
 * ```
 * browser            flowledger                          provider
 *   | /auth/login ----> | state, nonce, verifier kept        |
 *   | <- 302 + cookie --|                                    |
 *   | ------------------- who are you? ---------------------> |
 *   | <------------------ 302 code, state ------------------- |
 *   | /auth/callback -> | state once, this browser's cookie  |
 *   |                   | -- code, verifier, our secret ----> |
 *   |                   | <-------- ID token ---------------- |
 *   | <- session -------| signature, iss, aud, exp, nonce    |
 * ```
 */
export class LogIn implements Site {
  readonly config: OidcConfig
  readonly origin: string
  readonly isSecure: boolean
  readonly #provider: Provider
  readonly #pending = new PendingLogIns()

  constructor(config: OidcConfig) {
    this.config = config
    const { origin, protocol } = new URL(config.redirectUrl)
    this.origin = origin
    this.isSecure = protocol === 'https:'
    this.#provider = new Provider(config)
  }

  /**
   * Begins a log-in.
   *
   * @param returnTo path of ours to come out at
   * @returns where to send the browser, and the secret that it keeps until it comes back
   * @throws FlowledgerError `provider-unreachable`
   */
  async begin(returnTo: string): Promise<{ location: string; browser: string }> {
    const { authorization_endpoint: endpoint } = await this.#provider.metadata()
    const [state, nonce, verifier, browser] = [random(), random(), random(), random()]
    const begunMs = Date.now()
    this.#pending.add(state, { nonce, verifier, browser: sha256(browser), returnTo, begunMs })
    const url = new URL(endpoint)
    const fields = {
      response_type: 'code',
      client_id: this.config.clientId,
      redirect_uri: this.config.redirectUrl,
      scope: this.config.scopes.join(' '),
      state,
      nonce,
      code_challenge: sha256(verifier).toString('base64url'),
      code_challenge_method: 'S256',
    }
    for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value)
    return { location: url.href, browser }
  }

  /**
   * Ends a log-in.
   *
   * @param browser the secret from the cookie
   * @throws FlowledgerError `log-in-failed`, `provider-unreachable`
   */
  async finish(
    { code, state, error, iss }: Callback,
    browser: string
  ): Promise<{ account: Account; returnTo: string }> {
    const pending = this.#pending.take(state ?? '', browser)
    if (pending === undefined) throw logInFailed('state')
    if (iss !== undefined && iss !== this.config.issuer)
      throw logInFailed('iss of another provider')
    if (error !== undefined) throw logInFailed(`provider: ${error.slice(0, 100)}`)
    if (code === undefined) throw logInFailed('code missing')
    const metadata = await this.#provider.metadata()
    const payload = await this.#provider.verify(
      await this.#redeem(code, pending.verifier, metadata)
    )
    const { nonce } = payload
    if (typeof nonce !== 'string' || !equalSecrets(nonce, pending.nonce)) throw logInFailed('nonce')
    return { account: accountOf(payload, this.config), returnTo: pending.returnTo }
  }

  /** The ID token for a code (RFC 6749 §4.1.3, RFC 7636 §4.5). */
  async #redeem(code: string, verifier: string, metadata: ProviderMetadata): Promise<string> {
    const { clientId, redirectUrl } = this.config
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUrl,
      client_id: clientId,
      code_verifier: verifier,
    })
    const headers: Record<string, string> = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const secret = await this.#secret()
    if (secret !== undefined) {
      const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
      if (methods.includes('client_secret_basic')) {
        const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`
        headers['Authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`
      } else {
        form.set('client_secret', secret)
      }
    }
    const init = { method: 'POST', headers, body: form.toString() }
    const answer = await fetchObject(metadata.token_endpoint, init).catch((cause: unknown) => {
      throw logInFailed('code not taken', cause)
    })
    const { id_token: idToken } = answer
    if (typeof idToken !== 'string') throw logInFailed('no ID token')
    return idToken
  }

  /** Read each time: it can be changed without a restart. */
  async #secret(): Promise<string | undefined> {
    const { clientSecretFile: path } = this.config
    if (path === undefined) return undefined
    try {
      return (await readFile(path, 'utf8')).trim()
    } catch (cause) {
      throw new FlowledgerError('config-invalid', `${path} cannot be read.`, {
        fix: 'api.oidc.client_secret_file names the file with our secret at the provider.',
        cause,
      })
    }
  }
}

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import type { CryptoKey, JWK, JWTPayload } from 'jose'

/** What a test may change of the next answers. */
export interface Mischief {
  /** Claims over those of a right token; undefined leaves one out. */
  claims?: Record<string, unknown>
  /** `none`, or signed by a key that nobody publishes, or by the secret of the client. */
  sign?: 'none' | 'stranger' | 'secret'
  issuer?: string
  /** A right token of the log-in before, instead of this one's. */
  replay?: boolean
}

/** An OpenID provider for tests, over HTTP on loopback: whoever comes is logged in as `account`. */
export interface TestProvider {
  readonly issuer: string
  readonly clientId: string
  readonly secret: string
  account: Record<string, unknown>
  mischief: Mischief
  /** Requests by path. */
  readonly seen: string[]
  rotateKey(): Promise<void>
  close(): Promise<void>
}

interface Grant {
  readonly nonce: string
  readonly challenge: string
  readonly redirect: string
}

async function bodyOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return new URLSearchParams(text)
}

class Provider implements TestProvider {
  readonly clientId = 'flowledger'
  readonly secret = 'a secret of the client, long enough for HS256'
  readonly seen: string[] = []
  issuer = ''
  account: Record<string, unknown> = {}
  mischief: Mischief = {}
  #server: Server = createServer()
  #grants = new Map<string, Grant>()
  #key: CryptoKey | undefined
  #jwk: JWK = {}
  #last = ''
  #count = 0

  async start(): Promise<void> {
    await this.rotateKey()
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error))
      })
    })
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    this.issuer = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async rotateKey(): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair('ES256')
    this.#key = privateKey
    this.#jwk = { ...(await exportJWK(publicKey)), kid: `key ${this.#count++}`, alg: 'ES256' }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.issuer)
    this.seen.push(url.pathname)
    const json = (value: unknown, status = 200): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
    }
    if (url.pathname === '/.well-known/openid-configuration') {
      return json({
        issuer: this.mischief.issuer ?? this.issuer,
        authorization_endpoint: `${this.issuer}/authorize`,
        token_endpoint: `${this.issuer}/token`,
        jwks_uri: `${this.issuer}/keys`,
      })
    }
    if (url.pathname === '/keys') return json({ keys: [this.#jwk] })
    if (url.pathname === '/authorize') {
      const code = `code ${this.#count++}`
      const get = (name: string): string => url.searchParams.get(name) ?? ''
      const redirect = get('redirect_uri')
      this.#grants.set(code, { nonce: get('nonce'), challenge: get('code_challenge'), redirect })
      const back = new URL(redirect)
      back.searchParams.set('code', code)
      back.searchParams.set('state', get('state'))
      response.writeHead(302, { Location: back.href }).end()
      return
    }
    return json(...(await this.#token(request)))
  }

  async #token(request: IncomingMessage): Promise<[unknown, number]> {
    const form = await bodyOf(request)
    const grant = this.#grants.get(form.get('code') ?? '')
    this.#grants.delete(form.get('code') ?? '')
    const pair = `${encodeURIComponent(this.clientId)}:${encodeURIComponent(this.secret)}`
    const known = request.headers.authorization === `Basic ${Buffer.from(pair).toString('base64')}`
    const verifier = form.get('code_verifier') ?? ''
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    const right = grant?.challenge === challenge && grant.redirect === form.get('redirect_uri')
    if (grant === undefined || !known || !right) return [{ error: 'invalid_grant' }, 400]
    const made = await this.#idToken(grant.nonce)
    const idToken = this.mischief.replay === true ? this.#last : made
    this.#last = idToken
    return [{ id_token: idToken, access_token: 'x', token_type: 'Bearer' }, 200]
  }

  async #idToken(nonce: string): Promise<string> {
    const nowS = Math.floor(Date.now() / 1000)
    const all: JWTPayload = {
      iss: this.issuer,
      aud: this.clientId,
      iat: nowS,
      exp: nowS + 300,
      nonce,
      ...this.account,
      ...this.mischief.claims,
    }
    const payload = Object.fromEntries(
      Object.entries(all).filter(([, value]) => value !== undefined)
    )
    const { sign } = this.mischief
    if (sign === 'none') return new UnsecuredJWT(payload).encode()
    const kid = String(this.#jwk.kid)
    if (sign === 'secret') {
      const secret = new TextEncoder().encode(this.secret)
      return await new SignJWT(payload).setProtectedHeader({ alg: 'HS256', kid }).sign(secret)
    }
    const stranger = sign === 'stranger' ? (await generateKeyPair('ES256')).privateKey : undefined
    const key = stranger ?? this.#key
    if (key === undefined) throw new Error('no key')
    return await new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid }).sign(key)
  }
}

export async function startProvider(): Promise<TestProvider> {
  const provider = new Provider()
  await provider.start()
  return provider
}

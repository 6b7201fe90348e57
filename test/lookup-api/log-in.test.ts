import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { OidcConfig } from '../../model/access-schema.ts'
import { LogIn } from '../../lookup-api/oidc/log-in.ts'
import { skipPostgres } from '../postgres.ts'
import { useAccessLab } from './access-lab.ts'
import { lookup, problem } from './api.ts'
import { startProvider } from './oidc-provider.ts'
import type { Mischief, TestProvider } from './oidc-provider.ts'

const account = { sub: '7', email: 'Eva@Example.org', groups: ['abuse', 'other'] }

/** What a browser keeps of the cookies that it is given. */
class Browser {
  readonly cookies = new Map<string, string>()
  attributes = ''

  keep(response: Response): Response {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ')
      const [name = '', value = ''] = pair.split('=')
      if (attributes.includes('Max-Age=0')) this.cookies.delete(name)
      else this.cookies.set(name, value)
      if (name === 'flowledger') this.attributes = attributes.join('; ')
    }
    return response
  }

  get header(): { Cookie: string } {
    return { Cookie: [...this.cookies].map((pair) => pair.join('=')).join('; ') }
  }
}

describe.skipIf(skipPostgres)('people', () => {
  let provider: TestProvider
  let folder = ''
  let config: OidcConfig
  const lab = useAccessLab(async (url) => {
    provider = await startProvider()
    folder = await mkdtemp(join(tmpdir(), 'flowledger-oidc-'))
    await writeFile(join(folder, 'secret'), `${provider.secret}\n`)
    config = {
      issuer: provider.issuer,
      clientId: provider.clientId,
      clientSecretFile: join(folder, 'secret'),
      redirectUrl: `${url}/auth/callback`,
      scopes: ['openid', 'email'],
      personClaim: 'email',
      roleClaim: 'groups',
      roleOf: { abuse: 'abuse-desk', chief: 'approver' },
      sessionIdleUs: 1800e6,
      sessionUs: 3600e6,
    }
    return config
  })

  afterAll(async () => {
    await provider?.close()
    await rm(folder, { recursive: true, force: true })
  })
  beforeEach(() => {
    provider.account = account
    provider.mischief = {}
    lab.restart()
  })

  /** To the provider and back; what `/auth/callback` is then asked with. */
  async function toProvider(browser: Browser, query = ''): Promise<string> {
    const begun = browser.keep(await lab.send('GET', `/auth/login${query}`))
    expect(begun.status).toBe(302)
    const there = await fetch(begun.headers.get('Location') ?? '', { redirect: 'manual' })
    const back = there.headers.get('Location') ?? ''
    expect(back).toContain(`${lab.url}/auth/callback?`)
    return back.slice(lab.url.length)
  }
  const back = async (browser: Browser, path: string): Promise<Response> =>
    browser.keep(await lab.send('GET', path, { headers: browser.header }))
  async function logIn(browser = new Browser()): Promise<Browser> {
    const response = await back(browser, await toProvider(browser))
    expect(response.status).toBe(303)
    return browser
  }
  const get = (path: string, { header }: Browser): Promise<Response> =>
    lab.send('GET', path, { headers: header })
  async function csrfOf(browser: Browser): Promise<string> {
    const session = (await (await get('/v1/session', browser)).json()) as { csrf_token: string }
    return session.csrf_token
  }

  test('log in, are whom the provider says, and log out', async () => {
    const browser = await logIn()
    expect(browser.attributes).toBe('Max-Age=3600; Path=/; HttpOnly; SameSite=Lax')
    const session = await (await get('/v1/session', browser)).json()
    expect(session).toMatchObject({ kind: 'person', person: 'eva@example.org', role: 'abuse-desk' })
    expect((await get(lookup, browser)).status).toBe(200)
    expect((await get('/v1/audit', browser)).status).toBe(403)
    const latest = (await lab.audit()).find(({ action }) => action === 'lookup')
    expect(latest?.actor).toBe('person:eva@example.org')
    const rows = await lab.database.query<{ line: string }>('read the sessions', {
      text: 'select s::text as line from access.session s',
    })
    const secret = browser.cookies.get('flowledger') ?? 'none'
    expect(secret).toMatch(/^[\w-]{43}$/)
    expect(rows.map(({ line }) => line).join()).not.toContain(secret)
    const headers = { ...browser.header, Origin: lab.url, 'X-CSRF-Token': await csrfOf(browser) }
    const old = { ...browser.header }
    expect((await lab.send('POST', '/auth/logout', { headers })).status).toBe(204)
    expect((await lab.send('GET', lookup, { headers: old })).status).toBe(401)
  })

  test('come out where they wanted to, of paths that are ours', async () => {
    const browser = new Browser()
    const path = await toProvider(browser, '?return_to=/v1/coverage')
    expect((await back(browser, path)).headers.get('Location')).toBe('/v1/coverage')
    for (const foreign of [
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      '/%0d%0aX:',
    ]) {
      const response = await lab.send('GET', `/auth/login?return_to=${foreign}`)
      expect(response.status, foreign).toBe(400)
    }
  })

  test.each<[string, Mischief, string]>([
    ['a nonce of another log-in', { claims: { nonce: 'x' } }, 'nonce'],
    ['no nonce', { claims: { nonce: undefined } }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['a token that is over', { claims: { exp: 1_700_000_000 } }, 'ERR_JWT_EXPIRED'],
    ['a token that never ends', { claims: { exp: undefined } }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['a token for others', { claims: { aud: 'other' } }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['a token for several', { claims: { aud: ['flowledger', 'other'] } }, 'azp missing'],
    ['a token made for another', { claims: { azp: 'other' } }, 'azp is another client'],
    ['another issuer', { claims: { iss: 'https://x' } }, 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['no signature', { sign: 'none' }, 'ERR_JOSE_ALG_NOT_ALLOWED'],
    ['a signature by a stranger', { sign: 'stranger' }, 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
    ['a signature by our own secret', { sign: 'secret' }, 'ERR_JOSE_ALG_NOT_ALLOWED'],
    ['the token of the log-in before', { replay: true }, 'nonce'],
    ['nobody', { claims: { email: undefined } }, 'claim email missing'],
    ['a name of ours', { claims: { email: 'token:desk' } }, 'claim email is no name'],
    ['an address that is not proved', { claims: { email_verified: false } }, 'email not verified'],
    ['a group without a role', { claims: { groups: ['other', 'constructor'] } }, 'no role'],
  ])('do not get in with %s', async (_, mischief, reason) => {
    await logIn()
    provider.mischief = mischief
    const browser = new Browser()
    const response = await back(browser, await toProvider(browser))
    expect((await problem(response)).code).toBe('log-in-failed')
    expect(browser.cookies.has('flowledger')).toBe(false)
    const [latest] = await lab.audit()
    expect(latest).toMatchObject({ action: 'log-in-failed', detail: { reason } })
  })

  test('cannot use what came back a second time, or in another browser', async () => {
    const browser = new Browser()
    const path = await toProvider(browser)
    const binding = browser.header
    const stranger = await lab.send('GET', path)
    expect((await problem(stranger)).code).toBe('log-in-failed')
    const forged = path.replace(/state=[^&]*/, 'state=forged')
    expect((await lab.send('GET', forged, { headers: binding })).status).toBe(401)
    expect((await back(browser, path)).status).toBe(303)
    expect((await lab.send('GET', path, { headers: binding })).status).toBe(401)
    // The provider takes a code once, whatever state it comes with.
    const code = /code=[^&]*/.exec(path)?.[0] ?? ''
    const other = new Browser()
    const second = (await toProvider(other)).replace(/code=[^&]*/, code)
    expect((await back(other, second)).status).toBe(401)
  })

  test('are who they were at first, whatever they are called since', async () => {
    await logIn()
    provider.account = { ...account, email: 'somebody.else@example.org' }
    const session = await (await get('/v1/session', await logIn())).json()
    expect(session).toMatchObject({ person: 'eva@example.org' })
  })

  test('change nothing from another page', async () => {
    provider.account = { ...account, groups: ['abuse', 'chief'] }
    const browser = await logIn()
    const token = await csrfOf(browser)
    const own = { Origin: lab.url, 'X-CSRF-Token': token }
    const send = (headers: Record<string, string>): Promise<Response> =>
      lab.send('POST', '/v1/approvals/1/refuse', {
        body: {},
        headers: { ...browser.header, ...headers },
      })
    // There is none of that number: what matters is who gets so far.
    expect((await problem(await send(own))).code).toBe('usage')
    for (const headers of [
      {},
      { Origin: lab.url },
      { 'X-CSRF-Token': token },
      { ...own, Origin: 'https://evil.example' },
      { ...own, 'X-CSRF-Token': `${token.slice(0, -1)}_` },
      { ...own, 'Sec-Fetch-Site': 'cross-site' },
    ]) {
      expect((await problem(await send(headers))).code).toBe('forbidden')
    }
    const led = { ...browser.header, 'Sec-Fetch-Site': 'cross-site' }
    expect((await lab.send('GET', lookup, { headers: led })).status).toBe(403)
  })

  test('are logged out by time, by disuse, and by who manages', async () => {
    const over = async (set: string): Promise<number> => {
      const browser = await logIn()
      await lab.database.query('age', { text: `update access.session set ${set}` })
      return (await get('/v1/session', browser)).status
    }
    expect(await over("used_at = now() - interval '29 minutes'")).toBe(200)
    expect(await over("used_at = now() - interval '31 minutes'")).toBe(401)
    expect(await over('expires_at = now()')).toBe(401)
    const browser = await logIn()
    const token = await lab.token({ role: 'administrator' })
    const listed = await (await lab.send('GET', '/v1/people', { token })).json()
    expect(listed).toMatchObject({ people: [{ person: 'eva@example.org', roles: ['abuse-desk'] }] })
    const path = '/v1/people/Eva@example.org/sessions'
    expect((await lab.send('DELETE', path, { token })).status).toBe(200)
    expect((await get('/v1/session', browser)).status).toBe(401)
  })

  test('get in after the provider changed its key', async () => {
    const other = await startProvider()
    other.account = account
    const keysAsked = (): number => other.seen.filter((path) => path === '/keys').length
    const own = new LogIn({ ...config, issuer: other.issuer })
    const through = async (): Promise<unknown> => {
      const { location, browser } = await own.begin('/')
      const there = await fetch(location, { redirect: 'manual' })
      const { searchParams } = new URL(there.headers.get('Location') ?? '')
      return await own.finish(Object.fromEntries(searchParams), browser)
    }
    const asked = keysAsked()
    await through()
    await through()
    expect(keysAsked() - asked).toBe(1)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 })
    try {
      await other.rotateKey()
      await through()
      expect(keysAsked() - asked).toBe(2)
      // A key that nobody publishes is not asked for again and again.
      await other.rotateKey()
      await expect(through()).rejects.toMatchObject({ code: 'log-in-failed' })
      expect(keysAsked() - asked).toBe(2)
    } finally {
      vi.useRealTimers()
      await other.close()
    }
  })

  test('are not sent to a provider that answers for another', async () => {
    provider.mischief = { issuer: 'https://other.example' }
    await expect(new LogIn(config).begin('/')).rejects.toMatchObject({
      code: 'provider-unreachable',
    })
  })

  test('who guess are made to wait, and others at their address are not', async () => {
    const browser = await logIn()
    const headers = { Authorization: `Bearer fl_${'A'.repeat(43)}` }
    // What they wait begins with a second, which a slow machine takes for a few answers.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    try {
      const statuses = []
      for (let i = 0; i < 20; i++)
        statuses.push((await lab.send('GET', lookup, { headers })).status)
      expect(new Set(statuses)).toEqual(new Set([401, 429]))
      const late = await lab.send('GET', '/auth/login')
      expect(late.status).toBe(429)
      expect(Number(late.headers.get('Retry-After'))).toBeGreaterThan(0)
    } finally {
      vi.useRealTimers()
    }
    expect((await get('/v1/session', browser)).status).toBe(200)
  })
})

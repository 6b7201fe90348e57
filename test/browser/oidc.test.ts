import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Provider } from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useAccessLab } from '../lookup-api/access-lab.ts'
import { skipPostgres } from '../postgres.ts'
import { skipUnless } from '../skip.ts'
import { chromiumMissing, startChromium } from './chromium.ts'
import type { RunningBrowser } from './chromium.ts'

/**
 * People log in as they do in production: from the page to an OpenID provider that is none of ours
 * (the npm package oidc-provider, certified), through its forms, and back with a session.
 */

const secret = 'the secret of a client, of some length'
const groupsOf: Readonly<Record<string, readonly string[]>> = {
  'eva@isp.example': ['abuse'],
  'mallory@isp.example': ['guests'],
}

/** Starts the provider; its clients may only come back to the page. */
async function startProvider(redirect: string): Promise<{ issuer: string; server: Server }> {
  const { createServer } = await import('node:http')
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'flowledger', client_secret: secret, redirect_uris: [redirect] }],
    claims: { email: ['email'], groups: ['groups'] },
    scopes: ['openid', 'email', 'groups'],
    conformIdTokenClaims: false,
    cookies: { keys: ['only for this test'] },
    features: { devInteractions: { enabled: true } },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: id, groups: groupsOf[id] ?? [] }),
    }),
  })
  const answer = provider.callback()
  server.on('request', (request, response) => void answer(request, response))
  return { issuer, server }
}

const skip = skipUnless('browser', chromiumMissing()) || skipPostgres

describe.skipIf(skip)('a person of an OpenID provider', () => {
  let chromium: RunningBrowser
  let server: Server
  let folder = ''
  const lab = useAccessLab(async (url) => {
    const started = await startProvider(`${url}/auth/callback`)
    server = started.server
    folder = await mkdtemp(join(tmpdir(), 'flowledger-oidc-'))
    await writeFile(join(folder, 'secret'), `${secret}\n`)
    return {
      issuer: started.issuer,
      clientId: 'flowledger',
      clientSecretFile: join(folder, 'secret'),
      redirectUrl: `${url}/auth/callback`,
      scopes: ['openid', 'email', 'groups'],
      personClaim: 'email',
      roleClaim: 'groups',
      roleOf: { abuse: 'abuse-desk' },
      sessionIdleUs: 1800e6,
      sessionUs: 3600e6,
    }
  })
  beforeAll(async () => {
    chromium = await startChromium()
  })
  afterAll(async () => {
    await chromium?.close()
    server?.closeAllConnections()
    server?.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Goes from the page through the provider's forms, in a browser without any cookie. */
  async function logIn(person: string) {
    const context = await chromium.browser.newContext()
    // The test's own limit ends a wait in vain.
    context.setDefaultTimeout(0)
    const page = await context.newPage()
    await page.goto(`${lab.url}/devices`)
    await page.getByText('Log in with your account').click()
    await page.locator('input[name=login]').fill(person)
    await page.locator('input[name=password]').fill('anything')
    await page.getByRole('button', { name: 'Sign-in' }).click()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL(({ origin, pathname }) => origin === lab.url && pathname !== '/welcome')
    return { context, page }
  }

  test('comes back to the page that was asked for, and may do what the group may', async () => {
    const { context, page } = await logIn('eva@isp.example')
    expect(new URL(page.url()).pathname).toBe('/devices')
    expect(await page.textContent('body')).toContain('eva@isp.example')
    // The provider's own cookies are there too: of one host, whatever the port.
    const cookies = await context.cookies(lab.url)
    const own = cookies.find(({ name }) => name.includes('flowledger'))
    expect(own).toMatchObject({ httpOnly: true, sameSite: 'Lax' })
    const session = await page.evaluate(async () => (await fetch('/v1/session')).json() as unknown)
    expect(session).toMatchObject({ person: 'eva@isp.example', role: 'abuse-desk' })
    const audit = await lab.audit()
    expect(audit.some(({ actor }) => actor.includes('eva@isp.example'))).toBe(true)
    await context.close()
  })

  test('of no group that has a role gets a page that says so, and no session', async () => {
    const { context, page } = await logIn('mallory@isp.example')
    expect(await page.textContent('[role=alert]')).toMatch(/ask an administrator/)
    await page.goto(`${lab.url}/devices`)
    expect(new URL(page.url()).pathname).toBe('/log-in')
    await context.close()
  })
})

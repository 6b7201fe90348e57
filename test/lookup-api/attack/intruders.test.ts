import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { embeddedPostgresMissing, skipUnless } from '../../skip.ts'
import { attempt, inTurns, session } from './requests.ts'
import type { Reply } from './requests.ts'
import { routeTable, useTarget } from './target.ts'

/** Failures of one address that cost nothing yet. */
const freeFailures = 10

/** Where the configuration says that browsers find it. */
const origin = 'http://127.0.0.1:9'

const provider = `
api:
  listen: "127.0.0.1:0"
  oidc:
    issuer: http://127.0.0.1:9
    client_id: flowledger
    redirect_url: http://127.0.0.1:9/auth/callback
    roles: { map: { desk: abuse-desk } }
`

describe.skipIf(skipUnless('postgres', embeddedPostgresMissing()))('who wants in', () => {
  const target = useTarget(provider)
  const withToken = (token: string, from: string): Promise<Reply> =>
    attempt(target, { path: '/v1/session', from, headers: { Authorization: `Bearer ${token}` } })
  const logIn = (token: string, from: string): Promise<Reply> =>
    attempt(target, {
      method: 'POST',
      path: '/log-in',
      from,
      headers: { Origin: origin, 'Content-Type': 'application/x-www-form-urlencoded' },
      body: `token=${token}`,
    })
  const guess = (number: number): string => `fl_${String(number).padStart(43, '0')}`
  const asAdministrator = {
    get Authorization(): string {
      return `Bearer ${target.token}`
    },
  }

  test.each([
    ['tokens', withToken, '127.0.1.1'],
    ['log-ins', logIn, '127.0.1.2'],
  ])('%s cannot be guessed at speed, and others are not kept out', async (_, tryIt, from) => {
    expect((await withToken(target.token, from)).status).toBe(200)
    let failures = 0
    let failedMs = 0
    for (let number = 0; ; number++) {
      const askedMs = performance.now()
      const { status, headers } = await tryIt(guess(number), from)
      if (status === 401) {
        failures++
        failedMs = askedMs
        continue
      }
      expect(status).toBe(429)
      // The wait is twice as long after each failure, less what has passed of it.
      const waits = 2 ** (failures - freeFailures)
      const passed = (performance.now() - failedMs) / 1000
      const seconds = Number(headers['retry-after'])
      expect(seconds).toBeLessThanOrEqual(waits)
      expect(seconds).toBeGreaterThanOrEqual(waits - passed)
      if (failures >= freeFailures + 2) break
      await pause(seconds * 1000 + 50)
    }
    // Somebody else behind the address, who was in before, and everybody elsewhere.
    expect((await withToken(target.token, from)).status).toBe(200)
    expect((await withToken(target.token, '127.0.1.99')).status).toBe(200)
    expect((await withToken(guess(1), '127.0.1.99')).status).toBe(401)
  })

  test('many guesses at one time are no way around', async () => {
    const statuses: number[] = []
    await inTurns([...Array(400).keys()], 200, async (number) => {
      statuses.push((await withToken(guess(number), '127.0.1.3')).status)
    })
    const tried = statuses.filter((status) => status === 401).length
    expect(statuses.filter((status) => status === 429)).toHaveLength(400 - tried)
    expect(tried).toBeLessThan(80)
  })

  test('a cookie that was forged, altered or ended is worth nothing', async () => {
    const { cookie, csrf } = await session(target, origin)
    const [name = '', secret = ''] = cookie.split('=')
    const altered = (at: number): string =>
      secret.slice(0, at) + (secret[at] === 'A' ? 'B' : 'A') + secret.slice(at + 1)
    const forged = [
      '',
      'x',
      'A'.repeat(43),
      secret.slice(0, -1),
      `${secret}A`,
      secret.toLowerCase(),
      altered(0),
      altered(20),
      altered(secret.length - 2),
      target.token,
      'administrator',
      "' or 1=1 --",
      '%00',
      '%c3%28',
      'x'.repeat(8000),
    ]
    await inTurns([...forged.entries()], 4, async ([at, value]) => {
      const from = `127.0.2.${at + 1}`
      const headers = { Cookie: `${name}=${value}` }
      const api = await attempt(target, { path: '/v1/session', from, headers })
      expect(api.status, value).toBe(401)
      const page = await attempt(target, { path: '/lookup', from, headers })
      expect(page.status, value).toBe(303)
      expect(page.headers.location).toMatch(/^\/log-in/)
    })
    const own = { Cookie: cookie, Origin: origin, 'X-CSRF-Token': csrf }
    const form = { ...own, 'Content-Type': 'application/x-www-form-urlencoded' }
    const out = { method: 'POST', path: '/log-out', headers: form, body: `csrf=${csrf}` }
    expect((await attempt(target, out)).status).toBe(303)
    expect((await attempt(target, { path: '/v1/session', headers: own })).status).toBe(401)
  })

  test('no route changes anything for a page of another site', async () => {
    const changing = routeTable().filter(({ method }) => method !== 'GET')
    expect(changing.length).toBeGreaterThan(30)
    const { cookie, csrf } = await session(target, origin)
    const entries = async (): Promise<readonly { action: string }[]> => {
      const headers = asAdministrator
      const { body } = await attempt(target, { path: '/v1/audit', headers })
      const read = JSON.parse(body) as { entries: { action: string }[] }
      return read.entries.filter(({ action }) => action !== 'audit-read')
    }
    const before = await entries()
    const own = { Origin: origin, 'X-CSRF-Token': csrf }
    const bad: Record<string, string>[] = [
      {},
      { Origin: origin },
      { 'X-CSRF-Token': csrf },
      { ...own, Origin: 'https://evil.example' },
      { ...own, Origin: 'null' },
      { ...own, 'X-CSRF-Token': `${csrf.slice(0, -1)}_` },
      { ...own, 'Sec-Fetch-Site': 'cross-site' },
      { ...own, 'Sec-Fetch-Site': 'same-site' },
    ]
    const attacks = changing.flatMap((route) => bad.map((headers) => ({ ...route, headers })))
    await inTurns(attacks, 8, async ({ method, path, headers }) => {
      const isForm = !/^\/(v1|auth)\//.test(path)
      const hasToken = isForm && headers['X-CSRF-Token'] !== undefined
      // A log-in has no session yet: its origin is what tells.
      if (path === '/log-in' && headers['Origin'] === origin && !headers['Sec-Fetch-Site']) return
      const body = isForm
        ? `${hasToken ? `csrf=${headers['X-CSRF-Token']}&` : ''}token=${target.token}`
        : '{}'
      const { status } = await attempt(target, {
        method,
        path: path.replaceAll(/:\w+/g, '1'),
        headers: {
          Cookie: cookie,
          'Content-Length': String(body.length),
          'Content-Type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
          ...headers,
        },
        body,
      })
      expect(status, `${method} ${path} ${JSON.stringify(headers)}`).toBe(403)
    })
    expect(await entries()).toEqual(before)
  })
})

import { beforeEach, describe, expect, test, vi } from 'vitest'
import { rotateToken, revokeToken } from '../../../store/tokens.ts'
import { skipPostgres } from '../../postgres.ts'
import { useAccessLab } from '../access-lab.ts'
import { FormBrowser } from './browser.ts'

const question = '/lookup?ip=192.0.2.1&port=3000&protocol=tcp&at=2026-03-01T12:00:00Z'

describe.skipIf(skipPostgres)('the log-in of the page', () => {
  const lab = useAccessLab()
  let browser: FormBrowser
  beforeEach(() => {
    lab.restart()
    browser = new FormBrowser(lab)
  })
  const investigator = () => lab.token({ role: 'investigator', person: 'Ines' })

  test('leads to it, and back to what was wanted', async () => {
    const refused = await browser.get(question)
    expect(refused.status).toBe(303)
    const to = refused.headers.get('Location') ?? ''
    expect(to).toBe(`/log-in?return_to=${encodeURIComponent(question)}`)
    expect(await browser.text(to)).toContain(
      `name="return_to" value="${question.replaceAll('&', '&amp;')}"`
    )
    const done = await browser.logIn(await investigator(), question)
    expect([done.status, done.headers.get('Location')]).toEqual([303, question])
    const page = await browser.get(question)
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('10.0.0.3:1000 had 192.0.2.1:3000')
  })

  test('keeps a session in the browser and never the token, bound as cookies can be', async () => {
    const token = await investigator()
    const cookie = (await browser.logIn(token)).headers.getSetCookie()[0]
    expect(cookie).toMatch(
      /^flowledger=t\.[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/
    )
    expect(cookie).not.toContain(token)
    const rows = await lab.database.query<{ line: string }>('read the sessions', {
      text: 'select s::text as line from access.token_session s',
    })
    const secret = browser.cookies.get('flowledger') ?? 'none'
    expect(rows.map(({ line }) => line).join()).not.toContain(secret)
    // The session is as good as the token for the API, and the audit names the token.
    expect((await browser.get('/v1/session')).status).toBe(200)
    expect((await lab.audit())[0]).toMatchObject({ action: 'log-in', detail: { by: 'token' } })
  })

  test('over https the cookie is of this host alone; over a plain network there is none', async () => {
    const token = await investigator()
    const app = async (origin: string): Promise<Response> =>
      await lab.app.request('http://ledger.example.net/log-in', {
        method: 'POST',
        body: new URLSearchParams({ token, return_to: '/' }),
        headers: { Host: 'ledger.example.net', Origin: origin },
      })
    const cookie = (await app('https://ledger.example.net')).headers.getSetCookie()[0]
    expect(cookie).toContain('__Host-flowledger=t.')
    expect(cookie).toContain('; Secure; SameSite=Lax')
    const plain = await app('http://ledger.example.net')
    expect(plain.status).toBe(403)
    expect(plain.headers.getSetCookie()).toEqual([])
    expect(await plain.text()).toContain('log in over https')
  })

  test('ends when it is ended, and with its token', async () => {
    const token = await lab.token({ role: 'investigator', name: 'first' })
    await browser.logIn(token)
    const old = new Map(browser.cookies)
    expect((await browser.post('/log-out', { csrf: await browser.csrf() })).status).toBe(303)
    browser.cookies = old
    expect((await browser.get('/lookup')).status).toBe(303)
    await browser.logIn(token)
    const next = (await rotateToken(lab.database, 'first')) ?? ''
    expect((await browser.get('/lookup')).status).toBe(303)
    await browser.logIn(next)
    expect((await browser.get('/lookup')).status).toBe(200)
    await revokeToken(lab.database, 'first')
    expect((await browser.get('/lookup')).status).toBe(303)
  })

  test('comes out at paths of ours only', async () => {
    const token = await investigator()
    for (const foreign of ['//evil.example', 'https://evil.example', '/\\evil.example', 'x', '']) {
      const done = await browser.logIn(token, foreign)
      expect(done.headers.get('Location')).toBe('/')
      const shown = await browser.text(`/log-in?return_to=${encodeURIComponent(foreign)}`)
      expect(shown).toContain('name="return_to" value="/"')
      const welcome = await browser.text(`/welcome?return_to=${encodeURIComponent(foreign)}`)
      expect(welcome).toContain('content="0; url=/"')
    }
  })

  test("refuses forms of other sites, and those without the session's token", async () => {
    const token = await investigator()
    expect(
      (await browser.post('/log-in', { token }, { Origin: 'https://evil.example' })).status
    ).toBe(403)
    expect((await browser.post('/log-in', { token }, { Origin: 'null' })).status).toBe(403)
    await browser.logIn(token)
    const csrf = await browser.csrf()
    const evidence = { ip: '192.0.2.1', port: '3000', at: '2026-03-01T12:00:00Z', form: 'json' }
    const send = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
      browser.post('/lookup/evidence', { ...evidence, ...fields }, headers)
    expect((await send({})).status).toBe(403)
    expect((await send({ csrf: 'guess' })).status).toBe(403)
    expect((await send({ csrf }, { Origin: 'https://evil.example' })).status).toBe(403)
    expect((await send({ csrf }, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
    // This lab signs nothing before its key was made, which is later than its noon.
    expect((await send({ csrf })).status).not.toBe(403)
  })

  test('asks before it opens what another site links to, and asks nothing itself', async () => {
    await browser.logIn(await investigator())
    const before = (await lab.audit()).length
    const page = await browser.get(question, { 'Sec-Fetch-Site': 'cross-site' })
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('You followed a link from another site')
    expect((await lab.audit()).length).toBe(before)
  })

  test('makes who guesses wait', async () => {
    // What they wait begins with a second, which a slow machine takes for a few answers.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    try {
      for (let i = 0; i < 30; i++) await browser.logIn(`fl_${'a'.repeat(43)}`)
      const waiting = await browser.logIn(`fl_${'b'.repeat(43)}`)
      expect(waiting.status).toBe(429)
      expect(await waiting.text()).toContain('Too many log-ins')
    } finally {
      vi.useRealTimers()
    }
  })

  test('leaves programs as they were', async () => {
    expect((await fetch(`${lab.url}/v1/coverage`)).status).toBe(401)
    expect((await fetch(`${lab.url}/nothing`)).status).toBe(404)
    expect(await (await fetch(`${lab.url}/`)).json()).toMatchObject({ name: 'flowledger' })
    const start = await browser.get('/')
    expect([start.status, start.headers.get('Location')]).toEqual([303, '/home'])
  })

  test('a page is not stored, framed, or fed from elsewhere', async () => {
    await browser.logIn(await investigator())
    const { headers } = await browser.get('/lookup')
    expect(headers.get('Cache-Control')).toBe('no-store')
    const policy = headers.get('Content-Security-Policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
  })
})

import { beforeAll, describe, expect, test } from 'vitest'
import { embeddedPostgresMissing, skipUnless } from '../../skip.ts'
import { attempt, inTurns, session } from './requests.ts'
import type { Reply } from './requests.ts'
import { routeTable, useTarget } from './target.ts'

/** What a template that were filled carelessly would work out: 7919 x 7927. */
const product = '62773913'

/** What is code somewhere; each ends up in every parameter of every route that reads. */
const strings = [
  `'"><script>alert(1)</script>`,
  `' or 1=1; drop table access.token; --`,
  `1) union select secret from access.token --`,
  `'||pg_sleep(9)||'`,
  String.raw`\'; select 1 --`,
  `{{7919*7927}}\${7919*7927}<%=7919*7927%>#{7919*7927}`,
  `javascript:alert(1)`,
  `a\u0000b`,
  `a\r\nSet-Cookie: x=1`,
  `__proto__`,
  `../../../../etc/passwd`,
  `\u202e\ufeff\ud800`,
  `%`,
  `9`.repeat(400),
]

/** Marks of the first string that a page may hold only as text. */
const markup = /<script>alert|"><script/

/** What stands in a document for what is told of each route. */
interface Document {
  readonly paths: Readonly<
    Record<string, { readonly get?: { readonly parameters?: readonly { name: string }[] } }>
  >
}

/** What makes the rest of a question readable, so that one wrong parameter is met alone. */
const sound: Readonly<Record<string, string>> = {
  ip: '192.0.2.1',
  port: '4711',
  at: '2026-03-01T12:00:00Z',
  from: '2026-03-01T00:00:00Z',
  to: '2026-03-02T00:00:00Z',
  user: 'x',
  client: '10.0.0.1:1',
  server: '192.0.2.1:1',
}

/** What UTF-8 cannot write goes out as the octets that it would be. */
const encoded = (text: string): string =>
  encodeURIComponent(text.replace('\ud800', '')) + (text.includes('\ud800') ? '%ed%a0%80' : '')

const skipped = skipUnless('postgres', embeddedPostgresMissing())
describe.skipIf(skipped)('what requests carry', () => {
  const target = useTarget()
  let cookie = ''
  let document: Document
  beforeAll(async () => {
    if (skipped) return
    cookie = (await session(target)).cookie
    document = (await (await target.ask('/openapi.json')).json()) as Document
  })

  const api = (path: string): Promise<Reply> =>
    attempt(target, { path, headers: { Authorization: `Bearer ${target.token}` } })
  const page = (path: string): Promise<Reply> =>
    attempt(target, { path, headers: { Cookie: cookie, Accept: 'text/html' } })

  function judge(path: string, { status, headers, body }: Reply): void {
    // Nothing is followed here, so there is nobody to ask what is live.
    if (!body.includes('"code":"not-running"') && !body.includes('(not-running)')) {
      expect(status, `${path}: ${body.slice(0, 300)}`).toBeLessThan(500)
    }
    if (body !== '') expect(headers['x-content-type-options'], path).toBe('nosniff')
    expect(headers['set-cookie']?.join(), path).not.toBe('x=1')
    expect(body, path).not.toContain(product)
    expect(body, path).not.toContain('root:x:0')
    if (!headers['content-type']?.startsWith('text/html')) return
    expect(body, path).not.toMatch(markup)
    expect(body, path).not.toMatch(/(?:href|src|action)="javascript:/)
    expect(headers['content-security-policy'], path).toContain("default-src 'none'")
  }

  const reading = routeTable().filter(({ method }) => method === 'GET')
  const isPage = (path: string): boolean => !/^\/(?:v1|auth)\//.test(path)

  /** Parameters of a route: of the API by its document, of a page what its own links and forms name. */
  async function parametersOf(path: string): Promise<string[]> {
    const told = document.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.get?.parameters
    if (!isPage(path)) return (told ?? []).map(({ name }) => name)
    const { body } = await page(path.replace(':name', 'traffic'))
    const named = [...body.matchAll(/\bname="([\w-]+)"/g), ...body.matchAll(/[?;]([a-z_]+)=/g)]
    const general = ['cursor', 'form', 'return_to', 'at', 'from', 'scope', 'status', 'filter']
    return [...new Set([...named.map(([, name = '']) => name), ...general])]
  }

  test('each string in each parameter of each route is text, and no fault', async () => {
    let asked = 0
    for (const { path } of reading.filter((route) => !route.path.startsWith('/auth'))) {
      const parameters = await parametersOf(path)
      const whole = path.replaceAll(/:\w+/g, '1')
      const needed = parameters.filter((name) => Object.hasOwn(sound, name))
      const paths = parameters.flatMap((name) =>
        strings.map((text) => {
          const others = needed.filter((one) => one !== name)
          const query = others.map((one) => `${one}=${encoded(sound[one] ?? '')}&`).join('')
          return `${whole}?${query}${name}=${encoded(text)}`
        })
      )
      const pathed = strings.map((text) => path.replaceAll(/:\w+/g, encoded(text)))
      const all = path.includes(':') ? [...paths, ...pathed] : paths
      asked += all.length
      await inTurns(all, 12, async (one) => {
        // A stream has no end: that it begins is told by its headers elsewhere.
        judge(one, await (isPage(path) ? page(one) : api(one)))
      })
    }
    expect(asked).toBeGreaterThan(1000)
    expect((await api('/v1/session')).status).toBe(200)
  })

  test.each([
    ['/v1/cases', 'application/json', String.raw`{"title":"a\u0000b"}`],
    ['/v1/tokens', 'application/json', String.raw`{"name":"a\u0000b","role":"auditor"}`],
    ['/v1/approvals', 'application/json', String.raw`{"act":"wide","question":{"ip":"a\u0000"}}`],
    [
      '/v1/lookups',
      'application/x-ndjson',
      String.raw`{"ip":"192.0.2.1\u0000","at":"now","case":"a\u0000"}`,
    ],
    ['/v1/lookups', 'text/csv', 'ip,at,case\n192.0.2.1,now,a\0b\n\0,\0,\0\n'],
    ['/v1/notices', 'text/plain', 'IP: 192.0.2.1\0 port 80 2026-03-01T12:00:00Z\0 case a\0b'],
    [
      '/v1/notices?case=new',
      'message/rfc822',
      'Subject: a\0b\n\n192.0.2.1:4711 2026-03-01T12:00:00Z',
    ],
    [
      '/v1/evidence',
      'application/json',
      String.raw`{"ip":"192.0.2.1","at":"now","purpose":"\u0000"}`,
    ],
  ])('a null character in a body of %s is no fault', async (path, type, body) => {
    const headers = { Authorization: `Bearer ${target.token}`, 'Content-Type': type }
    const reply = await attempt(target, { method: 'POST', path, headers, body })
    expect(reply.status, reply.body).toBeLessThan(500)
    expect(reply.body).not.toMatch(/database-failed|audit-unwritable/)
  })

  test('tricks with paths lead nowhere', async () => {
    const tricks = [
      '/v1/..%2f..%2fetc%2fpasswd',
      '/assets/../../package.json',
      '/assets/..%2f..%2f..%2fpackage.json',
      '/assets/%2e%2e/%2e%2e/package.json',
      '/assets/..%252f..%252fpackage.json',
      '/assets/page.css%00.js',
      '/assets/....//....//package.json',
      String.raw`/assets/..\..\package.json`,
      '//evil.example/',
      '/%2f%2fevil.example/',
      '/%',
      '/%ff%fe',
      '/%c0%ae%c0%ae/',
      '/V1/lookup',
      '/lookup%00',
      '/lookup/',
      '/lookup;x=1',
      '/./lookup',
      '/x/../v1/audit',
      '/v1//audit',
      '/v1/%61udit',
      '/v1/%2561udit',
      '/home/..%2fv1/audit',
      '/cases/1%2f..%2f..%2faudit',
      '/sources/exporters/..%2f..%2fv1%2faudit',
      '/sources/exporters/%252e%252e%252faudit',
      '/reports/..%2faudit',
      'http://evil.example/v1/audit',
      '*',
    ]
    for (const path of tricks) {
      const nobody = await attempt(target, { path })
      judge(path, nobody)
      expect(nobody.body, path).not.toMatch(/"devDependencies"|"items"|"entries"/)
      expect([303, 400, 401, 404], `${path} ${nobody.body}`).toContain(nobody.status)
      const { headers, body } = await page(path)
      expect(body, path).not.toContain('"devDependencies"')
      if (headers['content-type']?.startsWith('text/html'))
        expect(body).not.toContain('previous_hash')
    }
  })

  test('a host that is not ours is believed in nothing', async () => {
    for (const Host of [
      'evil.example',
      'evil.example:80@127.0.0.1',
      '"><script>alert(1)</script>',
    ]) {
      for (const path of ['/', '/log-in', '/lookup', '/openapi.json']) {
        const reply = await attempt(target, { path, headers: { Host, Accept: 'text/html' } })
        judge(path, reply)
        expect(reply.headers.location ?? '/').toMatch(/^\//)
        expect(reply.body).not.toContain('evil.example')
      }
    }
  })
})

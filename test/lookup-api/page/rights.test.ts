import { beforeAll, describe, expect, test } from 'vitest'
import { rightsOfRole, roles } from '../../../model/rights.ts'
import type { Right, Role } from '../../../model/rights.ts'
import { skipPostgres } from '../../postgres.ts'
import { useAccessLab } from '../access-lab.ts'
import { FormBrowser } from './browser.ts'

/**
 * What a page asks for, as test/lookup-api/rights-matrix.test.ts has it of the API; `session`: any
 * that holds, since the page shows what its person may see and nothing else.
 */
type Needs = Right | 'session'

const matrix: Readonly<Record<string, Needs>> = {
  'GET /home': 'session',
  'POST /zone': 'session',
  'GET /lookup': 'lookup',
  'POST /lookup/evidence': 'lookup',
  'POST /lookup/keep': 'cases',
  'GET /notices': 'session',
  'POST /notices': 'notices',
  'GET /cases': 'cases',
  'POST /cases': 'cases',
  'GET /cases/:id': 'cases',
  'GET /cases/:id/export': 'cases',
  'GET /cases/:id/evidence/:entry': 'cases',
  'POST /cases/:id/status': 'cases',
  'POST /cases/:id/notes': 'cases',
  'POST /cases/:id/decisions': 'cases',
  'POST /cases/:id/deadlines': 'cases',
  'POST /cases/:id/deadlines/:deadline/met': 'cases',
  // Without the case nobody is told more than that; with it, the API wants the right to hold.
  'POST /cases/:id/holds': 'cases',
  'GET /holds': 'holds',
  'POST /holds/:id/release': 'holds',
  'GET /approvals': 'session',
  'POST /approvals': 'session',
  'POST /approvals/:id': 'approve',
  'GET /flows': 'flows',
  'GET /live': 'flows',
  'GET /live/unknown': 'flows',
  'GET /devices': 'flows',
  'GET /reports': 'reports',
  'GET /reports/:name': 'reports',
  'GET /sources': 'session',
  'GET /sources/exporters/:name': 'session',
}

/** What a request has to hold to get past the reading of its parameters. */
const queries: Readonly<Record<string, string>> = {
  'GET /lookup': '?ip=192.0.2.1&port=3000&protocol=tcp&at=2026-03-01T12:00:00Z',
}
/** Of a case that nobody has, and a decision. */
const fields = { reference: '999999', decision: 'approve' }

describe.skipIf(skipPostgres)('every page and every role', () => {
  const lab = useAccessLab()
  const browsers = new Map<Role, { browser: FormBrowser; csrf: string }>()

  beforeAll(async () => {
    for (const role of roles) {
      lab.restart()
      const browser = new FormBrowser(lab)
      await browser.logIn(await lab.token({ role, person: `${role}@example.org` }))
      const form = await browser.text('/sources')
      expect(form).toContain('name="csrf"')
      browsers.set(role, { browser, csrf: /name="csrf" value="([\w-]+)"/.exec(form)?.[1] ?? '' })
    }
  })

  async function visit(page: string, role: Role): Promise<number> {
    const { browser, csrf } = browsers.get(role) ?? { browser: new FormBrowser(lab), csrf: '' }
    const [method, pattern = ''] = page.split(' ')
    const named = pattern === '/reports/:name' ? '/reports/traffic' : pattern
    const path = named.replaceAll(/:\w+/g, '999999') + (queries[page] ?? '')
    const sent = method === 'GET' ? browser.get(path) : browser.post(path, { csrf, ...fields })
    return (await sent).status
  }

  test('each page has its line, and each line its page', () => {
    const open = ['/', '/healthz', '/readyz', '/metrics', '/openapi.json', '/assets/:name']
    const logIn = ['/log-in', '/welcome', '/log-out']
    const pages = lab.app.routes
      .filter(({ method, path }) => method !== 'ALL' && !/^\/(v1|auth)\//.test(path))
      .filter(({ path }) => ![...open, ...logIn].includes(path))
      .map(({ method, path }) => `${method} ${path}`)
    expect([...new Set(pages)].toSorted()).toEqual(Object.keys(matrix).toSorted())
  })

  test.each([false, true])('shows what its role may do, duties apart: %s', async (separate) => {
    const seen: string[] = []
    const wanted: string[] = []
    for (const role of roles) {
      const held: readonly string[] = rightsOfRole(role, separate)
      for (const [page, needs] of Object.entries(matrix)) {
        lab.restart()
        lab.rule({ separateDuties: separate })
        const status = await visit(page, role)
        expect(status, `${role}: ${page}`).toBeLessThan(500)
        seen.push(`${role}: ${page} ${status === 403 ? 'refused' : 'shown'}`)
        const may = needs === 'session' || held.includes(needs)
        wanted.push(`${role}: ${page} ${may ? 'shown' : 'refused'}`)
      }
    }
    expect(seen).toEqual(wanted)
  })
})

import { beforeAll, describe, expect, test } from 'vitest'
import { rightsOfRole, roles } from '../../model/rights.ts'
import type { Right, Role } from '../../model/rights.ts'
import { skipPostgres } from '../postgres.ts'
import { useAccessLab } from './access-lab.ts'
import { lookup, problem } from './api.ts'

/**
 * What a route asks for: every right of a list; `any of` them; `token`: any that holds; `nobody`:
 * it is open. A route that has no line here fails the test, so that none is forgotten.
 */
type Needs = readonly Right[] | { readonly anyOf: readonly Right[] } | 'token' | 'nobody'

const matrix: Readonly<Record<string, Needs>> = {
  'GET /': 'nobody',
  'GET /healthz': 'nobody',
  'GET /readyz': 'nobody',
  'GET /metrics': 'nobody',
  'GET /openapi.json': 'nobody',
  'GET /auth/login': 'nobody',
  'GET /auth/callback': 'nobody',
  'POST /auth/logout': 'nobody',
  'GET /v1/session': 'token',
  'GET /v1/coverage': 'token',
  'GET /v1/exporters': 'token',
  'GET /v1/exporters/:name': 'token',
  'GET /v1/exporters/:name/bad-datagrams': ['flows'],
  'GET /v1/nat-events': ['reports'],
  'GET /v1/live': ['flows'],
  'GET /v1/live/explain': ['flows'],
  'GET /v1/live/unknown': ['flows'],
  'GET /v1/devices': ['flows'],
  'GET /v1/keys': 'token',
  'GET /v1/lookup': ['lookup'],
  'POST /v1/lookups': ['lookup'],
  'POST /v1/notices': ['notices', 'lookup'],
  'POST /v1/evidence': ['lookup'],
  'GET /v1/flows': ['flows'],
  'GET /v1/holdings': ['reverse'],
  'GET /v1/subject': ['reverse'],
  'GET /v1/reports/applications': ['reports'],
  'GET /v1/reports/traffic': ['reports'],
  'GET /v1/reports/nat-pool': ['reports'],
  'GET /v1/reports/exporters': ['reports'],
  'GET /v1/reports/storage': ['reports'],
  'GET /v1/reports/talkers': ['talkers'],
  'GET /v1/audit': ['audit'],
  'GET /v1/approvals': 'token',
  'POST /v1/approvals': 'token',
  'POST /v1/approvals/:id/approve': ['approve'],
  'POST /v1/approvals/:id/refuse': ['approve'],
  'POST /v1/approvals/:id/acknowledge': { anyOf: ['approve', 'audit'] },
  'GET /v1/tokens': ['manage'],
  'POST /v1/tokens': ['manage'],
  'POST /v1/tokens/:name/rotate': ['manage'],
  'DELETE /v1/tokens/:name': ['manage'],
  'GET /v1/rules/plan': ['manage'],
  'POST /v1/rules/rollback': ['manage'],
  'GET /v1/people': ['manage'],
  'DELETE /v1/people/:person/sessions': ['manage'],
  'GET /v1/cases': ['cases'],
  'POST /v1/cases': ['cases'],
  'GET /v1/cases/:id': ['cases'],
  'PATCH /v1/cases/:id': ['cases'],
  'GET /v1/cases/:id/export': ['cases'],
  'GET /v1/cases/:id/replies': ['cases'],
  'GET /v1/cases/:id/evidence/:entry': ['cases'],
  'POST /v1/cases/:id/lookups': ['cases', 'lookup'],
  'POST /v1/cases/:id/notices': ['cases'],
  'POST /v1/cases/:id/notes': ['cases'],
  'POST /v1/cases/:id/decisions': ['cases'],
  'POST /v1/cases/:id/deadlines': ['cases'],
  'POST /v1/cases/:id/deadlines/:deadline/met': ['cases'],
  'POST /v1/cases/:id/holds': ['holds'],
  'GET /v1/holds': ['holds'],
  'POST /v1/holds': ['holds'],
  'POST /v1/holds/:id/release': ['holds'],
  'GET /v1/holds/:id/evidence': ['holds'],
}

/** What a request has to hold to get past the reading of its parameters. */
const paths: Readonly<Record<string, string>> = {
  'GET /v1/lookup': lookup,
  'GET /v1/holdings': '/v1/holdings?user=x&from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z',
  'GET /v1/subject': '/v1/subject?user=x&from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z',
}

const allows = (needs: Needs, held: ReadonlySet<Right>): boolean => {
  if (typeof needs === 'string') return true
  return 'anyOf' in needs
    ? needs.anyOf.some((right) => held.has(right))
    : needs.every((right) => held.has(right))
}

describe.skipIf(skipPostgres)('every route and every role', () => {
  const lab = useAccessLab(async (url) => ({
    issuer: 'http://127.0.0.1:9',
    clientId: 'flowledger',
    redirectUrl: `${url}/auth/callback`,
    scopes: ['openid'],
    personClaim: 'email',
    roleClaim: 'groups',
    roleOf: {},
    sessionIdleUs: 1e9,
    sessionUs: 1e9,
  }))
  const tokens = new Map<Role, string>()

  beforeAll(async () => {
    for (const role of roles) {
      tokens.set(role, await lab.token({ role, person: `${role}@example.org` }))
    }
  })

  const allRoutes = (): string[] => [
    ...new Set(
      lab.app.routes
        .filter(({ method }) => method !== 'ALL')
        .map(({ method, path }) => `${method} ${path}`)
    ),
  ]
  const isOfApi = (route: string): boolean =>
    Object.hasOwn(matrix, route) || /^\w+ \/(v1|auth)\//.test(route)
  const routes = (): string[] => allRoutes().filter(isOfApi)

  async function ask(route: string, token: string | undefined): Promise<Response> {
    const [method = '', pattern = ''] = route.split(' ')
    const path = paths[route] ?? pattern.replaceAll(/:\w+/g, '999999')
    return await lab.send(method, path, token === undefined ? {} : { token })
  }

  test('each route has its line, and each line its route', () => {
    expect(routes().toSorted()).toEqual(Object.keys(matrix).toSorted())
  })

  // What a page shows to whom is in page/rights.test.ts.
  test('every page wants a session, but those that lead to one', async () => {
    const pages = allRoutes().filter((route) => !isOfApi(route))
    const open: string[] = []
    for (const page of pages) {
      const response = await ask(page, tokens.get('administrator'))
      const isLedAway = response.headers.get('Location')?.startsWith('/log-in?return_to=%2F')
      if (response.status !== 303 || isLedAway !== true) open.push(page)
    }
    expect(pages.length).toBeGreaterThan(20)
    expect(open.toSorted()).toEqual([
      'GET /assets/:name',
      'GET /log-in',
      'GET /welcome',
      'POST /log-in',
    ])
  })

  test.each(Object.entries(matrix))('%s without a token', async (route, needs) => {
    lab.restart()
    const response = await ask(route, undefined)
    if (needs === 'nobody') expect(response.status).not.toBe(403)
    else expect((await problem(response)).code).toBe('unauthorized')
  })

  test.each(
    Object.entries(matrix).flatMap(([route, needs]) =>
      needs === 'nobody'
        ? []
        : [false, true].flatMap((separate) =>
            roles.map((role) => ({ route, needs, role, separate }))
          )
    )
  )('$route as $role, duties apart: $separate', async ({ route, needs, role, separate }) => {
    lab.restart()
    lab.rule({ separateDuties: separate })
    const held = new Set(rightsOfRole(role, separate))
    const { status } = await ask(route, tokens.get(role))
    expect(status).not.toBe(401)
    expect(status === 403).toBe(!allows(needs, held))
    expect(status).toBeLessThan(500)
  })

  test('the roles have the rights that are promised', () => {
    const who = (right: Right): Role[] =>
      roles.filter((role) => rightsOfRole(role, true).includes(right))
    expect(who('reveal')).toEqual(['investigator'])
    expect(who('approve')).toEqual(['approver'])
    expect(who('audit')).toEqual(['auditor'])
    expect(who('talkers')).toEqual(['investigator'])
    expect(who('manage')).toEqual(['administrator'])
    expect(rightsOfRole('administrator', true)).toEqual(['manage', 'reports'])
  })
})

import { describe, expect, test } from 'vitest'
import { FlowledgerError } from '../../model/errors.ts'
import type { Role } from '../../model/rights.ts'
import { bearers, lookup, makeApi, problem } from './api.ts'
import { makeWorld } from './world.ts'

describe('who may do what', () => {
  const rights: [path: string, roles: Role[]][] = [
    [lookup, ['administrator', 'api-client']],
    ['/v1/flows', ['administrator', 'api-client']],
    ['/v1/coverage', ['administrator', 'api-client', 'auditor']],
    ['/v1/audit', ['administrator', 'auditor']],
  ]
  for (const [path, allowed] of rights) {
    for (const [token, { role }] of Object.entries(bearers)) {
      test(`${role} and ${path.split('?')[0]}`, async () => {
        const api = makeApi()
        const response = await api.get(path, token)
        expect(response.status).toBe(allowed.includes(role) ? 200 : 403)
        if (allowed.includes(role)) return
        expect((await problem(response)).code).toBe('forbidden')
        expect(api.world.audit).toMatchObject([{ action: 'refused' }])
      })
    }
  }

  test('the auditor may not send batches either', async () => {
    const response = await makeApi().send('/v1/lookups', {
      method: 'POST',
      headers: { Authorization: 'Bearer fl_auditor', 'Content-Type': 'text/csv' },
      body: 'ip,at\n192.0.2.1,now\n',
    })
    expect(response.status).toBe(403)
  })

  test.each([
    ['no header', {}],
    ['another scheme', { Authorization: 'Basic Zm9vOmJhcg==' }],
    ['an unknown token', { Authorization: 'Bearer fl_nobody' }],
    ['an empty token', { Authorization: 'Bearer ' }],
    ['a token of impossible form', { Authorization: `Bearer ${'x'.repeat(5000)}` }],
  ])('%s is 401', async (_, headers) => {
    for (const path of [lookup, '/v1/flows', '/v1/coverage', '/v1/audit', '/v1/nothing']) {
      const api = makeApi()
      const response = await api.send(path, { headers })
      expect(response.status).toBe(401)
      expect(response.headers.get('WWW-Authenticate')).toContain('Bearer realm="flowledger"')
      await problem(response)
      expect(api.world.calls).toEqual([])
    }
  })

  test('tokens that cannot be checked let nobody in', async () => {
    const tokens = {
      check: async () => {
        throw new FlowledgerError('database-unreachable', 'The database is down.')
      },
    }
    expect((await makeApi(makeWorld(), { tokens }).get(lookup)).status).toBe(503)
  })
})

describe('what is not there', () => {
  test('404', async () => {
    expect((await problem(await makeApi().get('/v1/nothing'))).status).toBe(404)
    expect((await problem(await makeApi().get('/favicon.ico', ''))).status).toBe(404)
  })

  test.each([
    ['/v1/lookup', 'POST', 'GET, HEAD'],
    ['/v1/lookups', 'GET', 'POST'],
    ['/v1/audit', 'DELETE', 'GET, HEAD'],
    ['/healthz', 'PUT', 'GET, HEAD'],
  ])('%s has no %s', async (path, method, allowed) => {
    const headers = { Authorization: 'Bearer fl_admin' }
    const response = await makeApi().send(path, { method, headers })
    expect(response.headers.get('Allow')).toBe(allowed)
    expect((await problem(response)).status).toBe(405)
  })
})

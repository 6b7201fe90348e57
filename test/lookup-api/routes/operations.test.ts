import { describe, expect, test } from 'vitest'
import type { Readiness } from '../../../lookup-api/api-dependencies.ts'
import { lookup, makeApi } from '../api.ts'
import { makeWorld, slice } from '../world.ts'

const check = (name: string, reason?: string): Readiness => ({ name, check: async () => reason })

describe('operations', () => {
  test('alive and ready need no token', async () => {
    const api = makeApi(makeWorld(), { readiness: [check('ledger')] })
    expect((await api.get('/healthz', '')).status).toBe(200)
    const response = await api.get('/readyz', '')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ ready: true, checks: { ledger: 'ok' } })
    expect(await (await api.get('/', '')).json()).toMatchObject({ openapi: '/openapi.json' })
  })

  test('not ready says why', async () => {
    const broken: Readiness = {
      name: 'tokens',
      check: async () => {
        throw new Error('secret of db5')
      },
    }
    const readiness = [check('ledger', 'No partition for the next hour.'), broken]
    const response = await makeApi(makeWorld(), { readiness }).get('/readyz', '')
    expect(response.status).toBe(503)
    const text = await response.text()
    expect(text).toContain('No partition for the next hour.')
    expect(text).not.toContain('db5')
  })

  test('look-ups are counted by verdict', async () => {
    const api = makeApi(makeWorld({ slices: [slice(-60, 60)] }))
    await api.get(lookup)
    await api.get(lookup.replace('192.0.2.1', '192.0.2.01'))
    const text = await (await api.get('/metrics', '')).text()
    expect(text).toContain('flowledger_lookups_total{verdict="unique"} 1')
    expect(text).toContain('flowledger_lookups_total{verdict="failed"} 1')
    expect(text).toContain('flowledger_http_responses_total{status="400"} 1')
    expect(text).toContain('flowledger_lookup_duration_seconds_count 2')
  })

  test('the document names every route, its parameters and its problems', async () => {
    const response = await makeApi().get('/openapi.json', '')
    const document = (await response.json()) as {
      openapi: string
      paths: Record<
        string,
        Record<string, { parameters?: { name: string; required: boolean }[]; responses: object }>
      >
    }
    expect(document.openapi).toMatch(/^3\.1\./)
    const paths = ['lookup', 'lookups', 'flows', 'coverage', 'audit'].map((name) => `/v1/${name}`)
    for (const path of [...paths, '/healthz', '/readyz', '/metrics']) {
      expect(document.paths, path).toHaveProperty([path])
    }
    const get = document.paths['/v1/lookup']?.['get']
    expect(get?.parameters?.map(({ name }) => name)).toContain('destination_port')
    expect(Object.keys(get?.responses ?? {})).toEqual([
      '200',
      '400',
      '401',
      '403',
      '429',
      '500',
      '503',
    ])
    expect(JSON.stringify(get)).toContain('unique-after-destination')
  })
})

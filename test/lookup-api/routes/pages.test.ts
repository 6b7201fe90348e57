import { describe, expect, test } from 'vitest'
import { streamNames } from '../../../appliance/capture/stream-names.ts'
import { catalogue, loadRules } from '../../../classifier/applications/load.ts'
import {
  answerSchema,
  auditPageSchema,
  coveragePageSchema,
  flowPageSchema,
} from '../../../lookup-api/contract.ts'
import { lookup, makeApi, problem } from '../api.ts'
import type { Api } from '../api.ts'
import { at, makeWorld, slice } from '../world.ts'

const pageOf = async (api: Api, path: string): Promise<{ body: unknown; next: string | null }> => {
  const response = await api.get(path)
  expect(response.status).toBe(200)
  const link = response.headers.get('Link')
  return {
    body: await response.json(),
    next: /^<(.*)>; rel="next"$/.exec(link ?? '')?.[1] ?? null,
  }
}

describe('pages', () => {
  test('flows, to the last one', async () => {
    const slices = Array.from({ length: 5 }, (_, i) => slice(i, i + 60))
    const api = makeApi(makeWorld({ slices }))
    const starts: string[] = []
    let path: string | null = '/v1/flows?limit=2&from=2026-03-01T12:00:00Z'
    while (path !== null) {
      const page = await pageOf(api, path)
      const body = flowPageSchema.parse(page.body)
      starts.push(...body.flows.map((one) => one.slice_start))
      path = page.next
    }
    expect(starts.map((text) => new Date(text).getUTCSeconds())).toEqual([0, 1, 2, 3, 4])
    expect(api.world.audit.map(({ action }) => action)).toEqual(['flows', 'flows', 'flows'])
  })

  test('flows are not listed where it cannot be recorded', async () => {
    const api = makeApi(makeWorld({ slices: [slice(0, 1)], auditFails: true }))
    expect((await api.get('/v1/flows')).status).toBe(503)
  })

  test('the audit, whose reading is recorded', async () => {
    const api = makeApi()
    for (let i = 0; i < 3; i++) await api.get(lookup)
    const first = await pageOf(api, '/v1/audit?limit=2')
    expect(auditPageSchema.parse(first.body).entries).toHaveLength(2)
    const second = await pageOf(api, first.next!)
    expect(auditPageSchema.parse(second.body).entries.map(({ action }) => action)).toEqual([
      'lookup',
      'audit-read',
    ])
  })

  test('coverage with its gaps', async () => {
    const path = '/v1/coverage?from=2026-03-01T12:00:00Z&to=2026-03-01T12:10:00Z'
    const { body } = await pageOf(makeApi(), path)
    expect(coveragePageSchema.parse(body)).toMatchObject({ state: 'complete', gaps: [] })
  })

  test('a source that has reported nothing yet', async () => {
    const world = makeWorld({
      sources: [
        {
          source: 'gw',
          kind: 'conntrack',
          watchedFromUs: at(-100),
          watermarkUs: -Infinity,
          closedThroughUs: -Infinity,
          skewUs: 0,
          gaps: [],
        },
      ],
    })
    const { body } = await pageOf(makeApi(world), '/v1/coverage?from=-10m')
    expect(coveragePageSchema.parse(body)).toMatchObject({ state: 'none', watermark: null })
    const answered = await makeApi(world).get(lookup)
    expect(answerSchema.parse(await answered.json()).verdict).toBe('no-data')
  })

  test.each([
    ['/v1/flows?limit=0', '#/limit'],
    ['/v1/flows?limit=1001', '#/limit'],
    ['/v1/flows?limit=10x', '#/limit'],
    ['/v1/flows?from=noon', '#/from'],
    ['/v1/flows?inside=10.1', '#/inside'],
    ['/v1/audit?page=2', '#/page'],
    ['/v1/coverage?from=2026-03-01T12:00:00Z&to=2026-03-01T11:00:00Z', '#/from'],
    ['/v1/coverage?to=2026-03-01T12:00:00', '#/to'],
  ])('%s is refused', async (path, pointer) => {
    const response = await makeApi().get(path)
    expect((await problem(response)).errors?.[0]?.pointer).toBe(pointer)
    expect(response.status).toBe(400)
  })
})

describe('names', () => {
  test('applications and protocols with their numbers, by category', async () => {
    const rules = loadRules([catalogue])
    const api = makeApi(makeWorld(), { names: () => streamNames(() => rules) })
    const response = await api.get('/v1/applications?category=voip', 'fl_auditor')
    const { applications } = (await response.json()) as { applications: { name: string }[] }
    expect(applications.length).toBeGreaterThan(10)
    expect(applications).toContainEqual(
      expect.objectContaining({ name: 'zoom', tag: 'netify.zoom', category: 'voip' })
    )
    const protocols = await (await api.get('/v1/protocols')).text()
    expect(protocols).toContain('"name":"tls","id":91')
    expect((await api.get('/v1/applications', '')).status).toBe(401)
  })
})

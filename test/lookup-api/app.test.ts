import { Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { FlowledgerError } from '../../model/errors.ts'
import { maxBatchLookups, maxBodyBytes } from '../../model/limits.ts'
import { makeApp } from '../../lookup-api/app.ts'
import type { ApiDependencies, Readiness } from '../../lookup-api/api-dependencies.ts'
import {
  answerSchema,
  auditPageSchema,
  coveragePageSchema,
  flowPageSchema,
} from '../../lookup-api/contract.ts'
import type { Bearer, Role } from '../../lookup-api/dependencies.ts'
import { problemSchema } from '../../lookup-api/problem.ts'
import { makeGate } from './gate.ts'
import { at, makeWorld, slice } from './world.ts'
import type { World } from './world.ts'

const bearers: Readonly<Record<string, Bearer>> = {
  fl_admin: { name: 'root', role: 'administrator' },
  fl_lookup: { name: 'desk', role: 'lookup' },
  fl_auditor: { name: 'audit', role: 'auditor' },
}

interface Api {
  readonly world: World
  readonly errors: unknown[]
  get(path: string, token?: string): Promise<Response>
  send(path: string, init: RequestInit): Promise<Response>
}

function makeApi(world = makeWorld(), parts: Partial<ApiDependencies> = {}): Api {
  const errors: unknown[] = []
  const app = makeApp({
    ...world.dependencies,
    tokens: { check: async (token) => bearers[token] },
    registry: new Registry(),
    readiness: [],
    onError: (error) => errors.push(error),
    ...parts,
  })
  const send = async (path: string, init: RequestInit): Promise<Response> => app.request(path, init)
  return {
    world,
    errors,
    send,
    get: (path, token = 'fl_admin') =>
      send(path, { headers: token === '' ? {} : { Authorization: `Bearer ${token}` } }),
  }
}

const lookup = '/v1/lookup?ip=192.0.2.1&port=2000&protocol=tcp&at=2026-03-01T12:00:00Z'

async function problem(response: Response): Promise<ReturnType<typeof problemSchema.parse>> {
  expect(response.headers.get('Content-Type')).toBe('application/problem+json')
  const body = problemSchema.strict().parse(await response.json())
  expect(body.status).toBe(response.status)
  return body
}

describe('GET /v1/lookup', () => {
  test('answers, and nothing keeps the answer', async () => {
    const api = makeApi(makeWorld({ slices: [slice(-60, 60)] }))
    const response = await api.get(lookup, 'fl_lookup')
    expect(response.status).toBe(200)
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff')
    const body = answerSchema.parse(await response.json())
    expect(body.verdict).toBe('unique')
    expect(body.audit_id).toBe(1)
    expect(api.world.audit[0]).toMatchObject({ actor: 'token:desk', action: 'lookup' })
  })

  test.each([
    [`${lookup}&port=2001`, '#/port', 'given 2 times'],
    [`${lookup}&destination=1.2.3.4`, '#/destination', 'Did you mean destination_ip?'],
    [`${lookup}&ip2=1.2.3.4`, '#/ip2', 'not a parameter'],
    [lookup.replace('192.0.2.1', '192.0.2.01'), '#/ip', 'not an IP address'],
    [lookup.replace('00Z', '00'), '#/at', 'time zone'],
    [lookup.replace('00Z', '00+01:00'), '#/at', 'sign'],
    ['/v1/lookup?ip=192.0.2.1', '#/at', 'missing'],
    ['/v1/lookup', '#/ip', 'missing'],
    [`${lookup}&tolerance=2x`, '#/tolerance', 'tolerance'],
    [`${lookup}&case=${'x'.repeat(500)}`, '#/case', ''],
  ])('%s is refused and recorded', async (path, pointer, words) => {
    const api = makeApi()
    const response = await api.get(path)
    expect(response.status).toBe(400)
    const body = await problem(response)
    expect(body.errors?.map((part) => part.pointer)).toEqual([pointer])
    expect(JSON.stringify(body)).toContain(words)
    expect(api.world.audit).toHaveLength(1)
    expect(api.world.audit[0]).toMatchObject({ action: 'lookup-failed', actor: 'token:root' })
    expect(api.errors).toEqual([])
  })

  test('a time that was twice shows both instants', async () => {
    const path = '/v1/lookup?ip=192.0.2.1&at=2025-10-26T02:30:00&tz=Europe/Berlin'
    const body = await problem(await makeApi().get(path))
    expect(body.code).toBe('time-ambiguous')
    expect(body.instants).toEqual(['2025-10-26T00:30:00.000Z', '2025-10-26T01:30:00.000Z'])
  })

  test('no audit, no answer', async () => {
    const api = makeApi(makeWorld({ slices: [slice(-60, 60)], auditFails: true }))
    const response = await api.get(lookup)
    expect(response.status).toBe(503)
    expect((await problem(response)).code).toBe('audit-unwritable')
    expect(api.errors).toHaveLength(1)
  })

  test('no audit, no reason for a refusal either', async () => {
    const response = await makeApi(makeWorld({ auditFails: true })).get(`${lookup}&x=1`)
    expect(response.status).toBe(503)
  })

  test('what fails inside is not told outside', async () => {
    for (const [error, status] of [
      [new FlowledgerError('database-unreachable', 'postgres://secret@db5/ is down'), 503],
      [new Error('secret of db5'), 500],
    ] as const) {
      const world = makeWorld()
      world.dependencies.ledger.findSlices = async () => {
        throw error
      }
      const api = makeApi(world)
      const response = await api.get(lookup)
      expect(response.status).toBe(status)
      expect(JSON.stringify(await problem(response))).not.toContain('db5')
      expect(api.errors).toEqual([error])
    }
  })

  test('what takes too long is given up', async () => {
    const world = makeWorld()
    const gate = makeGate()
    world.dependencies.ledger.findSlices = async () => {
      await gate.opened
      return { slices: [], cut: false }
    }
    const api = makeApi(world, { timeoutMs: 20 })
    const response = await api.get(lookup)
    gate.open()
    expect(response.status).toBe(503)
    expect((await problem(response)).code).toBe('timeout')
  })

  test('more at once than is allowed are told to wait', async () => {
    const world = makeWorld()
    const gate = makeGate()
    world.dependencies.ledger.findSlices = async () => {
      await gate.opened
      return { slices: [], cut: false }
    }
    const api = makeApi(world, { maxInFlight: 2 })
    const waiting = [api.get(lookup), api.get(lookup)]
    const refused = await api.get(lookup)
    expect(refused.status).toBe(429)
    expect(refused.headers.get('Retry-After')).toBe('1')
    gate.open()
    for (const response of await Promise.all(waiting)) expect(response.status).toBe(200)
    expect((await api.get(lookup)).status).toBe(200)
  })
})

describe('who may do what', () => {
  const rights: [path: string, roles: Role[]][] = [
    [lookup, ['administrator', 'lookup']],
    ['/v1/flows', ['administrator', 'lookup']],
    ['/v1/coverage', ['administrator', 'lookup', 'auditor']],
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

function batch(api: Api, type: string, body: string, accept?: string): Promise<Response> {
  return api.send('/v1/lookups', {
    method: 'POST',
    headers: {
      Authorization: 'Bearer fl_lookup',
      'Content-Type': type,
      ...(accept === undefined ? {} : { Accept: accept }),
    },
    body,
  })
}

const oneFlow = (): World => makeWorld({ slices: [slice(-60, 60, { flowId: 77n })] })

describe('POST /v1/lookups', () => {
  const question = { ip: '192.0.2.1', port: 2000, at: 1772366400 }

  test('a row for each row, in their order; a bad one costs itself', async () => {
    const api = makeApi(oneFlow())
    const lines = [
      JSON.stringify({ id: 'a', ...question }),
      '{not json',
      JSON.stringify({ id: 'c', ...question, prot: 'tcp' }),
      '',
      JSON.stringify({ id: 4, ...question, port: 1 }),
      '[]',
      JSON.stringify({ id: 'f', ip: '192.0.2.1', at: '2026-03-01T12:00:00' }),
      JSON.stringify({ id: {}, ...question }),
      JSON.stringify({ ...question, port: null, ip: ['192.0.2.1'] }),
    ]
    const response = await batch(api, 'application/x-ndjson', lines.join('\n'))
    expect(response.status).toBe(200)
    expect(response.headers.get('Content-Type')).toBe('application/x-ndjson')
    const rows = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows.map(({ row, id, status }) => [row, id, status])).toEqual([
      [1, 'a', 200],
      [2, null, 400],
      [3, 'c', 400],
      [4, 4, 200],
      [5, null, 400],
      [6, 'f', 400],
      [7, null, 400],
      [8, null, 400],
    ])
    expect(answerSchema.parse(rows[0].answer).verdict).toBe('unique')
    expect(rows[3].answer.verdict).toBe('no-match')
    expect(rows[2].problem.detail).toContain('Did you mean port')
    expect(rows[5].problem.code).toBe('time-zone-missing')
    expect(api.world.audit).toHaveLength(8)
  })

  test('a table comes back as a table', async () => {
    const csv =
      '\uFEFFid,ip,port,protocol,at,destination_ip,destination_port\r\n' +
      '"x,1",192.0.2.1,2000,tcp,2026-03-01T12:00:00Z,,\r\n' +
      'y,192.0.2.1,2000,tcp,2026-03-01T12:00:00Z,198.51.100.1,25\r\n' +
      'z,192.0.2.1,2000\r\n' +
      '"w,192.0.2.1,2000,tcp,now,,\r\n'
    const response = await batch(makeApi(oneFlow()), 'text/csv; charset=utf-8', csv)
    expect(response.headers.get('Content-Type')).toContain('text/csv')
    const text = await response.text()
    // Rows of one batch are written to the audit side by side: which gets which number is open.
    const lines = text.split('\n').map((line) => line.replace(/,\d,$/, ',N,'))
    expect(lines).toEqual([
      'row,id,status,verdict,candidates,inside,start,end,records,audit_id,problem',
      '1,"x,1",200,unique,1,10.0.0.1,2026-03-01T11:59:00.000Z,2026-03-01T12:01:00.000Z,gw/77@2026-03-01T11:59:00.000Z,N,',
      '2,y,200,no-match,0,,,,,N,',
      '3,,400,,,,,,,,"The line has 3 cells, the header 7."',
      '4,,400,,,,,,,,The quotes of the line do not match.',
      '',
    ])
  })

  test('the kind that is accepted is given', async () => {
    const response = await batch(
      makeApi(oneFlow()),
      'text/csv',
      'ip,at\n192.0.2.1,now\n',
      'application/x-ndjson'
    )
    expect(JSON.parse(await response.text())).toMatchObject({ row: 1, status: 200 })
  })

  test('an audit that fails gives no answer to any row', async () => {
    const api = makeApi(oneFlow())
    api.world.auditFails = true
    const response = await batch(api, 'application/jsonl', JSON.stringify(question))
    expect(JSON.parse(await response.text())).toMatchObject({ status: 503, id: null })
  })

  test.each([
    ['application/json', '[]', 415],
    ['text/csv', '', 400],
    ['text/csv', 'ip,at\n', 400],
    ['text/csv', 'ip,when\n192.0.2.1,now\n', 400],
    ['text/csv', 'ip,ip\n192.0.2.1,now\n', 400],
    ['text/csv', '"ip,at\n192.0.2.1,now\n', 400],
    ['application/x-ndjson', '{}\n'.repeat(maxBatchLookups + 1), 413],
    ['application/x-ndjson', '\n'.repeat(maxBodyBytes - 1), 400],
    ['application/x-ndjson', 'x'.repeat(maxBodyBytes + 1), 413],
  ])('%s is refused as a whole', async (type, body, status) => {
    const api = makeApi()
    const response = await batch(api, type, body)
    expect((await problem(response)).status).toBe(status)
    expect(api.world.calls).toEqual([])
  })
})

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

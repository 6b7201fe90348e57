import { beforeEach, describe, expect, test } from 'vitest'
import { skipPostgres } from '../postgres.ts'
import { useAccessLab } from './access-lab.ts'
import { lookup, problem } from './api.ts'

describe.skipIf(skipPostgres)('a token that was narrowed', () => {
  const lab = useAccessLab()
  const ask = (token: string, path = lookup): Promise<Response> => lab.send('GET', path, { token })

  beforeEach(() => {
    lab.restart()
    lab.rule({})
  })

  test('has the rights named, of those of its role', async () => {
    const token = await lab.token({ role: 'api-client', rights: ['flows', 'audit', 'manage'] })
    expect((await ask(token)).status).toBe(403)
    expect((await ask(token, '/v1/flows')).status).toBe(200)
    expect((await ask(token, '/v1/audit')).status).toBe(403)
    expect((await ask(token, '/v1/tokens')).status).toBe(403)
  })

  test('asks for the addresses named, one at a time, in a batch and in a list', async () => {
    const token = await lab.token({
      role: 'administrator',
      prefixes: ['192.0.2.0/25', '2001:db8::/32'],
    })
    const at = 'at=2026-03-01T12:00:00Z&port=1'
    expect((await ask(token)).status).toBe(200)
    expect((await ask(token, `/v1/lookup?ip=2001:db8::1&${at}`)).status).toBe(200)
    const outside = await ask(token, `/v1/lookup?ip=192.0.2.128&${at}`)
    expect(await problem(outside)).toMatchObject({
      code: 'not-allowed',
      errors: [{ pointer: '#/ip' }],
    })
    const [latest] = await lab.audit()
    expect(latest).toMatchObject({ action: 'lookup-failed', detail: { code: 'not-allowed' } })
    const batch = await fetch(`${lab.url}/v1/lookups`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'text/csv',
        Accept: 'application/x-ndjson',
      },
      body: 'ip,port,at\n192.0.2.1,2000,2026-03-01T12:00:00Z\n198.51.100.1,1,2026-03-01T12:00:00Z\n',
    })
    const rows = (await batch.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { status: number })
    expect(rows.map(({ status }) => status)).toEqual([200, 403])
    expect((await ask(token, '/v1/flows')).status).toBe(403)
    expect((await ask(token, '/v1/flows?public=192.0.2.1')).status).toBe(200)
    expect((await ask(token, '/v1/flows?public=192.0.2.200')).status).toBe(403)
    expect((await ask(token, '/v1/flows?inside=10.0.0.1')).status).toBe(403)
  })

  test('without a port names nobody behind a shared address, without the right wide', async () => {
    const token = await lab.token({ role: 'abuse-desk' })
    const wide = '/v1/lookup?ip=192.0.2.1&at=2026-03-01T12:00:00Z'
    const refused = await problem(await ask(token, wide))
    expect(refused.code).toBe('not-allowed')
    expect(refused.detail).toContain('3 hosts shared this address')
    const able = await lab.token({ role: 'investigator' })
    expect((await ask(able, wide)).status).toBe(200)
  })

  test('asks as often as it may, then waits; others do not', async () => {
    const limited = { role: 'api-client', limit: { count: 3, perUs: 3600e6 } } as const
    const token = await lab.token(limited)
    const answers = []
    for (let i = 0; i < 5; i++) answers.push(await ask(token))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429])
    expect(Number(answers[4]?.headers.get('Retry-After'))).toBeGreaterThan(3000)
    expect((await lab.audit()).filter(({ action }) => action === 'limited')).toHaveLength(1)
    expect((await ask(await lab.token(limited))).status).toBe(200)
    const metrics = await (await ask('', '/metrics')).text()
    expect(metrics).toContain('flowledger_access_anomalies_total{reason="too-many-requests"} 2')
  })

  test('is listed, rotated and revoked over the API, each in the audit', async () => {
    const token = await lab.token({ role: 'administrator', person: 'root@example.org' })
    const body = {
      name: 'portal/1',
      prefixes: ['192.0.2.0/24'],
      limit: '100/h',
      rights: ['lookup'],
      // The clock of these tests stands in the past.
      expires: '3650d',
    }
    const made = await lab.send('POST', '/v1/tokens', { token, body })
    expect(made.status).toBe(201)
    const { token: first } = (await made.json()) as { token: string }
    expect((await ask(first)).status).toBe(200)
    const listed = (await (await ask(token, '/v1/tokens')).json()) as { tokens: object[] }
    expect(listed.tokens).toContainEqual(
      expect.objectContaining({
        name: 'portal/1',
        role: 'api-client',
        limit: '100/h',
        rights: ['lookup'],
        prefixes: ['192.0.2.0/24'],
        created_by: 'root@example.org',
        revoked: null,
      })
    )
    expect(JSON.stringify(listed)).not.toContain(first.slice(3, 12))
    const path = '/v1/tokens/portal%2F1'
    const rotated = await lab.send('POST', `${path}/rotate`, { token })
    const { token: second } = (await rotated.json()) as { token: string }
    expect((await ask(first)).status).toBe(401)
    expect((await ask(second)).status).toBe(200)
    expect((await lab.send('DELETE', path, { token })).status).toBe(200)
    expect((await ask(second)).status).toBe(401)
    expect((await lab.send('DELETE', path, { token })).status).toBe(400)
    const actions = (await lab.audit()).map(({ action }) => action)
    expect(actions).toEqual(
      expect.arrayContaining(['token-create', 'token-rotate', 'token-revoke'])
    )
    for (const wrong of [
      { name: 'x', limit: '0/h' },
      { name: 'x', limit: '100000000/h' },
      { name: 'x', prefixes: ['192.0.2.1/24'] },
      { name: 'x', role: 'root' },
      { name: 'x', person: 'token:desk' },
      { name: 'x', expires: 'soon' },
      { name: 'x', digest: 'y' },
    ]) {
      const response = await lab.send('POST', '/v1/tokens', { token, body: wrong })
      expect(response.status, JSON.stringify(wrong)).toBe(400)
    }
  })
})

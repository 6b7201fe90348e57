import { describe, expect, test } from 'vitest'
import { FlowledgerError } from '../../../model/errors.ts'
import { answerSchema } from '../../../lookup-api/contract.ts'
import { lookup, makeApi, problem } from '../api.ts'
import { makeGate } from '../gate.ts'
import { makeWorld, slice } from '../world.ts'

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

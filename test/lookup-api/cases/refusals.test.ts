import { describe, expect, test } from 'vitest'
import type { CaseJson } from '../../../lookup-api/cases/present.ts'
import { connect } from '../../../store/connect.ts'
import { problem } from '../api.ts'
import { skipPostgres } from '../../postgres.ts'
import { bodyOf, useDesk } from './desk-lab.ts'

const question = { ip: '192.0.2.1', port: 2000, protocol: 'tcp', at: '2026-03-01T12:00:00Z' }

describe.skipIf(skipPostgres)('cases', () => {
  const lab = useDesk()
  const send = (...given: Parameters<typeof lab.send>): Promise<Response> => lab.send(...given)

  const open = (): Promise<CaseJson> =>
    bodyOf<CaseJson>(send('POST', '/v1/cases', { body: { title: 'A notice' } }), 201)

  test.each<[method: string, path: string, body: unknown, status: number]>([
    ['GET', '/v1/cases/999999', undefined, 404],
    ['GET', '/v1/cases/x', undefined, 404],
    ['GET', '/v1/cases/1/evidence/999999', undefined, 404],
    ['POST', '/v1/cases', { title: '' }, 400],
    ['POST', '/v1/cases', { title: 'a\u0007b' }, 400],
    ['POST', '/v1/cases', { title: 'x', status: 'closed' }, 400],
    ['POST', '/v1/cases/1/notes', { text: 'a\0b' }, 400],
    ['POST', '/v1/cases/1/notes', { text: 'x'.repeat(20_001) }, 400],
    ['POST', '/v1/cases/1/notices', { sha256: 'A'.repeat(64), parsed: {} }, 400],
    ['POST', '/v1/cases/1/notices', { sha256: 'a'.repeat(64), parsed: nested(40) }, 400],
    ['POST', '/v1/cases/1/lookups', { ip: '192.0.2.1' }, 400],
    ['POST', '/v1/cases/1/lookups', { ...question, at: '2026-03-01 12:00' }, 400],
    ['POST', '/v1/cases/1/lookups', { ...question, case: 'other' }, 400],
    ['POST', '/v1/cases/1/deadlines', { name: 'x', due: 'soon' }, 400],
    ['PATCH', '/v1/cases/1', { status: 'gone', version: 1 }, 400],
    ['GET', '/v1/cases/1?x=1', undefined, 400],
  ])('%s %s is refused', async (method, path, body, status) => {
    await open()
    const response = await send(method, path, body === undefined ? {} : { body })
    expect((await problem(response)).status).toBe(status)
  })

  test('are for those who work on them', async () => {
    const { id } = await open()
    for (const token of ['fl_auditor', 'fl_client']) {
      expect((await send('GET', `/v1/cases/${id}`, { token })).status).toBe(403)
      const note = { token, body: { text: 'x' } }
      expect((await send('POST', `/v1/cases/${id}/notes`, note)).status).toBe(403)
    }
    expect((await send('GET', `/v1/cases/${id}`, { token: 'fl_approver' })).status).toBe(200)
    const approver = { token: 'fl_approver', body: question }
    expect((await send('POST', `/v1/cases/${id}/lookups`, approver)).status).toBe(403)
  })

  test('have a history that their log-in can add to and not change', async () => {
    const { id } = await open()
    const client = await connect(lab.postgres.urls.audit)
    for (const text of [
      `update cases.entry set detail = '{}' where case_id = ${id}`,
      `delete from cases.entry where case_id = ${id}`,
      `delete from cases.case_file where id = ${id}`,
      `update cases.case_file set opened_by = 'x' where id = ${id}`,
      'update cases.hold set expires_at = now()',
      'delete from cases.hold',
    ]) {
      await expect(client.query(text), text).rejects.toMatchObject({ code: '42501' })
    }
    await client.end()
    for (const login of ['collector', 'lookup', 'identity', 'directory'] as const) {
      const other = await connect(lab.postgres.urls[login])
      const reading = other.query('select * from cases.case_file')
      await expect(reading, login).rejects.toMatchObject({ code: '42501' })
      await other.end()
    }
  })
})

function nested(depth: number): object {
  let value: object = {}
  for (let i = 0; i < depth; i++) value = { value }
  return value
}

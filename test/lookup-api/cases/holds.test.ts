import { beforeAll, describe, expect, test } from 'vitest'
import { holdPageSchema } from '../../../lookup-api/cases/present.ts'
import type { HoldJson } from '../../../lookup-api/cases/present.ts'
import type { HoldDocument } from '../../../lookup-api/cases/documents.ts'
import { verifyEvidence } from '../../../lookup-api/evidence-file/verify.ts'
import { problem } from '../api.ts'
import { slice } from '../world.ts'
import { skipPostgres } from '../../postgres.ts'
import { bodyOf, useDesk } from './desk-lab.ts'

const noon = { from: '2026-03-01T11:00:00Z', to: '2026-03-01T13:00:00Z' }
const held = { address: '192.0.2.1', port: 2000, ...noon, reason: 'Order 17/26' }

describe.skipIf(skipPostgres)('holds', () => {
  const lab = useDesk({ secondPerson: ['hold-release'] })
  const send = (...given: Parameters<typeof lab.send>): Promise<Response> => lab.send(...given)

  beforeAll(() => {
    lab.world.slices = [
      slice(-60, 60),
      slice(600, 660, { inside: '10.0.0.2 1000' }),
      slice(-60, 60, { public: '192.0.2.1 3000' }),
    ]
  })

  const place = (body: object): Promise<HoldJson> =>
    bodyOf<HoldJson>(send('POST', '/v1/holds', { body }), 201)

  test('keep a signed copy of the rows that they are about', async () => {
    const hold = await place({ ...held, expires: '60d' })
    expect(hold).toMatchObject({ address: '192.0.2.1', port: 2000, placed_by: 'token:inv' })
    const days = (Date.parse(hold.expires ?? '') - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(60)
    const response = await send('GET', `/v1/holds/${hold.id}/evidence`)
    const { state, envelope, sha256 } = verifyEvidence(
      Buffer.from(await response.arrayBuffer()),
      await lab.keys()
    )
    expect(state).toBe('proven')
    expect(sha256).toBe(hold.document_sha256)
    const document = envelope?.document as unknown as HoldDocument
    expect(document.rows.map(({ inside }) => inside.ip)).toEqual(['10.0.0.1', '10.0.0.2'])
    // No collector can be asked in this world, and the copy says so.
    expect(document).toMatchObject({ cut: false, open_read: false })
    const page = await send('GET', `/v1/holds/${hold.id}/evidence`, {
      headers: { Accept: 'text/html' },
    })
    expect(await page.text()).toContain('Open connections could not be read')
  })

  test('say so where there were more rows than are copied', async () => {
    lab.world.limit = 1
    const { id } = await place(held)
    lab.world.limit = Infinity
    const body = await bodyOf<{ document: HoldDocument }>(send('GET', `/v1/holds/${id}/evidence`))
    expect(body.document).toMatchObject({ cut: true })
    expect(body.document.rows).toHaveLength(1)
  })

  test('stand in their case', async () => {
    const file = await bodyOf<{ id: number; reference: string }>(
      send('POST', '/v1/cases', { body: { title: 'x' } }),
      201
    )
    const body = { ...held, case: file.reference }
    const hold = await place(body)
    expect(hold.case).toBe(file.reference)
    await bodyOf(send('POST', `/v1/cases/${file.id}/holds`, { body: held }), 201)
    const shown = await bodyOf<{ holds: HoldJson[]; history: { kind: string }[] }>(
      send('GET', `/v1/cases/${file.id}`)
    )
    expect(shown.holds).toHaveLength(2)
    expect(shown.history.map(({ kind }) => kind)).toEqual(['opened', 'hold', 'hold'])
    expect((await send('POST', '/v1/holds', { body: { ...held, case: 'none' } })).status).toBe(404)
  })

  test('are released by two people alone where that is the rule', async () => {
    const { id } = await place(held)
    const path = `/v1/holds/${id}/release`
    const reason = 'The order was withdrawn'
    const alone = await send('POST', path, { body: { reason } })
    expect((await problem(alone)).code).toBe('approval-needed')
    const wish = { act: 'hold-release', subject: { hold: String(id) }, reason }
    const asked = await bodyOf<{ id: string }>(send('POST', '/v1/approvals', { body: wish }), 201)
    const early = await send('POST', path, { body: { reason, approval: asked.id } })
    expect(early.status).toBe(403)
    const approve = { token: 'fl_approver', body: {} }
    await bodyOf(send('POST', `/v1/approvals/${asked.id}/approve`, approve))
    const other = await place(held)
    const elsewhere = { body: { reason, approval: asked.id } }
    expect((await send('POST', `/v1/holds/${other.id}/release`, elsewhere)).status).toBe(403)
    const released = await bodyOf<HoldJson>(
      send('POST', path, { body: { reason, approval: asked.id } })
    )
    expect(released).toMatchObject({ released_by: 'token:inv', release_reason: reason })
    expect((await send('POST', path, { body: { reason } })).status).toBe(409)
    const page = await lab.deps.audit.listAudit({ limit: 50 })
    const act = page.items.find(({ action }) => action === 'hold-release')
    expect(act?.detail).toMatchObject({ hold: id, approval: asked.id })
  })

  test('are listed, those that bind apart from those that ended', async () => {
    const { id } = await place({ ...held, expires: '2100-01-01T00:00:00Z' })
    const listed = async (query: string): Promise<HoldJson[]> =>
      holdPageSchema.parse(await bodyOf(send('GET', `/v1/holds?${query}`))).holds
    expect((await listed('state=in-force&limit=1'))[0]?.id).toBe(id)
    const ended = await listed('state=ended')
    expect(ended.length).toBeGreaterThan(0)
    for (const hold of ended) expect(hold.released).not.toBeNull()
    const ids = [...(await listed('state=in-force')), ...ended].map((hold) => hold.id)
    expect(ids.toSorted((a, b) => b - a)).toEqual((await listed('')).map((hold) => hold.id))
  })

  test('of every port are shown to those who may see wide answers', async () => {
    const { port: _, ...wide } = held
    const { id } = await place(wide)
    expect((await send('GET', `/v1/holds/${id}/evidence`)).status).toBe(200)
    for (const token of ['fl_desk', 'fl_auditor', 'fl_client', 'fl_approver']) {
      expect((await send('GET', `/v1/holds/${id}/evidence`, { token })).status).toBe(403)
      expect((await send('POST', '/v1/holds', { token, body: held })).status).toBe(403)
    }
  })

  test.each<[body: object, words: string]>([
    [{ ...noon, reason: 'x' }, 'needs an address'],
    [{ address: '192.0.2.1', reason: 'x' }, 'from a time'],
    [{ ...held, from: '2026-03-01T14:00:00Z' }, 'later than'],
    [{ ...held, from: '2020-03-01T14:00:00Z' }, '366 days'],
    [{ ...held, from: '2026-03-01 14:00' }, 'zone'],
    [{ ...held, reason: '' }, 'reason'],
    [{ ...held, reason: 'a\u001bb' }, 'control'],
    [{ ...held, expires: '2020-01-01T00:00:00Z' }, 'expired'],
    [{ ...held, address: '192.0.2.01' }, 'IP address'],
    [{ ...held, port: 70_000 }, 'port'],
    [{ ...held, whom: 'x' }, 'whom'],
  ])('%j are refused', async (body, expected) => {
    const response = await send('POST', '/v1/holds', { body })
    const { status, detail } = await problem(response)
    expect(status).toBe(400)
    expect(detail).toContain(expected)
  })

  test('hold records by name alone', async () => {
    const hold = await place({ records: ['gw/1@2026-03-01T11:59:00.000Z'], reason: 'x' })
    expect(hold).toMatchObject({ address: null, records: ['gw/1@2026-03-01T11:59:00.000Z'] })
  })
})

import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { openCaseFromNotice } from '../../../lookup-api/cases/notices.ts'
import { caseDetailSchema, casePageSchema } from '../../../lookup-api/cases/present.ts'
import type { CaseJson } from '../../../lookup-api/cases/present.ts'
import { verifyEvidence } from '../../../lookup-api/evidence-file/verify.ts'
import { canonicalJson } from '../../../model/canonical-json.ts'
import { principalOfUser } from '../../../model/principal.ts'
import { problem } from '../api.ts'
import { slice } from '../world.ts'
import { skipPostgres } from '../../postgres.ts'
import { bodyOf, useDesk } from './desk-lab.ts'

const question = { ip: '192.0.2.1', port: 2000, protocol: 'tcp', at: '2026-03-01T12:00:00Z' }
const asPath = '/v1/lookup?ip=192.0.2.1&port=2000&protocol=tcp&at=2026-03-01T12:00:00Z'

describe.skipIf(skipPostgres)('cases', () => {
  const lab = useDesk()
  const { send } = { send: (...given: Parameters<typeof lab.send>) => lab.send(...given) }

  beforeAll(() => {
    lab.world.slices = [slice(-60, 60)]
  })

  const open = (more: object = {}): Promise<CaseJson> =>
    bodyOf<CaseJson>(send('POST', '/v1/cases', { body: { title: 'A notice', ...more } }), 201)

  const show = async (id: number): Promise<ReturnType<typeof caseDetailSchema.parse>> =>
    caseDetailSchema.parse(await bodyOf(send('GET', `/v1/cases/${id}`)))

  const kindsOf = async (id: number): Promise<string[]> =>
    (await show(id)).history.map((entry) => entry.kind)

  test('are opened under a reference of theirs or one that is made', async () => {
    const named = await open({ reference: 'ABUSE-1' })
    expect(named).toMatchObject({ reference: 'ABUSE-1', status: 'open', version: 1 })
    const [made, other] = [await open(), await open()]
    expect(made.reference).toMatch(/^FL-\d{4}-\d{6}$/)
    expect(other.reference).not.toBe(made.reference)
    const taken = await send('POST', '/v1/cases', { body: { title: 'x', reference: 'ABUSE-1' } })
    expect((await problem(taken)).code).toBe('case-conflict')
    expect(taken.status).toBe(409)
    const found = await bodyOf(send('GET', '/v1/cases?reference=ABUSE-1'))
    expect(casePageSchema.parse(found).cases.map(({ id }) => id)).toEqual([named.id])
  })

  test('take what people add, and each entry is in the audit with its digest', async () => {
    const { id } = await open()
    const add = (path: string, body: object): Promise<unknown> =>
      bodyOf(send('POST', `/v1/cases/${id}/${path}`, { body, token: 'fl_desk' }), 201)
    await add('notes', { text: 'First line\nsecond' })
    await add('decisions', { decision: 'forward to the subscriber', reason: 'complete notice' })
    await add('notices', { sha256: 'a'.repeat(64), parsed: { sightings: [question] } })
    const { history, version } = await show(id)
    expect(history.map(({ kind }) => kind)).toEqual(['opened', 'note', 'decision', 'notice'])
    expect(version).toBe(4)
    for (const entry of history) {
      const cursor = (entry.audit_id ?? 0) + 1
      const page = await lab.deps.audit.listAudit({ limit: 1, cursor: String(cursor) })
      const digest = createHash('sha256').update(canonicalJson(entry.detail)).digest('hex')
      expect(page.items[0]).toMatchObject({
        id: entry.audit_id,
        actor: entry.actor,
        detail: { detail_sha256: digest },
      })
    }
  })

  test('keep a signed answer of a look-up made for them', async () => {
    const { id, reference } = await open()
    const path = `/v1/cases/${id}/lookups`
    const made = await bodyOf<{ entry: number; file_sha256: string; answer: unknown }>(
      send('POST', path, { body: question }),
      201
    )
    expect(made.answer).toMatchObject({ verdict: 'unique', query: { case: reference } })
    expect(await kindsOf(id)).toEqual(['opened', 'lookup', 'evidence'])
    const kept = await send('GET', `/v1/cases/${id}/evidence/${made.entry}`)
    const text = await kept.text()
    expect(createHash('sha256').update(text).digest('hex')).toBe(made.file_sha256)
    expect(verifyEvidence(Buffer.from(text), await lab.keys()).state).toBe('proven')
    const page = await send('GET', `/v1/cases/${id}/evidence/${made.entry}`, {
      headers: { Accept: 'text/html' },
    })
    expect(await page.text()).toContain('What this does not show')
  })

  test('note each look-up that names them, and none that names another', async () => {
    const { id, reference } = await open()
    await bodyOf(send('GET', `${asPath}&case=${reference}`))
    await bodyOf(send('GET', `${asPath}&case=${reference}-other`))
    const { history, version } = await show(id)
    expect(history.map(({ kind }) => kind)).toEqual(['opened', 'lookup'])
    expect(history[1]?.detail).toMatchObject({ verdict: 'unique', lookup: history[1]?.audit_id })
    expect(version).toBe(1)
  })

  test('note one that named somebody, at once and by its number', async () => {
    const { slices } = lab.world
    lab.world.slices = [slice(-60, 60, { userName: 'line 7' })]
    try {
      const { id, reference } = await open()
      await bodyOf(send('GET', `${asPath}&case=${reference}`))
      const before = await bodyOf<{ audit_id: number }>(send('GET', asPath))
      const body = { audit_id: before.audit_id }
      await bodyOf(send('POST', `/v1/cases/${id}/lookups`, { body }), 201)
      expect(await kindsOf(id)).toEqual(['opened', 'lookup', 'lookup'])
      const read = await bodyOf<{ entries: { id: number; action: string }[] }>(
        send('GET', '/v1/audit', { token: 'fl_auditor' })
      )
      const entry = read.entries.find((one) => one.id === before.audit_id)
      expect(entry?.action).toBe('reveal')
    } finally {
      lab.world.slices = slices
    }
  })

  test('note a look-up that was made before by its number', async () => {
    const { id } = await open()
    const before = await bodyOf<{ audit_id: number }>(send('GET', asPath))
    const path = `/v1/cases/${id}/lookups`
    await bodyOf(send('POST', path, { body: { audit_id: before.audit_id } }), 201)
    const last = (await show(id)).history.at(-1)
    expect(last?.detail).toMatchObject({ lookup: before.audit_id, asked_by: 'token:inv' })
    for (const wrong of [before.audit_id + 1, 1e9]) {
      const refused = await send('POST', path, { body: { audit_id: wrong } })
      expect((await problem(refused)).status).toBe(400)
    }
  })

  test('have deadlines, by rule or by name, which are met', async () => {
    const { id } = await open()
    const path = `/v1/cases/${id}/deadlines`
    const from = '2026-01-31T08:00:00Z'
    const due: Record<string, string> = {
      'e-evidence-8h': '2026-01-31T16:00:00.000Z',
      'e-evidence-10d': '2026-02-10T08:00:00.000Z',
      'preservation-60d': '2026-04-01T08:00:00.000Z',
      'preservation-90d': '2026-05-01T08:00:00.000Z',
      'ca-41.26-6m': '2026-07-31T08:00:00.000Z',
      'ca-41.26-1y': '2027-01-31T08:00:00.000Z',
    }
    for (const preset of Object.keys(due)) {
      await bodyOf(send('POST', path, { body: { preset, from } }), 201)
    }
    const named = { name: 'Answer the court', due: '2026-01-30 12:00', tz: 'Europe/Berlin' }
    const { deadline } = await bodyOf<{ deadline: number }>(
      send('POST', path, { body: named }),
      201
    )
    const shown = await show(id)
    const presets = shown.deadlines.filter((one) => one.preset !== null)
    expect(Object.fromEntries(presets.map((one) => [one.preset, one.due]))).toEqual(due)
    for (const one of presets) expect(one.basis).toContain('counsel')
    expect(shown.due).toBe('2026-01-30T11:00:00.000Z')
    await bodyOf(send('POST', `${path}/${deadline}/met`))
    expect((await show(id)).due).toBe(due['e-evidence-8h'])
    expect((await send('POST', `${path}/${deadline}/met`)).status).toBe(409)
    const unknown = await send('POST', path, { body: { preset: 'gdpr-1d' } })
    expect((await problem(unknown)).detail).toContain('e-evidence-10d')
  })

  test('change on the version that was read, and on no other', async () => {
    const { id } = await open()
    const path = `/v1/cases/${id}`
    const patch = (
      version: number | undefined,
      status: string,
      reason?: string
    ): Promise<Response> =>
      send('PATCH', path, {
        body: { status, ...(reason === undefined ? {} : { reason }) },
        headers: version === undefined ? {} : { 'If-Match': `"${version}"` },
      })
    expect((await patch(undefined, 'waiting')).status).toBe(428)
    const changed = await patch(1, 'waiting')
    expect(changed.headers.get('ETag')).toBe('"2"')
    expect((await problem(await patch(1, 'answered'))).code).toBe('case-conflict')
    const together = await Promise.all([patch(2, 'answered'), patch(2, 'closed')])
    expect(together.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([200, 409])
    expect((await show(id)).version).toBe(3)
  })

  test('that are closed take nothing but what took place, until they are opened', async () => {
    const { id, reference } = await open()
    const path = `/v1/cases/${id}`
    const change = (body: object): Promise<Response> =>
      send('PATCH', path, { body, headers: { 'If-Match': '*' } })
    await bodyOf(change({ status: 'closed' }))
    const note = await send('POST', `${path}/notes`, { body: { text: 'late' } })
    expect((await problem(note)).status).toBe(409)
    expect((await send('POST', `${path}/lookups`, { body: question })).status).toBe(409)
    await bodyOf(send('GET', `${asPath}&case=${reference}`))
    expect(await kindsOf(id)).toEqual(['opened', 'status', 'lookup'])
    expect((await change({ status: 'open' })).status).toBe(400)
    await bodyOf(change({ status: 'open', reason: 'An appeal came' }))
    await bodyOf(send('POST', `${path}/notes`, { body: { text: 'again' } }), 201)
  })

  test('go out whole and signed, with every file in them', async () => {
    const { id, reference } = await open()
    await bodyOf(send('POST', `/v1/cases/${id}/lookups`, { body: question }), 201)
    await bodyOf(send('POST', `/v1/cases/${id}/notes`, { body: { text: 'ü 中文 \t <b>' } }), 201)
    const held = { address: '192.0.2.1', port: 2000, from: '2026-03-01T11:00:00Z', reason: 'x' }
    const hold = { ...held, to: '2026-03-01T13:00:00Z' }
    await bodyOf(send('POST', `/v1/cases/${id}/holds`, { body: hold }), 201)
    const response = await send('GET', `/v1/cases/${id}/export`)
    const text = await response.text()
    const result = verifyEvidence(Buffer.from(text), await lab.keys())
    expect(result.state).toBe('proven')
    expect(result.findings.at(-1)?.text).toContain('2 enclosed files')
    expect(result.envelope?.document).toMatchObject({ case: { reference }, officer: 'token:inv' })
    expect(response.headers.get('X-Evidence-SHA256')).toBe(result.sha256)
    expect(await kindsOf(id)).toEqual(['opened', 'lookup', 'evidence', 'note', 'hold', 'exported'])
    const page = await send('GET', `/v1/cases/${id}/export`, { headers: { Accept: 'text/html' } })
    expect(await page.text()).toContain('ü 中文 \t &lt;b&gt;')
    const tampered = text.replace('"status":"open"', '"status":"shut"')
    expect(verifyEvidence(Buffer.from(tampered), await lab.keys()).state).toBe('failed')
  })

  test('come of a notice, of which what was read and the digest are kept', async () => {
    const raw = Buffer.from('From: x\r\n\r\nYou did it.')
    const parsed = { notices: [{ format: 'text', sightings: [] }] }
    const context = { ...lab.desk, deps: lab.deps, principal: principalOfUser('tester') }
    const file = await openCaseFromNotice(context, { raw, parsed }, { title: 'N\u0000otice\n1' })
    expect(file.title).toBe('N otice 1')
    const { history } = await show(file.id)
    const digest = createHash('sha256').update(raw).digest('hex')
    expect(history[1]?.detail).toEqual({ sha256: digest, bytes: raw.length, parsed })
  })

  test('are opened for a notice, whose look-ups are noted in them', async () => {
    const text =
      'Timestamp: 2026-03-01T12:00:00Z\nIP address: 192.0.2.1\nPort: 2000\nProtocol: tcp\n'
    const post = (query: string, token = 'fl_desk'): Promise<Response> =>
      lab.post(`/v1/notices?case=${query}`, text, 'text/plain', token)
    const made = await post('new')
    expect(made.status).toBe(200)
    const path = made.headers.get('Location') ?? ''
    const id = Number(path.split('/').at(-1))
    const { history, reference } = await show(id)
    expect(history.map(({ kind }) => kind)).toEqual(['opened', 'notice', 'lookup'])
    expect(history[1]?.detail).toMatchObject({
      sha256: createHash('sha256').update(text).digest('hex'),
      parsed: { notices: [{ sightings: [{ ip: '192.0.2.1', port: 2000 }] }] },
    })
    expect(JSON.stringify(history[1]?.detail)).not.toContain('10.0.0.1')
    const again = await post(reference)
    expect(again.headers.get('Location')).toBe(path)
    expect(await kindsOf(id)).toEqual(['opened', 'notice', 'lookup', 'notice', 'lookup'])
    expect((await post('new', 'fl_client')).status).toBe(403)
    expect((await post('no-such-case')).headers.get('Location')).toBeNull()
  })

  test('are listed page by page, newest first', async () => {
    for (let i = 0; i < 3; i++) await open({ title: `page ${i}` })
    const ids: number[] = []
    let path: string | undefined = '/v1/cases?limit=2'
    while (path !== undefined) {
      const response = await send('GET', path)
      ids.push(...casePageSchema.parse(await response.json()).cases.map(({ id }) => id))
      path = /^<(.*)>; rel="next"$/.exec(response.headers.get('Link') ?? '')?.[1]
    }
    expect(ids).toEqual(ids.toSorted((a, b) => b - a))
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBeGreaterThan(5)
    expect((await send('GET', '/v1/cases?cursor=x')).status).toBe(400)
  })

  test('are nothing where it cannot be recorded', async () => {
    const { id } = await open()
    lab.world.auditFails = true
    const paths: [string, string, object?][] = [
      ['POST', '/v1/cases', { title: 'x' }],
      ['POST', `/v1/cases/${id}/notes`, { text: 'x' }],
      ['POST', `/v1/cases/${id}/lookups`, question],
      ['GET', `/v1/cases/${id}`],
      ['GET', `/v1/cases/${id}/export`],
      ['GET', '/v1/cases'],
    ]
    for (const [method, path, body] of paths) {
      const response = await send(method, path, body === undefined ? {} : { body })
      expect((await problem(response)).code, path).toBe('audit-unwritable')
    }
    lab.world.auditFails = false
    expect(await kindsOf(id)).toEqual(['opened'])
  })
})

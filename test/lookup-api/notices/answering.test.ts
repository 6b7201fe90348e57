import { describe, expect, test } from 'vitest'
import { parsePrefix } from '../../../model/address.ts'
import { noticesSchema } from '../../../lookup-api/notices/contract.ts'
import type { NoticesBody } from '../../../lookup-api/notices/contract.ts'
import { maxNoticeBytes } from '../../../lookup-api/notices/limits.ts'
import { makeApi, problem } from '../api.ts'
import type { Api } from '../api.ts'
import { makeWorld, slice } from '../world.ts'
import type { World } from '../world.ts'

/** `POST /v1/notices`, over a world in memory. */

function post(api: Api, body: string | Buffer, query = '', type = 'text/plain'): Promise<Response> {
  return api.send(`/v1/notices${query}`, {
    method: 'POST',
    headers: { Authorization: 'Bearer fl_lookup', 'Content-Type': type },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  })
}

async function answered(world: World, text: string, query = ''): Promise<NoticesBody> {
  const response = await post(makeApi(world), text, query)
  expect(response.status).toBe(200)
  return noticesSchema.strict().parse(await response.json())
}

const fields = (time: string, port = 'Source port: 2000\n'): string =>
  `IP: 192.0.2.1\n${port}Time of attack: ${time}\n`

describe('POST /v1/notices', () => {
  test('a sighting that is sure: one look-up, one entry in the audit, one answer', async () => {
    const world = makeWorld({ slices: [slice(-60, 60)] })
    const { notices, skipped } = await answered(world, fields('2026-03-01T12:00:00Z'), '?case=C7')
    expect(skipped).toEqual([])
    expect(notices[0]?.answers).toMatchObject([
      { sighting: 0, of: 'sighting', status: 200, answer: { verdict: 'unique' } },
    ])
    expect(notices[0]?.answers[0]?.answer?.candidates[0]?.inside.ip).toBe('10.0.0.1')
    expect(notices[0]?.outcomes).toMatchObject([{ asked: 1, agreement: 'one' }])
    expect(world.audit).toHaveLength(1)
    expect(world.audit[0]?.detail).toMatchObject({
      verdict: 'unique',
      query: { case: 'C7', purpose: 'notice (text)' },
    })
  })

  test('a time without a zone: every instant is asked, and whether it matters is said', async () => {
    const rules = {
      zone: { kind: 'name' as const, name: 'Europe/Berlin' },
      senders: [],
    }
    const elsewhere = { inside: '10.0.0.2 1000' }
    const world = makeWorld({
      slices: [slice(-60, 60), slice(-3660, -3540, elsewhere)],
      sources: [],
    })
    const api = makeApi(world, { notices: rules })
    const response = await post(api, fields('2026-03-01 12:00:00'))
    const { notices } = noticesSchema.parse(await response.json())
    expect(notices[0]?.sightings[0]).toMatchObject({
      uncertain: true,
      at: ['2026-03-01T11:00:00.000Z', '2026-03-01T12:00:00.000Z'],
    })
    expect(notices[0]?.outcomes).toMatchObject([{ asked: 2, agreement: 'differs' }])
    const inside = notices[0]?.answers.map(({ answer }) => answer?.candidates[0]?.inside.ip)
    expect(inside).toEqual(['10.0.0.2', '10.0.0.1'])
    const again = await post(api, fields('2026-03-01 12:00:00'), '?zone=UTC')
    const body = noticesSchema.parse(await again.json())
    expect(body.notices[0]?.sightings[0]).toMatchObject({ uncertain: false })
  })

  test('the same answer whichever instant is meant', async () => {
    const world = makeWorld({ slices: [slice(-7200, 60)] })
    const api = makeApi(world, {
      notices: { zone: { kind: 'name', name: 'Europe/Berlin' }, senders: [] },
    })
    const { notices } = noticesSchema.parse(
      await (await post(api, fields('2026-03-01 12:00:00'))).json()
    )
    expect(notices[0]?.outcomes).toMatchObject([{ asked: 2, agreement: 'same' }])
  })

  test('without a port nothing is asked, and the sender is', async () => {
    const world = makeWorld({ slices: [slice(-60, 60)] })
    const { notices } = await answered(world, fields('2026-03-01T12:00:00Z', ''))
    expect(notices[0]?.answers).toEqual([])
    expect(notices[0]?.outcomes).toMatchObject([{ asked: 0, agreement: 'not-asked' }])
    expect(notices[0]?.replies[0]?.body).toContain('source port')
    expect(world.audit).toEqual([])
  })

  test('not our address: said, with a text to send back', async () => {
    const world = makeWorld({ slices: [] })
    const prefix = parsePrefix('198.51.100.0/24')
    const networks = { inside: [], public: prefix === undefined ? [] : [{ prefix }] }
    const api = makeApi(world, { networks })
    const { notices } = noticesSchema.parse(
      await (await post(api, fields('2026-03-01T12:00:00Z'))).json()
    )
    expect(notices[0]?.answers[0]?.answer?.verdict).toBe('no-data')
    expect(notices[0]?.replies[0]?.body).toContain('not ours')
  })

  test('before we watched: said, and nothing of ours is', async () => {
    const world = makeWorld({ slices: [] })
    const { notices } = await answered(world, fields('2025-03-01T12:00:00Z'))
    expect(notices[0]?.answers[0]?.answer?.verdict).toBe('no-data')
    expect(notices[0]?.replies[0]?.body).toContain('do not go back')
  })

  const acns = (seen: string): string =>
    '<Infringement xmlns="http://www.acns.net/ACNS"><Case><ID>A&amp;1</ID></Case>' +
    '<Complainant><Entity>Rights &amp; Co</Entity><Email>r@example.org</Email></Complainant>' +
    '<Service_Provider><Entity>ISP</Entity><Email>abuse@example.net</Email></Service_Provider>' +
    '<Source><TimeStamp>2026-03-01T12:00:00Z</TimeStamp><IP_Address>192.0.2.1</IP_Address>' +
    '<Port>2000</Port></Source><Content><Item><TimeStamp>2026-03-01T12:00:00Z</TimeStamp>' +
    `${seen}</Item></Content></Infringement>`

  test('times when it was seen again narrow down; an inside address excludes nobody', async () => {
    const seen = '<AlsoSeen Start="2026-03-01T11:50:00Z" End="2026-03-01T11:55:00Z"></AlsoSeen>'
    const other = { inside: '10.0.0.2 1000', remote: '198.51.100.2 443' }
    const world = makeWorld({ slices: [slice(-900, 60), slice(-60, 60, other)] })
    const { notices } = await answered(world, acns(seen))
    expect(notices[0]?.answers.map(({ of }) => of)).toEqual(['sighting', 'also-seen', 'also-seen'])
    expect(notices[0]?.answers[0]?.answer?.verdict).toBe('multiple')
    expect(notices[0]?.intersection).toMatchObject({
      basis: 3,
      level: 'inside-address',
      common: ['10.0.0.1'],
      excluded: [],
    })
  })

  test('a gap in the coverage takes its answer out of the comparison', async () => {
    const seen = '<AlsoSeen Start="2026-03-01T11:50:00Z" End="2026-03-01T11:55:00Z"></AlsoSeen>'
    const world = makeWorld({ slices: [slice(-60, 60)], sources: [] })
    const { notices } = await answered(world, acns(seen))
    expect(notices[0]?.intersection).toBeNull()
  })

  test('an acknowledgement as the schema of ACNS 1.2 has it', async () => {
    const { notices } = await answered(makeWorld({ slices: [slice(-60, 60)] }), acns(''))
    const ack = notices[0]?.replies.find(({ kind }) => kind === 'acns-ack')?.body ?? ''
    expect(ack).toContain('<NoticeAck xmlns="http://www.acns.net/ACNS" Accepted="true" TimeStamp="')
    expect(ack).toContain('<Case><ID>A&amp;1</ID></Case>')
    expect(ack).toContain(
      '<Complianant><Entity>Rights &amp; Co</Entity><Email>r@example.org</Email>'
    )
    expect(ack).toContain('<Service_Provider><Entity>ISP</Entity>')
    expect(ack).not.toContain('10.0.0.1')
  })

  const statusOf = async (text: string): Promise<string> => {
    const { notices } = await answered(makeWorld({ slices: [slice(-60, 60)] }), text)
    return notices[0]?.replies.find(({ kind }) => kind === 'acns-status')?.body ?? ''
  }

  test('a status as the schema of ACNS 1.2 has it: open, and no word of what was found', async () => {
    const status = await statusOf(acns(''))
    expect(status).toMatch(/<CaseStatus CaseID="A&amp;1" TimeStamp="20[\d-]+T[\d:.]+Z">/)
    const dates = '<FirstProcessedDate>[^<]+Z</FirstProcessedDate><LastModifiedDate>[^<]+Z'
    expect(status).toMatch(new RegExp(`<Disposition><Type>OPEN</Type>${dates}`))
    expect(status).toContain('<Source><Complainant><Entity>Rights &amp; Co</Entity>')
    expect(status).not.toContain('10.0.0.1')
    expect(status).not.toContain('<Notes>')
  })

  test('a status of what cannot be worked on: rejected, with what is asked for', async () => {
    const status = await statusOf(acns('').replace('<Port>2000</Port>', ''))
    expect(status).toContain('<Type>REJECTED</Type><Reason>OTHER</Reason>')
    expect(status).toContain('Please send the source port')
  })

  test('no status where the notice has no number', async () => {
    expect(await statusOf(acns('').replace('<Case><ID>A&amp;1</ID></Case>', ''))).toBe('')
  })

  test('nothing is answered where the audit cannot be written', async () => {
    const api = makeApi(makeWorld({ slices: [slice(-60, 60)], auditFails: true }))
    const response = await post(api, fields('2026-03-01T12:00:00Z'))
    expect((await problem(response)).code).toBe('audit-unwritable')
  })

  test('refused: no right, another type, a zone that is none, and what is too large', async () => {
    const api = makeApi(makeWorld())
    const auditor = { Authorization: 'Bearer fl_auditor', 'Content-Type': 'text/plain' }
    const refused = await api.send('/v1/notices', { method: 'POST', headers: auditor, body: 'x' })
    expect(refused.status).toBe(403)
    expect((await post(api, 'x', '', 'image/png')).status).toBe(415)
    expect((await problem(await post(api, 'x', '?zone=CET'))).errors?.[0]?.pointer).toBe('#/zone')
    expect((await post(api, 'x', '?tz=UTC')).status).toBe(400)
    expect((await post(api, Buffer.alloc(maxNoticeBytes + 1))).status).toBe(413)
  })

  test('more than a body of other routes may hold is taken', async () => {
    const world = makeWorld({ slices: [slice(-60, 60)] })
    const text = fields('2026-03-01T12:00:00Z') + `\n${'x'.repeat(70)}`.repeat(90_000)
    const { notices } = await answered(world, text)
    expect(notices[0]?.answers).toHaveLength(1)
  })
})

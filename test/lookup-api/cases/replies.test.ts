import { beforeAll, describe, expect, test } from 'vitest'
import { caseRepliesSchema } from '../../../lookup-api/cases/replies.ts'
import { slice } from '../world.ts'
import { skipPostgres } from '../../postgres.ts'
import { bodyOf, useDesk } from './desk-lab.ts'

/** `GET /v1/cases/{id}/replies`: what is sent back follows the case. */

const acns = (port = '<Port>2000</Port>'): string =>
  '<Infringement xmlns="http://www.acns.net/ACNS"><Case><ID>A1</ID></Case>' +
  '<Complainant><Entity>Rights</Entity><Email>r@example.org</Email></Complainant>' +
  '<Source><TimeStamp>2026-03-01T12:00:00Z</TimeStamp><IP_Address>192.0.2.1</IP_Address>' +
  `${port}</Source></Infringement>`

const xarf = JSON.stringify({
  xarf_version: '4.2.0',
  report_id: '5f0e7a30-2b53-4d2a-9d1a-9d1f5e0b7c11',
  timestamp: '2026-03-01T12:00:00Z',
  reporter: { org: 'R', contact: 'r@example.org', domain: 'example.org' },
  category: 'connection',
  type: 'login_attack',
  source_identifier: '192.0.2.1',
  source_port: 2000,
})

describe.skipIf(skipPostgres)('replies to the notices of a case', () => {
  const lab = useDesk()
  let path = ''

  beforeAll(async () => {
    lab.world.slices = [slice(-60, 60)]
    const made = await lab.post('/v1/notices?case=new', acns(), 'application/xml', 'fl_desk')
    path = made.headers.get('Location') ?? ''
  })

  const file = (text: string, type: string): Promise<Response> =>
    bodyOf<{ reference: string }>(lab.send('GET', path)).then(({ reference }) =>
      lab.post(`/v1/notices?case=${reference}`, text, type, 'fl_desk')
    )

  async function replies(): Promise<Map<string, string[]>> {
    const got = await bodyOf(lab.send('GET', `${path}/replies`, { token: 'fl_desk' }))
    const found = new Map<string, string[]>()
    for (const { kind, body } of caseRepliesSchema.parse(got).replies) {
      found.set(kind, [...(found.get(kind) ?? []), body])
    }
    return found
  }

  const change = (status: string, reason?: string): Promise<unknown> =>
    bodyOf(
      lab.send('PATCH', path, {
        body: { status, ...(reason === undefined ? {} : { reason }) },
        headers: { 'If-Match': '*' },
      })
    )

  test('open, then closed, then open again; and nothing of our side in any', async () => {
    expect((await file(xarf, 'application/json')).status).toBe(200)
    expect((await file(acns(''), 'application/xml')).status).toBe(200)
    const open = await replies()
    expect([...open.keys()]).toEqual(['letter', 'acns-ack', 'acns-status', 'xarf'])
    expect(open.get('acns-status')?.[0]).toContain('<Disposition><Type>OPEN</Type>')
    expect(open.get('xarf')?.[0]).toContain('"status": "accepted"')

    await change('closed')
    const closed = await replies()
    expect(closed.get('acns-status')?.[0]).toContain('<Disposition><Type>CLOSED</Type>')
    expect(closed.get('acns-ack')?.[0]).toContain('<Notes>Received; the case is closed.</Notes>')
    expect(closed.get('xarf')?.[0]).toContain('"status": "closed"')
    expect(closed.get('letter')?.[0]).toContain('Our work on it has ended; the case is closed.')
    // What could not be worked on was rejected and not closed.
    expect(closed.get('acns-status')?.[1]).toContain('<Type>REJECTED</Type><Reason>OTHER</Reason>')
    expect(JSON.stringify([...open, ...closed])).not.toContain('10.0.0.1')

    const dates = /<FirstProcessedDate>(\S+?)<.*<LastModifiedDate>(\S+?)</
    const [, first = '', last = ''] = dates.exec(closed.get('acns-status')?.[0] ?? '') ?? []
    const { history, changed } = await bodyOf<{ history: { at: string }[]; changed: string }>(
      lab.send('GET', path)
    )
    expect([first, last]).toEqual([history[1]?.at, changed])

    await change('open', 'the sender wrote again')
    expect((await replies()).get('acns-status')?.[0]).toContain('<Type>OPEN</Type>')
  })

  test('what others put there as read is passed over', async () => {
    const { id } = await bodyOf<{ id: number }>(
      lab.send('POST', '/v1/cases', { body: { title: 'x' } }),
      201
    )
    const body = { sha256: 'a'.repeat(64), parsed: { notices: [{ format: 'acns' }, 7] } }
    await bodyOf(lab.send('POST', `/v1/cases/${id}/notices`, { body }), 201)
    expect(await bodyOf(lab.send('GET', `/v1/cases/${id}/replies`))).toEqual({ replies: [] })
  })

  test('are not given where it cannot be recorded', async () => {
    lab.world.auditFails = true
    expect((await lab.send('GET', `${path}/replies`)).status).toBe(503)
    lab.world.auditFails = false
  })
})

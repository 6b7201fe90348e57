import { describe, expect, test } from 'vitest'
import { sliceFlags } from '../../../model/fields.ts'
import { maxBatchBytes, maxBodyBytes, maxLineBytes } from '../../../model/limits.ts'
import { answerSchema } from '../../../lookup-api/contract.ts'
import { makeApi, problem } from '../api.ts'
import type { Api } from '../api.ts'
import { makeWorld, slice } from '../world.ts'
import type { World } from '../world.ts'

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

  test('a table gives no end of a connection that goes on past the time asked for', async () => {
    const csv = 'ip,port,at\n192.0.2.1,2000,2026-03-01T12:00:00Z\n'
    const goesOn = makeWorld({ slices: [slice(-60, 60, { flags: sliceFlags.continues })] })
    const text = await (await batch(makeApi(goesOn), 'text/csv', csv)).text()
    expect(text).toContain(',unique,1,10.0.0.1,2026-03-01T11:59:00.000Z,,gw/')
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
      '1,"x,1",200,unique,1,10.0.0.1,2026-03-01T11:59:00.000Z,2026-03-01T12:01:00.000Z,' +
        'gw/77@2026-03-01T11:59:00.000Z,N,',
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

  test('a line that is too long costs itself, in whatever pieces it comes', async () => {
    const api = makeApi(oneFlow())
    const long = `{"ip":"${'9'.repeat(3 * maxLineBytes)}"}`
    const bytes = Buffer.from(`\uFEFF${long}\r\n\r\n${JSON.stringify(question)}\r\n`, 'utf8')
    const pieces = Array.from({ length: Math.ceil(bytes.length / 999) }, (_, i) =>
      bytes.subarray(999 * i, 999 * (i + 1))
    )
    const response = await api.send('/v1/lookups', {
      method: 'POST',
      headers: { Authorization: 'Bearer fl_lookup', 'Content-Type': 'application/x-ndjson' },
      body: ReadableStream.from(pieces),
      duplex: 'half',
    })
    const rows = (await response.text()).trim().split('\n')
    expect(rows.map((row) => JSON.parse(row).status)).toEqual([400, 200])
    expect(rows[0]).toContain('more than 8192 characters')
  })

  test('rows beyond the limit of a token are refused, those before are answered', async () => {
    const world = oneFlow()
    const limit = { count: 3, perUs: 60e6 }
    const tokens = { check: async () => ({ name: 'desk', role: 'api-client', limit }) as const }
    const lines = Array.from({ length: 5 }, () => JSON.stringify(question))
    const response = await batch(makeApi(world, { tokens }), 'application/jsonl', lines.join('\n'))
    const rows = (await response.text()).trim().split('\n')
    expect(rows.map((row) => JSON.parse(row).status)).toEqual([200, 200, 200, 429, 429])
    expect(world.audit.map(({ action }) => action).sort()).toEqual([
      'limited',
      'lookup',
      'lookup',
      'lookup',
    ])
  })

  test('a body that says that it is too long is not read', async () => {
    const response = await makeApi().send('/v1/lookups', {
      method: 'POST',
      headers: {
        Authorization: 'Bearer fl_lookup',
        'Content-Type': 'text/csv',
        'Content-Length': String(maxBatchBytes + 1),
      },
      body: 'ip,at\n',
    })
    expect((await problem(response)).status).toBe(413)
  })

  test.each([
    ['application/json', '[]', 415],
    ['text/csv', '', 400],
    ['text/csv', 'ip,at\n', 400],
    ['text/csv', 'ip,when\n192.0.2.1,now\n', 400],
    ['text/csv', 'ip,ip\n192.0.2.1,now\n', 400],
    ['text/csv', '"ip,at\n192.0.2.1,now\n', 400],
    ['application/x-ndjson', '\n'.repeat(maxBodyBytes - 1), 400],
  ])('%s is refused as a whole', async (type, body, status) => {
    const api = makeApi()
    const response = await batch(api, type, body)
    expect((await problem(response)).status).toBe(status)
    expect(api.world.calls).toEqual([])
  })
})

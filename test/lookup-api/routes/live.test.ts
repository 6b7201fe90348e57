import { once } from 'node:events'
import { get } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { beforeEach, describe, expect, test } from 'vitest'
import { requireAddress } from '../../../model/address.ts'
import type { StreamedFlow } from '../../../model/streamed-flow.ts'
import { streamed } from '../../exporter/stream/source.ts'
import { skipPostgres } from '../../postgres.ts'
import { useAccessLab } from '../access-lab.ts'
import { problem } from '../api.ts'

interface Body {
  readonly flows: readonly { id: string; inside: { ip: string; port: number }; hostname: string }[]
  readonly last: number
  readonly missed: number
}

interface SseEvent {
  readonly event: string
  readonly id: string
  readonly data: Body
}

const stream = { Accept: 'text/event-stream' }

/** Events by the rules of server-sent events: fields a line, an empty line behind each event. */
async function* eventsOf(response: IncomingMessage): AsyncGenerator<SseEvent> {
  let text = ''
  for await (const part of response) {
    text += String(part)
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n')
      text = text.slice(end + 2)
      const fields = lines.map((line) => [line.split(': ', 1)[0], line.replace(/^\w+: /, '')])
      const { event = '', id = '', data = '' } = Object.fromEntries(fields)
      if (data !== '') yield { event, id, data: JSON.parse(data) as Body }
    }
  }
}

describe.skipIf(skipPostgres)('connections as they are classified', () => {
  const lab = useAccessLab()
  let token = ''
  let seen = 0

  /** The process that classifies saw so many connections more. */
  function classify(count: number, changes: Partial<StreamedFlow> = {}): void {
    for (let n = 0; n < count; n++) {
      const local = { address: requireAddress('10.0.0.1'), port: 1000 + (seen % 60_000) }
      lab.live.add(streamed({ digest: String(++seen), local, ...changes }))
    }
  }

  async function watch(path = '/v1/live', headers: Record<string, string> = {}) {
    const request: ClientRequest = get(`${lab.url}${path}`, {
      agent: false,
      headers: { ...stream, Authorization: `Bearer ${token}`, ...headers },
    })
    request.on('error', () => {})
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.on('error', () => {})
    return { response, events: eventsOf(response), leave: () => request.destroy() }
  }

  beforeEach(async () => {
    lab.restart()
    token = await lab.token({ role: 'administrator' })
  })

  const ask = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    lab.send('GET', path, { token, headers })

  test('an event for what is remembered, one for what comes, each with its number', async () => {
    classify(2, { metadata: { hostname: '<img src=x onerror=alert(1)>' } })
    const { response, events, leave } = await watch()
    expect(response.statusCode).toBe(200)
    expect(response.headers['content-type']).toMatch(/^text\/event-stream/)
    const { value: first } = (await events.next()) as { value: SseEvent }
    expect(first).toMatchObject({
      event: 'flows',
      id: String(seen),
      data: { last: seen, missed: 0 },
    })
    expect(first.data.flows.map(({ id }) => id)).toEqual(['1', '2'])
    // What a client sent is text in JSON, whatever it looks like.
    expect(first.data.flows[0]?.hostname).toBe('<img src=x onerror=alert(1)>')
    classify(3)
    const { value: second } = (await events.next()) as { value: SseEvent }
    expect(second).toMatchObject({ event: 'flows', id: '5', data: { last: 5, missed: 0 } })
    expect(second.data.flows.map(({ id }) => id)).toEqual(['3', '4', '5'])
    leave()
    const audit = await lab.audit()
    expect(audit[0]).toMatchObject({ action: 'live', detail: { stream: true } })
  })

  test('who comes again gets what was meanwhile, and is told what was forgotten', async () => {
    const before = seen
    classify(2500)
    const { events, leave } = await watch('/v1/live', { 'Last-Event-ID': String(before) })
    const { value } = (await events.next()) as { value: SseEvent }
    leave()
    const { flows, missed, last } = value.data
    expect(last).toBe(seen)
    expect(flows.length).toBeGreaterThan(0)
    expect(missed).toBeGreaterThan(500)
    expect(flows.length + missed).toBe(seen - before)
    expect(flows.at(-1)?.id).toBe(String(seen))
    const polled = (await (await ask(`/v1/live?after=${before}`)).json()) as Body
    expect(polled).toEqual(value.data)
    expect((await (await ask(`/v1/live?after=${last}`)).json()) as Body).toMatchObject({
      flows: [],
      missed: 0,
    })
  })

  test('a filter lets through what it means; a bad one is an error that says where', async () => {
    const after = seen
    classify(1)
    classify(1, { local: { address: requireAddress('10.0.0.2'), port: 7 } })
    const { events, leave } = await watch(`/v1/live?after=${after}&filter=local_port+==+7`)
    const { value } = (await events.next()) as { value: SseEvent }
    leave()
    expect(value.data.flows.map(({ inside }) => inside.port)).toEqual([7])
    for (const headers of [{}, stream]) {
      const refused = await problem(await ask('/v1/live?filter=local_port+==', headers))
      expect(refused).toMatchObject({
        status: 400,
        code: 'usage',
        errors: [{ pointer: '#/filter' }],
      })
      expect(refused.detail).toMatch(/\d+:\d+/)
    }
    for (const bad of ['after=-1', 'after=x', `filter=${'a'.repeat(2001)}`, 'filer=x']) {
      expect([bad, (await ask(`/v1/live?${bad}`)).status]).toEqual([bad, 400])
    }
    expect((await ask('/v1/live?after=1', { 'Last-Event-ID': 'NaN' })).status).toBe(200)
  })

  test('the 33rd reader waits until one of the others has left', async () => {
    classify(1)
    const readers = await Promise.all(Array.from({ length: 32 }, () => watch()))
    expect(readers.map(({ response }) => response.statusCode)).toEqual(Array(32).fill(200))
    const refused = await ask('/v1/live', stream)
    expect(refused.headers.get('Retry-After')).toBe('60')
    expect(await problem(refused)).toMatchObject({ status: 429, code: 'too-many-requests' })
    // Who polls takes no place.
    expect((await ask('/v1/live')).status).toBe(200)
    readers[0]?.leave()
    let again = await watch()
    while (again.response.statusCode === 429) {
      again.leave()
      again = await watch()
    }
    expect(again.response.statusCode).toBe(200)
    for (const { leave } of [...readers, again]) leave()
  })

  test('a token of some addresses watches none and lists no hosts; who has no right neither', async () => {
    const bound = await lab.token({ role: 'administrator', prefixes: ['192.0.2.0/24'] })
    const auditor = await lab.token({ role: 'auditor' })
    const paths = ['/v1/live', '/v1/live/explain?flow=10.0.0.1', '/v1/devices']
    for (const path of paths) {
      for (const [who, code] of [
        [bound, 'not-allowed'],
        [auditor, 'forbidden'],
      ] as const) {
        const refused = await lab.send('GET', path, { token: who, headers: stream })
        expect(await problem(refused)).toMatchObject({ status: 403, code })
      }
      expect((await lab.send('GET', path)).status).toBe(401)
    }
  })

  test('inside hosts: what they did for whoever may list, who they are for some', async () => {
    const flow = streamed({ application: 'zoom', otherType: 'remote', origin: 'local' })
    const local = { address: requireAddress('10.0.0.9'), port: 1, mac: '02:00:00:00:00:09' }
    const metadata = { dhcpFingerprint: '1,3,6', dhcpClass: '<script>' }
    for (let n = 0; n < 3; n++) lab.inventory.add({ ...flow, local, metadata })
    const second = { address: requireAddress('2001:db8::9'), port: 1 }
    lab.inventory.add({ ...flow, local: second, metadata: {} })
    const body = await (await ask('/v1/devices')).json()
    expect(body).toMatchObject({
      devices: [
        { address: '10.0.0.9', applications: ['zoom'], connections: 3, dhcp_class: '<script>' },
        { address: '2001:db8::9', connections: 1, dhcp_fingerprint: null },
      ],
      withheld: null,
      next: null,
    })
    const page = (await (await ask('/v1/devices?limit=1')).json()) as { next: string }
    expect(page.next).toBe('10.0.0.9')
    const rest = await (await ask(`/v1/devices?limit=1&cursor=${page.next}`)).json()
    expect(rest).toMatchObject({ devices: [{ address: '2001:db8::9' }], next: null })
    const client = await lab.token({ role: 'api-client' })
    const told = await (await lab.send('GET', '/v1/devices', { token: client })).json()
    expect(told).toMatchObject({ devices: [{ identities: null, dhcp_class: null }, {}] })
    expect((told as { withheld: string }).withheld).toContain('reveal')
    lab.rule({ secondPerson: ['reveal'] })
    expect(await (await ask('/v1/devices')).json()).toMatchObject({
      devices: [{ identities: null }, { identities: null }],
    })
    lab.rule({})
    for (const cursor of ['%27%3B--', '10.0.0', '0x7f.1', '10.0.0.1/99']) {
      expect([cursor, (await ask(`/v1/devices?cursor=${cursor}`)).status]).toEqual([cursor, 400])
    }
    const audit = await lab.audit()
    expect(audit.some(({ action }) => action === 'devices')).toBe(true)
  })
})

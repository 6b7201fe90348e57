import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { StreamHub } from '../../../exporter/stream/hub.ts'
import { listen } from '../../../exporter/stream/listen.ts'
import type { StreamListen } from '../../../exporter/stream/listen.ts'
import { flowMessage } from '../../../exporter/stream/messages.ts'
import { streamSchema } from '../../../model/stream-settings.ts'
import { programMissing, skipUnless } from '../../skip.ts'
import { until } from '../../until.ts'
import { connect, linesOf, source, streamed } from './source.ts'
import type { Line } from './source.ts'

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'flowledger-stream-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

const local = { host: '127.0.0.1', port: 0 }

async function open(hub: StreamHub, options: Partial<StreamListen> = {}): Promise<number> {
  const stream = await listen(hub, { at: local, ...options })
  onTestFinished(() => stream.close())
  return Number(stream.address.split(':').at(-1))
}

test("a flow in the words of Netify's agent", () => {
  const line = JSON.parse(flowMessage('flow', streamed(), source().names)) as Line
  expect(line).toMatchObject({ type: 'flow', interface: '', internal: false, established: false })
  expect(line.flow).toMatchObject({
    digest: 'ab'.repeat(20),
    ip_version: 4,
    ip_protocol: 6,
    ip_nat: true,
    vlan_id: 10,
    other_type: 'remote',
    local_origin: true,
    local_mac: '02:00:00:00:00:01',
    local_ip: '192.168.100.22',
    local_port: 40_000,
    other_ip: '2001:db8::1',
    other_port: 443,
    detected_protocol: 196,
    detected_protocol_name: 'HTTP/S',
    detected_application_name: 'netify.zoom',
    host_server_name: 'US02web.zoom.us',
    first_seen_at: 1_700_000_000_123,
    last_seen_at: 1_700_000_001_000,
    ssl: { version: '0x0304', cipher_suite: '0x1301' },
    local_bytes: 1000,
    other_bytes: 5000,
    total_bytes: 6000,
    total_packets: 22,
    risks: { risks: ['odd-port'] },
  })
})

test('what STUN and an encrypted hello tell', () => {
  const metadata = {
    stunMapped: '198.51.100.7:40000',
    stunOther: '198.51.100.2:3479',
    stunResponse: '198.51.100.1:3478',
    echVersion: 'fe0d',
  }
  const message = flowMessage('flow', streamed({ protocol: 'stun', metadata }), source().names)
  expect((JSON.parse(message) as Line).flow).toMatchObject({
    ssl: { encrypted_ch_version: '0xfe0d' },
    stun: {
      mapped: metadata.stunMapped,
      other: metadata.stunOther,
      response: metadata.stunResponse,
    },
  })
})

test.each([
  ['ssdp', { userAgent: 'upnp/2.0' }, { ssdp: { user_agent: 'upnp/2.0' } }],
  ['mdns', { dnsAnswers: ['printer.local'] }, { mdns: { answer: 'printer.local' } }],
  ['http', { userAgent: 'curl/8' }, { http: { user_agent: 'curl/8' } }],
] as const)('what %s tells stands where its readers look', (protocol, metadata, told) => {
  const message = flowMessage('flow', streamed({ protocol, metadata }), source().names)
  const { flow } = JSON.parse(message) as Line
  expect(flow).toMatchObject(told)
  expect(Object.keys(flow ?? {}).filter((key) => ['http', 'mdns', 'ssdp'].includes(key))).toEqual([
    protocol,
  ])
})

describe('readers', () => {
  test('hear hello, what happens, and what they ask for', async () => {
    const hub = new StreamHub(source([streamed(), streamed({ digest: 'cd'.repeat(20) })]))
    const socket = await connect({ host: '127.0.0.1', port: await open(hub) })
    const heard = linesOf(socket)
    await until(() => hub.size === 1)
    hub.opened(streamed())
    await until(() => heard.length === 4)
    const opening = ['agent_hello', 'flow', 'flow_dpi_complete', 'flow_intel']
    expect(heard.map(({ type }) => type)).toEqual(opening)
    socket.write('established\n{"command":"protocols"}\nnonsense\n{"command":"applications"}\n')
    socket.write('{"command":"status"}\n')
    await until(() => heard.length === 9)
    const lines = heard.slice(4)
    const types = lines.map(({ type }) => type)
    expect(types.toSorted()).toEqual(
      ['flow', 'flow', 'protocols', 'applications', 'agent_status'].toSorted()
    )
    hub.acted({ action: 'zoom', outcome: 'done' })
    await until(() => heard.length === 10)
    expect(heard[9]).toEqual({ type: 'flow_action', action: { action: 'zoom', outcome: 'done' } })
    expect(lines.filter(({ established }) => established === true)).toHaveLength(2)
    socket.destroy()
    // Who is gone is noticed with the next message.
    await until(() => {
      hub.tellStatus()
      return hub.size === 0
    })
  })

  test('counters and ends', async () => {
    const hub = new StreamHub(source(), { greetsWithFlows: true })
    const socket = await connect({ host: '127.0.0.1', port: await open(hub) })
    const lines = linesOf(socket)
    await until(() => hub.size === 1)
    const rates = {
      localOctets: 300,
      localPackets: 3,
      otherOctets: 60,
      otherPackets: 2,
      seconds: 3,
    }
    hub.counted(streamed(), rates)
    hub.changed(streamed())
    hub.ended(streamed(), 'closed')
    hub.tellStatus()
    await until(() => lines.length === 5)
    const [, stats, update, purge, status] = lines
    expect(stats).toMatchObject({
      type: 'flow_stats',
      flow: { local_bytes: 300, local_rate: 100, other_rate: 20, total_bytes: 6000 },
    })
    expect(update?.type).toBe('flow_dpi_update')
    expect(purge).toMatchObject({ type: 'flow_purge', reason: 'closed' })
    expect(status).toMatchObject({ type: 'agent_status', readers: 1, update_interval: 15 })
    socket.destroy()
  })

  test('who does not read is dropped, and the others go on', async () => {
    const hub = new StreamHub(source(), { mostWaiting: 1 << 20 })
    const port = await open(hub)
    const slow = await connect({ host: '127.0.0.1', port })
    slow.pause()
    const quick = await connect({ host: '127.0.0.1', port })
    let heard = 0
    quick.on('data', (chunk: Buffer) => (heard += chunk.length))
    await until(() => hub.size === 2)
    const long = streamed({ metadata: { hostname: 'x'.repeat(10_000) } })
    for (let i = 0; i < 20_000 && hub.size === 2; i++) {
      hub.opened(long)
      if (i % 5 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(hub.readersDropped).toBe(1)
    expect(hub.size).toBe(1)
    const before = heard
    hub.opened(long)
    await until(() => heard > before)
    quick.destroy()
  })

  test('who asks and takes nothing is dropped, and no more answers are made for it', async () => {
    let made = 0
    const asked = source()
    const protocols = (): ReturnType<typeof asked.names.protocols> => {
      made++
      return asked.names.protocols()
    }
    const hub = new StreamHub(
      { ...asked, names: { ...asked.names, protocols } },
      { mostWaiting: 1 << 20 }
    )
    const slow = await connect({ host: '127.0.0.1', port: await open(hub) })
    slow.pause()
    const questions = 6000
    slow.on('error', () => {}).write('protocols\n'.repeat(questions))
    await until(() => hub.readersDropped === 1)
    expect(made).toBeLessThan(questions / 2)
    slow.destroy()
  })

  test('who asks for everything and hangs up costs nothing', async () => {
    const many = Array.from({ length: 5000 }, () => streamed())
    const hub = new StreamHub(source(many))
    const socket = await connect({ host: '127.0.0.1', port: await open(hub) })
    socket.write('established\n')
    await once(socket, 'data')
    socket.destroy()
    await until(() => {
      hub.tellStatus()
      return hub.size === 0
    })
    expect(hub.readersDropped).toBe(0)
  })

  test('a request without an end is not waited for', async () => {
    const hub = new StreamHub(source())
    const socket = await connect({ host: '127.0.0.1', port: await open(hub) })
    socket.resume().on('error', () => undefined)
    socket.write('x'.repeat(10_000))
    await once(socket, 'close')
  })
})

describe('who may read', () => {
  test('beyond this host only with TLS and a token', () => {
    const accepts = (value: unknown): boolean => streamSchema.safeParse(value).success
    expect(accepts({ tcp: '127.0.0.1:7150' })).toBe(true)
    expect(accepts({ tcp: '0.0.0.0:7150' })).toBe(false)
    const tls = { cert: '/a.pem', key: '/k.pem' }
    expect(accepts({ tcp: '0.0.0.0:7150', tls })).toBe(false)
    expect(accepts({ tcp: '0.0.0.0:7150', tls, token_file: '/t' })).toBe(true)
  })

  test('the token comes first, and a wrong one hears nothing', async () => {
    const hub = new StreamHub(source())
    const port = await open(hub, { token: 'a-long-enough-token' })
    const wrong = await connect({ host: '127.0.0.1', port })
    let heard = ''
    wrong.on('data', (chunk: Buffer) => (heard += chunk.toString()))
    wrong.write('another\n')
    await once(wrong, 'close')
    expect(heard).toBe('')
    const right = await connect({ host: '127.0.0.1', port })
    right.write('{"token":"a-long-enough-token"}\n')
    const lines = linesOf(right)
    await until(() => lines.length === 1)
    expect(lines[0]?.type).toBe('agent_hello')
    right.destroy()
  })

  test.skipIf(skipUnless('program', programMissing('openssl')))('over TLS', async () => {
    const path = directory()
    const [cert, key] = [join(path, 'cert.pem'), join(path, 'key.pem')]
    const key256 = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
    const options = `req -x509 ${key256} -days 1 -subj /CN=localhost`.split(' ')
    execFileSync('openssl', [...options, '-keyout', key, '-out', cert])
    const hub = new StreamHub(source())
    const port = await open(hub, { tls: { cert, key }, token: 'a-long-enough-token' })
    const socket = connectTls({
      host: '127.0.0.1',
      port,
      ca: readFileSync(cert),
      servername: 'localhost',
    })
    await once(socket, 'secureConnect')
    socket.write('a-long-enough-token\n')
    const lines = linesOf(socket)
    await until(() => lines.length === 1)
    expect(lines[0]?.type).toBe('agent_hello')
    socket.destroy()
  })
})

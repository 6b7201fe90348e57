import { once } from 'node:events'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TargetLost } from '../../exporter/transport.ts'
import { programMissing, skipUnless } from '../skip.ts'
import { until } from '../until.ts'
import { makeAuthority, makeCertificate } from './certificates.ts'
import type { Certificate } from './certificates.ts'
import { exportUs } from './encoding.ts'
import { batchWith, shapes, targetOf } from './flows.ts'
import { Reader, splitIpfix } from './reading.ts'
import { collectUdp, makeTarget } from './sending.ts'

const batch = batchWith(shapes, [])
let directory = ''

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'flowledger-export-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Why a target could not be opened. */
async function lossOf(opening: Promise<void>): Promise<TargetLost> {
  const error: unknown = await opening.then(
    () => undefined,
    (reason: unknown) => reason
  )
  if (error instanceof TargetLost) return error
  throw new Error(`opened, or failed otherwise: ${String(error)}`)
}

describe('UDP', () => {
  test.each(['127.0.0.1', '::1'])('to %s: never fragmented, templates first', async (address) => {
    const collector = await collectUdp(address)
    const shown = address.includes(':') ? `[${address}]` : address
    const target = makeTarget(targetOf({ address: `${shown}:${collector.port}`, source: address }))
    await target.open(exportUs)
    for (let i = 0; i < 50; i++) await target.tell(batch, 'slices', exportUs)
    await target.flush(exportUs)
    await until(() => collector.messages.length >= target.counters.messages)
    const records = collector.messages.flatMap((message) => message.records)
    expect(records).toHaveLength(50 * shapes.length)
    expect(collector.reader.lost).toBe(0)
    const headers = address.includes(':') ? 48 : 28
    expect(Math.max(...collector.raw.map(({ length }) => length))).toBeLessThanOrEqual(
      1500 - headers
    )
    await target.close()
    await collector.close()
  })

  test('a collector that is gone is noticed; one that comes gets templates and decodes', async () => {
    const first = await collectUdp()
    const { port } = first
    const target = makeTarget(targetOf({ address: `127.0.0.1:${port}` }))
    await target.open(exportUs)
    await target.tell(batch, 'slices', exportUs)
    await target.flush(exportUs)
    await until(() => first.messages.length > 0)
    await first.close()
    const lost = (async () => {
      for (;;) {
        await target.tell(batch, 'slices', exportUs)
        await target.flush(exportUs)
      }
    })()
    expect((await lossOf(lost)).reason).toBe('refused')
    expect(target.isOpen).toBe(false)
    const sequence = target.sequence
    const second = await collectUdp('127.0.0.1', port)
    await target.open(exportUs)
    await target.tell(batch, 'slices', exportUs)
    await target.flush(exportUs)
    await until(() => second.messages.flatMap(({ records }) => records).length === shapes.length)
    expect(second.reader.lost).toBe(0)
    expect(second.messages[0]?.sequence).toBe(sequence)
    await target.close()
    await second.close()
  })

  test('templates come again after so many packets, and after so long', async () => {
    const collector = await collectUdp()
    const address = `127.0.0.1:${collector.port}`
    const target = makeTarget(targetOf({ address, template_packets: 3, template_refresh: '10s' }))
    await target.open(exportUs)
    for (let i = 0; i < 12; i++) {
      await target.tell(batch, 'slices', exportUs)
      await target.flush(exportUs)
    }
    await target.flush(exportUs + 11e6)
    await until(() => collector.messages.length >= target.counters.messages)
    const withTemplates = collector.messages.flatMap(({ templates }, index) =>
      templates > 1 ? [index] : []
    )
    expect(withTemplates.length).toBeGreaterThanOrEqual(5)
    for (const [i, index] of withTemplates.entries()) {
      expect(index - (withTemplates[i - 1] ?? index)).toBeLessThanOrEqual(4)
    }
    await target.close()
    await collector.close()
  })

  test('a name without an address, and a source that is not ours', async () => {
    const nowhere = makeTarget(targetOf({ address: 'collector.invalid:4739' }))
    expect((await lossOf(nowhere.open(exportUs))).reason).toBe('unresolved')
    const foreign = makeTarget(targetOf({ address: '127.0.0.1:9', source: '192.0.2.77' }))
    expect((await lossOf(foreign.open(exportUs))).reason).toBe('unreachable')
    expect(nowhere.losses).toEqual({ unresolved: 1 })
  })
})

/** A server that keeps what it is sent. */
async function collectStream(server: Server): Promise<{ port: number; bytes: () => Buffer }> {
  const parts: Buffer[] = []
  const take = (socket: Socket): void => {
    socket.on('data', (part: Buffer) => parts.push(part))
    socket.on('error', () => {})
  }
  server.on('connection', take)
  server.on('secureConnection', (socket: Socket) => {
    parts.length = 0
    take(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, bytes: () => Buffer.concat(parts) }
}

function readAll(bytes: Buffer): { records: number; lost: number; sequences: boolean } {
  const reader = new Reader()
  let expected = 0
  let records = 0
  let sequences = true
  for (const message of splitIpfix(bytes).map((one) => reader.read(one))) {
    sequences &&= message.sequence === expected
    expected += message.records.length + message.options.length
    records += message.records.length
  }
  return { records, lost: reader.lost, sequences }
}

describe('TCP', () => {
  test('a session holds its templates once, and the next one begins anew', async () => {
    const sockets: Socket[] = []
    const server = createServer((socket) => sockets.push(socket))
    const { port, bytes } = await collectStream(server)
    const target = makeTarget(targetOf({ address: `127.0.0.1:${port}`, transport: 'tcp' }))
    for (const round of [1, 2]) {
      await target.open(exportUs)
      for (let i = 0; i < 100; i++) await target.tell(batch, 'slices', exportUs)
      await target.flush(exportUs)
      await target.close()
      expect(target.sessions).toBe(round)
    }
    const whole = bytes()
    // Two sessions of the same octets: each can be read by itself.
    const half = whole.subarray(0, whole.length / 2)
    expect(readAll(half)).toEqual({ records: 100 * shapes.length, lost: 0, sequences: true })
    // The statistics of the second session differ from those of the first; its records do not.
    expect(readAll(whole.subarray(half.length)).records).toBe(100 * shapes.length)
    server.close()
  })

  test('a peer that breaks the connection is noticed', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', () => socket.resetAndDestroy())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const target = makeTarget(targetOf({ address: `127.0.0.1:${port}`, transport: 'tcp' }))
    await target.open(exportUs)
    const telling = (async () => {
      for (;;) {
        await target.tell(batch, 'slices', exportUs)
        await target.flush(exportUs)
      }
    })()
    expect((await lossOf(telling)).reason).toBe('unreachable')
    server.close()
    await once(server, 'close')
    expect((await lossOf(target.open(exportUs))).reason).toBe('refused')
    expect(target.losses).toEqual({ unreachable: 1, refused: 1 })
  })
})

describe.skipIf(skipUnless('program', programMissing('openssl')))('TLS', () => {
  let trusted: Certificate
  let ours: Certificate
  let strange: Certificate
  let client: Certificate

  beforeAll(() => {
    trusted = makeAuthority(directory, 'trusted')
    makeAuthority(directory, 'other')
    ours = makeCertificate(directory, 'trusted', 'collector', 'DNS:collector.example,IP:127.0.0.1')
    client = makeCertificate(directory, 'trusted', 'gateway', 'DNS:gateway.example')
    strange = makeCertificate(directory, 'other', 'strange', 'IP:127.0.0.1')
  })

  const serve = (one: Certificate, wantsClient = false): Server =>
    createTlsServer({
      cert: readFileSync(one.certificate),
      key: readFileSync(one.key),
      ca: readFileSync(trusted.certificate),
      requestCert: wantsClient,
      rejectUnauthorized: wantsClient,
    }).on('tlsClientError', () => {})

  const settings = (port: number, tls: object): Record<string, unknown> => ({
    address: `127.0.0.1:${port}`,
    transport: 'tls',
    tls: { ca_file: trusted.certificate, ...tls },
  })

  test('a certificate that holds is taken, ours is shown, and everything arrives', async () => {
    const server = serve(ours, true)
    const { port, bytes } = await collectStream(server)
    const files = { certificate_file: client.certificate, key_file: client.key }
    const target = makeTarget(
      targetOf(settings(port, { ...files, server_name: 'collector.example' }))
    )
    await target.open(exportUs)
    await target.tell(batch, 'slices', exportUs)
    await target.flush(exportUs)
    await target.close()
    expect(readAll(bytes())).toEqual({ records: shapes.length, lost: 0, sequences: true })
    server.close()
  })

  test.each([
    ['of an authority that nobody trusts', () => strange, {}],
    ['for another name', () => ours, { server_name: 'somebody.example' }],
  ] as const)('a certificate %s is refused, said and counted', async (_, which, tls) => {
    const server = serve(which())
    const { port, bytes } = await collectStream(server)
    const target = makeTarget(targetOf(settings(port, tls)))
    const lost = await lossOf(target.open(exportUs))
    expect(lost.reason).toBe('untrusted')
    expect(lost.message).toMatch(/^the certificate of 127\.0\.0\.1:\d+: /)
    expect(target.losses).toEqual({ untrusted: 1 })
    expect(splitIpfix(Buffer.alloc(0))).toEqual([])
    // What the server got is the handshake, no message.
    expect(bytes().includes(Buffer.from([0, 10]))).toBe(false)
    server.close()
  })
})

describe('IPFIX files', () => {
  test('are whole once they have their name, and each can be read by itself', async () => {
    const path = join(directory, 'files')
    const target = makeTarget(targetOf({ path, name: 'to-file' }))
    for (let round = 0; round < 2; round++) {
      await target.open(exportUs)
      await target.tell(batch, 'slices', exportUs)
      await target.flush(exportUs)
      expect(readdirSync(path).filter((name) => name.endsWith('.part'))).toHaveLength(1)
      await target.close()
    }
    const files = readdirSync(path)
    expect(files).toHaveLength(2)
    for (const file of files) {
      expect(file).toMatch(/^to-file-\d{8}T\d{6}Z(-1)?\.ipfix$/)
      const read = readAll(readFileSync(join(path, file)))
      expect(read).toEqual({ records: shapes.length, lost: 0, sequences: true })
    }
  })
})

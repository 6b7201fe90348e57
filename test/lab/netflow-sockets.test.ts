import { createSocket } from 'node:dgram'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { NetflowThread } from '../../appliance/netflow/thread.ts'
import { netflowConfigOf, netflowSchema } from '../../model/netflow-settings.ts'
import { flowFields, flowRecord, ipfix, set, template } from '../collector/netflow/messages.ts'
import { makeAuthority, makeCertificate } from '../exporter/certificates.ts'
import { programMissing, skipUnless } from '../skip.ts'
import { until } from '../until.ts'

let directory = ''
let thread: NetflowThread | undefined

async function listen(settings: object): Promise<void> {
  thread = await NetflowThread.start({
    source: 'lab netflow',
    spoolDir: join(directory, 'spool'),
    spoolMaxBytes: 1 << 30,
    syncBytes: 1 << 20,
    syncIntervalMs: 100,
    netflow: netflowConfigOf(netflowSchema.parse(settings)),
    networks: { inside: [], local: [] },
  })
}

async function portOf(kind: string): Promise<number> {
  const addresses = (await thread?.status())?.addresses ?? []
  return Number(
    addresses
      .find((one) => one.startsWith(kind))
      ?.split(':')
      .at(-1)
  )
}

const records = async (): Promise<number> => (await thread?.status())?.records ?? 0

function message(domain: number): Buffer {
  const seconds = Math.floor(Date.now() / 1000)
  return ipfix({ seconds, domain }, set(2, template(256, flowFields)), set(256, flowRecord()))
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flowledger-netflow-'))
})

afterEach(async () => {
  await thread?.stop()
  thread = undefined
  rmSync(directory, { recursive: true })
})

test('one IPv6 socket hears both families, and tells their exporters apart', async () => {
  await listen({ listen: ['[::]:0'] })
  const port = await portOf('udp')
  for (const [kind, to] of [
    ['udp6', '::1'],
    ['udp4', '127.0.0.1'],
  ] as const) {
    const socket = createSocket(kind)
    await new Promise<void>((resolve) => socket.send(message(3), port, to, () => resolve()))
    socket.close()
  }
  await until(async () => (await records()) >= 2)
  const heard = (await thread?.exporters()) ?? []
  expect(heard.map(({ address }) => address).sort()).toEqual(['127.0.0.1', '::1'])
})

test.skipIf(skipUnless('program', programMissing('openssl')))(
  'IPFIX over TLS, of who shows a certificate of the authority and of nobody else',
  async () => {
    const { certificate: ca } = makeAuthority(directory, 'authority')
    const server = makeCertificate(directory, 'authority', 'collector', 'IP:127.0.0.1')
    const client = makeCertificate(directory, 'authority', 'exporter', 'DNS:exporter')
    await listen({ listen: [], tls: { listen: ['127.0.0.1:0'], ...server, client_ca: ca } })
    const port = await portOf('tcp')
    const to = { host: '127.0.0.1', port, ca: readFileSync(ca) }
    const stranger = connect(to)
    stranger.on('error', () => {})
    stranger.write(message(1))
    await new Promise((resolve) => stranger.on('close', resolve))
    expect(await records()).toBe(0)
    const shown = { cert: readFileSync(client.certificate), key: readFileSync(client.key) }
    const known = connect({ ...to, ...shown })
    const bytes = message(2)
    known.write(bytes.subarray(0, 21))
    known.write(bytes.subarray(21))
    await until(async () => (await records()) >= 1)
    known.destroy()
    expect((await thread?.exporters())?.map(({ domain }) => domain)).toEqual([2])
  }
)

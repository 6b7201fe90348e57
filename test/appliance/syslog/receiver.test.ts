import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startSyslogReceiver } from '../../../appliance/syslog/receiver.ts'
import type { SyslogReceiver } from '../../../appliance/syslog/receiver.ts'
import { readUdpDrops } from '../../../collector/syslog/udp-drops.ts'
import { noNetworks } from '../../../model/nat-view.ts'
import { syslogConfigOf, syslogSchema } from '../../../model/syslog-sources.ts'
import { until } from '../../until.ts'

const line = '<134>1 2026-03-01T12:00:00Z gw nat - - - A VRF 0 6 INT 10.0.0.5:1 EXT 192.0.2.1:2'

describe('the syslog receiver', () => {
  let folder = ''
  let receiver: SyslogReceiver | undefined
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flowledger-receiver-'))
  })
  afterEach(async () => {
    await receiver?.stop()
    receiver = undefined
    rmSync(folder, { recursive: true })
  })

  async function start(config: object): Promise<number> {
    receiver = await startSyslogReceiver({
      config: syslogConfigOf(syslogSchema.parse(config)),
      source: 'test syslog',
      spoolDir: join(folder, 'spool'),
      spoolMaxBytes: 1 << 30,
      syncBytes: 1 << 20,
      syncIntervalMs: 20,
      networks: noNetworks,
    })
    return Number(receiver.addresses[0]?.split(':').at(-1))
  }

  const udp = [{ transport: 'udp', listen: '127.0.0.1:0' }]
  const linesOf = (name: string): number =>
    receiver?.status().senders.find((sender) => sender.name === name)?.lines ?? 0

  test('hears who may send, each under a name of its own, and counts the others', async () => {
    const port = await start({
      listeners: udp,
      sources: [
        { name: 'one', from: '127.0.0.2' },
        { name: 'site', from: ['127.0.1.0/24'] },
      ],
    })
    for (const address of ['127.0.0.2', '127.0.1.7', '127.0.1.8', '127.0.0.9']) {
      const socket = createSocket('udp4')
      await new Promise<void>((resolve) => socket.bind(0, address, resolve))
      await new Promise((resolve) => socket.send(line, port, '127.0.0.1', resolve))
      socket.close()
    }
    await until(() => receiver?.status().refused['sender-unknown'] === 1)
    await until(() => linesOf('site 127.0.1.8') === 1)
    expect(receiver?.status().senders.map(({ name }) => name)).toEqual([
      'one',
      'site 127.0.1.7',
      'site 127.0.1.8',
    ])
  })

  test('behind a relay, a gateway is who its line says it is, where the relay may say so', async () => {
    const port = await start({
      listeners: [{ transport: 'tcp', listen: '127.0.0.1:0' }],
      sources: [
        { name: 'cgn1', from: '127.0.0.1', hosts: 'CGN1.example' },
        { name: 'west', from: '127.0.0.1', hosts: ['fw1', '198.51.100.7'] },
        { name: 'relay', from: '127.0.0.3' },
      ],
    })
    const old = 'A VRF 0 6 INT 10.0.0.5:3 EXT 192.0.2.1:4'
    const lines = [
      line.replace(' gw ', ' cgn1.Example '),
      line.replace(' gw ', ' fw1 '),
      `<134>Mar  1 12:00:00 198.51.100.7 nat: ${old}`,
      line.replace(' gw ', ' nobody '),
      '<134>no time, no host',
      line.replace(' gw ', ' fw1 '),
    ]
    const socket = connectTcp(port, '127.0.0.1')
    socket.write(lines.map((text) => `${text}\n`).join(''))
    await until(() => linesOf('west fw1') === 2)
    expect(receiver?.status().senders.map(({ name, events }) => [name, events])).toEqual([
      ['cgn1', 1],
      ['west fw1', 2],
      ['west 198.51.100.7', 1],
    ])
    expect(receiver?.status().refused).toMatchObject({ 'host-unknown': 2, 'sender-unknown': 0 })
    socket.destroy()
  })

  test('closes the connection of who may not send', async () => {
    const port = await start({
      listeners: [{ transport: 'tcp', listen: '127.0.0.1:0' }],
      sources: [{ name: 'one', from: '127.0.0.2' }],
    })
    const socket = connectTcp({ port, host: '127.0.0.1' })
    socket.on('error', () => {})
    socket.write(`${line}\n`)
    await new Promise((resolve) => socket.on('close', resolve))
    expect(receiver?.status().senders).toEqual([])
    expect(receiver?.status().refused['sender-unknown']).toBeGreaterThan(0)
  })

  test('takes TLS, and octet counts in it', async () => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const request = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-subj', '/CN=test']
    const files = ['-nodes', '-days', '2', '-keyout', key, '-out', cert]
    execFileSync('openssl', ['req', '-x509', ...request, ...files], { stdio: 'ignore' })
    const port = await start({
      listeners: [{ transport: 'tls', listen: '127.0.0.1:0', cert_file: cert, key_file: key }],
      sources: [{ name: 'one', from: '127.0.0.1' }],
    })
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    socket.end(`${line.length} ${line}`)
    await until(() => linesOf('one') === 1)
    // Who speaks no TLS there harms nobody.
    const other = connectTcp({ port, host: '127.0.0.1' })
    other.on('error', () => {})
    other.write(`${line}\n`)
    await new Promise((resolve) => other.on('close', resolve))
    expect(linesOf('one')).toBe(1)
  })

  test('garbage, huge messages and one-octet datagrams cost the next message nothing', async () => {
    const port = await start({ listeners: udp, sources: [{ name: 'one', from: '127.0.0.1' }] })
    const socket = createSocket('udp4')
    const datagrams = [
      Buffer.from([0]),
      Buffer.alloc(60_000, 0x41),
      Buffer.from(Array.from({ length: 2000 }, (_, i) => (i * 7) & 255)),
      Buffer.from('<134>1 '),
      Buffer.from(line),
    ]
    for (const one of datagrams) {
      await new Promise((resolve) => socket.send(one, port, '127.0.0.1', resolve))
    }
    socket.close()
    await until(() => receiver?.status().senders[0]?.events === 1)
    expect(receiver?.status().refused['message-too-long']).toBe(1)
  })

  test('a port that is taken is an error that says so', async () => {
    const other = createSocket('udp4')
    await new Promise<void>((resolve) => other.bind(0, '127.0.0.1', resolve))
    const listen = `127.0.0.1:${other.address().port}`
    const sources = [{ name: 'one', from: '127.0.0.1' }]
    await expect(start({ listeners: [{ listen }], sources })).rejects.toMatchObject({
      code: 'port-in-use',
    })
    other.close()
  })
})

test('drops are those of the sockets of the port', () => {
  const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  100: 0100007F:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0000000000000000 7
  101: 00000000:0203 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 2 2 0000000000000000 9
`
  const read = (path: string): string => {
    if (path.endsWith('6')) throw new Error('no IPv6')
    return text
  }
  expect(readUdpDrops(514, read)).toBe(7)
  expect(readUdpDrops(1, read)).toBe(0)
})

import type { ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startFlowledger } from '../cli/run-flowledger.ts'
import { flowFields, flowRecord, ipfix, set, template } from '../collector/netflow/messages.ts'
import { embeddedPostgresMissing, skipUnless } from '../skip.ts'
import { until } from '../until.ts'

const folder = mkdtempSync(join(tmpdir(), 'flowledger-exporters-'))
chmodSync(folder, 0o711)
const common = ['--config', join(folder, 'config.yaml'), '--data-dir', join(folder, 'data')]
const config = `
api: { listen: 127.0.0.1:0 }
collector:
  conntrack: { enabled: false }
  netflow: { listen: ["127.0.0.1:0"] }
`

/** Starts a half of the program; gives what it said of where it listens. */
async function start(command: string, listens: RegExp): Promise<[ChildProcess, string]> {
  const child = startFlowledger([command, ...common])
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
  await until(() => listens.test(said))
  return [child, listens.exec(said)?.[1] ?? '']
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  await once(child, 'exit')
}

describe.skipIf(skipUnless('postgres', embeddedPostgresMissing()))('where serve is alone', () => {
  const children: ChildProcess[] = []
  let api = ''
  let port = 0

  beforeAll(async () => {
    writeFileSync(join(folder, 'config.yaml'), config)
    const [collect, bound] = await start('collect', /udp 127\.0\.0\.1:(\d+)/)
    port = Number(bound)
    const [serve, address] = await start('serve', /(http:\/\/[\d.:]+) /)
    api = address
    children.push(serve, collect)
  })
  afterAll(async () => {
    for (const child of children) await stop(child)
    rmSync(folder, { recursive: true })
  })

  async function get(path: string): Promise<Response> {
    const token = readFileSync(join(folder, 'data', 'admin-token'), 'utf8').trim()
    return fetch(`${api}${path}`, { headers: { Authorization: `Bearer ${token}` } })
  }

  async function send(datagram: Buffer): Promise<void> {
    const socket = createSocket('udp4')
    socket.send(datagram, port, '127.0.0.1', () => socket.close())
    await once(socket, 'close')
  }

  const list = async (): Promise<Record<string, unknown>[]> =>
    ((await (await get('/v1/exporters')).json()) as { exporters: Record<string, unknown>[] })
      .exporters

  test('the exporters are those of the collector, with templates and bad datagrams', async () => {
    expect(await list()).toEqual([])
    await send(ipfix({ domain: 7 }, set(2, template(256, flowFields)), set(256, flowRecord())))
    await send(ipfix({ domain: 7, sequence: 1 }, Buffer.from([1, 0, 0, 2])))
    await until(async () => (await list())[0]?.['bad_datagrams'] === 1)
    expect(await list()).toMatchObject([
      { name: '127.0.0.1 domain 7', version: 10, records: 1, templates: 1, restarts: 0 },
    ])
    const name = encodeURIComponent('127.0.0.1 domain 7')
    const detail = (await (await get(`/v1/exporters/${name}`)).json()) as {
      template_list: { id: number; fields: unknown[] }[]
    }
    expect(detail.template_list.map(({ id, fields }) => [id, fields.length])).toEqual([
      [256, flowFields.length],
    ])
    const pcap = Buffer.from(await (await get(`/v1/exporters/${name}/bad-datagrams`)).arrayBuffer())
    expect(pcap.readUInt32LE(0)).toBe(0xa1b2c3d4)
    expect((await get('/v1/exporters/nobody')).status).toBe(404)
  })

  test('without the collector nobody knows, which is no empty list', async () => {
    const collector = children.pop()
    if (collector !== undefined) await stop(collector)
    const response = await get('/v1/exporters')
    expect(response.status).toBe(503)
  })
})

import { once } from 'node:events'
import { createSocket } from 'node:dgram'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startFlowledger } from '../cli/run-flowledger.ts'
import { ip, ipfix, set, template, u, v9 } from '../collector/netflow/messages.ts'
import type { FieldSpec } from '../collector/netflow/messages.ts'
import { embeddedPostgresMissing, skipUnless } from '../skip.ts'
import { until } from '../until.ts'

const folder = mkdtempSync(join(tmpdir(), 'flowledger-answers-'))
chmodSync(folder, 0o711)
const common = ['--config', join(folder, 'config.yaml'), '--data-dir', join(folder, 'data')]
const config = `
api: { listen: 127.0.0.1:0 }
collector:
  conntrack: { enabled: false }
  netflow:
    listen: ["127.0.0.1:0"]
    exporters: [{ address: 127.0.0.1, name: gw, active_timeout: 1s }]
`

interface Answer {
  readonly verdict: string
  readonly candidates: readonly {
    readonly inside: { readonly ip: string; readonly port: number }
  }[]
}

const insideOf = ({ candidates }: Answer): string[] =>
  candidates.map(({ inside }) => `${inside.ip} ${inside.port}`)

describe.skipIf(skipUnless('postgres', embeddedPostgresMissing()))('answers from NetFlow', () => {
  let up: ChildProcess
  let port = 0
  let api = ''
  const nowMs = Math.floor(Date.now() / 1000) * 1000
  const seconds = nowMs / 1000
  let sequence = 0

  async function send(datagram: Buffer): Promise<void> {
    const socket = createSocket('udp4')
    socket.send(datagram, port, '127.0.0.1', () => socket.close())
    await once(socket, 'close')
  }

  beforeAll(async () => {
    writeFileSync(join(folder, 'config.yaml'), config)
    up = startFlowledger(['up', ...common])
    let said = ''
    up.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
    await until(() => /udp 127\.0\.0\.1:(\d+)[\s\S]*Stop with Ctrl-C/.test(said))
    api = /http:\/\/[\d.:]+/.exec(said)?.[0] ?? ''
    port = Number(/udp 127\.0\.0\.1:(\d+)/.exec(said)?.[1])
  })
  afterAll(async () => {
    up.kill('SIGTERM')
    await once(up, 'exit')
    rmSync(folder, { recursive: true })
  })

  const session = (family: 'v4' | 'v6'): readonly FieldSpec[] => [
    [323, 8],
    [230, 1],
    family === 'v4' ? [8, 4] : [27, 16],
    [225, 4],
    [4, 1],
    [7, 2],
    [227, 2],
    family === 'v4' ? [12, 4] : [28, 16],
    [11, 2],
  ]
  const event = (number: number, atMs: number, inside: string, publicPort: number, to: string) =>
    Buffer.concat([
      u(atMs, 8),
      u(number, 1),
      ip(inside),
      ip('192.0.2.1'),
      u(6, 1),
      u(40_000, 2),
      u(publicPort, 2),
      ip(to),
      u(443, 2),
    ])

  /** What a look-up says of an address and port at an instant. */
  async function lookup(endpoint: string, atMs: number): Promise<Answer> {
    const [address = '', asked = ''] = endpoint.split(':')
    const token = readFileSync(join(folder, 'data', 'admin-token'), 'utf8').trim()
    const at = new Date(atMs).toISOString()
    const query = new URLSearchParams({ ip: address, port: asked, at, purpose: 'test' })
    const headers = { Authorization: `Bearer ${token}` }
    const response = await fetch(`${api}/v1/lookup?${query.toString()}`, { headers })
    if (!response.ok) throw new Error(await response.text())
    return (await response.json()) as Answer
  }

  /** Asks until the rows have come into the ledger. */
  async function answered(endpoint: string, atMs: number): Promise<Answer> {
    let answer = await lookup(endpoint, atMs)
    await until(async () => {
      answer = await lookup(endpoint, atMs)
      return answer.candidates.length > 0
    })
    return answer
  }

  test('of a NAT that logs sessions, closed and open, of a NAT64, a block and an ASA', async () => {
    const asa: readonly FieldSpec[] = [
      [8, 4],
      [7, 2],
      [12, 4],
      [11, 2],
      [4, 1],
      [225, 4],
      [226, 4],
      [227, 2],
      [228, 2],
      [233, 1],
      [323, 8],
    ]
    const asaEvent = (number: number, atMs: number): Buffer =>
      Buffer.concat([
        ip('10.0.0.9'),
        u(50_000, 2),
        ip('198.51.100.9'),
        u(443, 2),
        u(6, 1),
        ip('192.0.2.2'),
        ip('198.51.100.9'),
        u(62_000, 2),
        u(443, 2),
        u(number, 1),
        u(atMs, 8),
      ])
    const block: readonly FieldSpec[] = [
      [323, 8],
      [230, 1],
      [8, 4],
      [225, 4],
      [361, 2],
      [362, 2],
    ]
    const head = { seconds, sequence: sequence++ }
    await send(
      ipfix(
        { ...head, domain: 1 },
        set(2, template(300, session('v4')), template(301, session('v6')), template(302, block)),
        set(300, event(4, nowMs - 60_000, '10.0.0.7', 61_284, '198.51.100.9')),
        set(300, event(5, nowMs - 10_000, '10.0.0.7', 61_284, '198.51.100.9')),
        set(300, event(4, nowMs - 60_000, '10.0.0.8', 61_285, '198.51.100.9')),
        set(301, event(6, nowMs - 60_000, '2001:db8::7', 61_286, '64:ff9b::c633:6409')),
        set(301, event(7, nowMs - 10_000, '2001:db8::7', 61_286, '64:ff9b::c633:6409')),
        set(
          302,
          u(nowMs - 60_000, 8),
          u(16, 1),
          ip('10.0.0.77'),
          ip('192.0.2.3'),
          u(1024, 2),
          u(2047, 2)
        )
      )
    )
    await send(
      v9(
        { seconds, domain: 2 },
        set(0, template(263, asa)),
        set(263, asaEvent(1, nowMs - 60_000), asaEvent(2, nowMs - 10_000))
      )
    )
    const at = nowMs - 30_000
    expect(insideOf(await answered('192.0.2.1:61284', at))).toEqual(['10.0.0.7 40000'])
    expect(insideOf(await answered('192.0.2.1:61285', at))).toEqual(['10.0.0.8 40000'])
    expect(insideOf(await answered('192.0.2.1:61286', at))).toEqual(['2001:db8::7 40000'])
    expect(insideOf(await answered('192.0.2.2:62000', at))).toEqual(['10.0.0.9 50000'])
    const [holder] = (await answered('192.0.2.3:1500', at)).candidates
    expect(holder?.inside.ip).toBe('10.0.0.77')
  })
})

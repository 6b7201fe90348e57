import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { programMissing, skipUnless } from '../skip.ts'
import { until } from '../until.ts'
import { labMissing, makeLab } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'
import { programArgv } from '../cli/run-flowledger.ts'

/** The stream as people read it, at a running gateway through which real connections go. */

/** As in the documentation; `jq` at the end of a pipe would gather its lines. */
const jq = `jq --unbuffered -r 'select(.type=="flow") | .flow | "\\(.other_port) \\(.detected_protocol_name)"'`

/** Sends the first message of WireGuard from ports of its own to each port that it is told. */
const clientCode = `
const dgram = require('node:dgram')
const hello = Buffer.alloc(148, 7)
hello.writeUInt32LE(1, 0)
for (const port of process.argv.slice(1)) {
  const socket = dgram.createSocket('udp4').on('error', () => {})
  socket.send(hello, Number(port), '198.51.100.2', () => socket.close())
}`

const isSkipped =
  skipUnless('kernel', labMissing() ?? programMissing('nft')) ||
  skipUnless('program', programMissing('nc') ?? programMissing('jq'))

describe.skipIf(isSkipped)('readers of the stream', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-lab-readers-'))
  const path = join(folder, 'stream.sock')
  let lab: Lab
  let up: ChildProcess

  const inGateway = (...argv: readonly string[]): ChildProcess =>
    lab.topology.spawn(lab.topology.gateway, argv, { stdio: ['pipe', 'pipe', 'inherit'] })

  /** Reads by a line of the shell; gives what it has printed so far. */
  function readBy(command: string): () => string {
    let text = ''
    inGateway('sh', '-c', `${command} | ${jq}`).stdout?.on('data', (part: Buffer) => {
      text += part.toString()
    })
    return () => text
  }

  function connectTo(...ports: readonly number[]): void {
    const argv = [process.execPath, '-e', clientCode, ...ports.map(String)]
    lab.topology.spawn(lab.topology.hosts[0]?.namespace ?? '', argv, { stdio: 'inherit' })
  }

  const metric = async (name: string): Promise<number> =>
    Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await lab.request('/metrics'))?.[1])

  beforeAll(async () => {
    const settings = `stream: { unix: ${path}, tcp: 127.0.0.1:7150, update_interval: 1s }\n`
    lab = await makeLab({ hosts: 1 }, settings, undefined, '{ enabled: true }')
    up = await lab.up()
    const argv = [process.execPath, ...programArgv, 'capture', 'install']
    await lab.topology.run(lab.topology.gateway, argv)
  })
  afterAll(async () => {
    await lab?.close()
    rmSync(folder, { recursive: true })
  })

  test('nc and jq read both sockets, and one that stands still is dropped alone', async () => {
    const readers = [readBy(`nc -U ${path}`), readBy('nc 127.0.0.1 7150')]
    await until(async () => (await metric('flowledger_stream_readers')) === 2)
    const heard = (port: number): boolean =>
      readers.every((said) => new RegExp(`^${port} WIREGUARD$`, 'm').test(said()))
    connectTo(51_820, 40_001)
    await until(() => heard(51_820) && heard(40_001))

    // It asks for more than may wait for it, and takes nothing.
    const still = createConnection({ path })
    still.pause()
    const closed = once(still, 'close')
    still.on('error', () => {}).write('applications\n'.repeat(4000))
    await until(async () => (await metric('flowledger_stream_readers_dropped_total')) === 1)
    connectTo(40_002)
    await until(() => heard(40_002))
    expect(await metric('flowledger_stream_readers')).toBe(2)
    expect(await metric('flowledger_capture_lost_total')).toBe(0)
    still.resume()
    await closed

    await lab.end(up, 'SIGTERM')
    expect(up.exitCode).toBe(0)
  })
})

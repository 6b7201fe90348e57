import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { linesOf } from '../exporter/stream/source.ts'
import type { Line } from '../exporter/stream/source.ts'
import { postgresMissing, usePostgres } from '../postgres.ts'
import { namespacesMissing, skipUnless } from '../skip.ts'
import { until } from '../until.ts'
import { programArgv } from '../cli/run-flowledger.ts'

/**
 * What clients asked DNS for, and which flows are known, over a restart of the real program: by a
 * signal and by a kill. It reads the loopback of a network namespace of its own.
 */

const namespace = `fl-kept-${process.pid}`
const inside = '10.0.0.1'
const zoom = '198.51.100.9'
const peer = '198.51.100.10'

/** A name server that knows one answer, a TCP server, and a UDP server that says nothing. */
const worldCode = `
const dgram = require('node:dgram'), net = require('node:net')
const names = dgram.createSocket('udp4')
const answer = Buffer.from('c00c000100010000003c0004c6336409', 'hex')
answer.writeUInt16BE(3600, 8)
names.on('message', (question, from) => {
  question.writeUInt16BE(0x8180, 2)
  question.writeUInt16BE(1, 6)
  names.send(Buffer.concat([question, answer]), from.port, from.address)
})
const stun = dgram.createSocket('udp4')
const server = net.createServer((socket) => socket.on('error', () => {}).resume())
names.bind(53, '${inside}', () => stun.bind(4567, '${peer}', () =>
  server.listen(4568, '${zoom}', () => console.log('ready'))))`

/** Asks for the name: transaction, flags, one question, us02web.zoom.us, A, IN (RFC 1035). */
const askCode = `
const socket = require('node:dgram').createSocket('udp4')
const name = Buffer.from('\\x07us02web\\x04zoom\\x02us\\0\\0\\x01\\0\\x01', 'latin1')
const head = Buffer.from('1234' + '0100' + '0001' + '000000000000', 'hex')
socket.bind(0, '${inside}', () => socket.send(Buffer.concat([head, name]), 53, '${inside}'))
socket.on('message', () => socket.close())`

/** Says the same octets over UDP to the peer, twenty times, always from one port. */
const sayCode = `
const socket = require('node:dgram').createSocket('udp4')
const octets = Buffer.from(process.argv[1], 'hex')
let left = 20
const next = () => (left-- > 0 ? socket.send(octets, 4567, '${peer}', next) : socket.close())
socket.bind(40001, '${inside}', next)`

/** Octets that nothing recognises, to the address that DNS told, as many segments as are looked at. */
const connectCode = `
const socket = require('node:net').connect({ host: '${zoom}', port: 4568,
  localAddress: '${inside}' }).setNoDelay()
const octets = Buffer.from(Array.from({ length: 60 }, (_, i) => 0x80 + ((i * 37) % 120)))
let left = 20
const next = () => (left-- > 0 ? socket.write(octets, () => setTimeout(next, 5)) : socket.end())
socket.on('connect', next).resume()`

/** A binding request (RFC 8489 §5), with SOFTWARE. */
const binding = '0001000c2112a4420102030405060708090a0b0c802200057465737431000000'
const unsaid = 'f7e3aa0100000001f7e3'

function ip(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
}

const missing = namespacesMissing() ?? postgresMissing

describe.skipIf(skipUnless('kernel', missing))('what is kept over a restart', () => {
  const postgres = usePostgres()
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-kept-'))
  const [config, socketPath] = [join(folder, 'config.yaml'), join(folder, 'stream.sock')]
  const data = join(folder, 'data')
  const children: ChildProcess[] = []

  const start = (...args: readonly string[]): ChildProcess => {
    const argv = ['netns', 'exec', namespace, process.execPath, ...args]
    const child = spawn('ip', argv, { stdio: ['ignore', 'pipe', 'pipe'] })
    children.push(child)
    return child
  }

  const say = async (code: string, ...args: readonly string[]): Promise<void> => {
    const child = start('-e', code, ...args)
    child.stdout?.resume()
    await once(child, 'close')
  }

  /** The collector, and what its stream tells. */
  async function collect(): Promise<{ child: ChildProcess; lines: Line[] }> {
    const options = ['--config', config, '--data-dir', data, '--database', postgres.urls.collector]
    const child = start(...programArgv, 'collect', ...options)
    let said = ''
    for (const out of [child.stdout, child.stderr]) {
      out?.on('data', (part: Buffer) => (said += part.toString()))
    }
    await until(() => {
      if (child.exitCode !== null) throw new Error(said)
      return said.includes('The stream of flows is on')
    })
    const reader = createConnection({ path: socketPath })
    const lines = linesOf(reader)
    await until(() => lines.length > 0)
    return { child, lines }
  }

  const flowTo = (lines: readonly Line[], port: number): Line['flow'] =>
    lines.find(({ type, flow }) => type === 'flow_dpi_complete' && flow?.['other_port'] === port)
      ?.flow

  /** Shows the program a name, and the beginning of a flow. */
  async function learn(lines: readonly Line[]): Promise<void> {
    await say(askCode)
    await until(() => flowTo(lines, 53))
    // It is decided once STUN has told all that it may.
    await say(sayCode, binding)
    await until(() => flowTo(lines, 4567))
  }

  /** Flows of a program that knows neither name nor beginning but from before. */
  async function recognised(lines: readonly Line[]): Promise<void> {
    await say(connectCode)
    await until(() => flowTo(lines, 4568))
    expect(flowTo(lines, 4568)).toMatchObject({
      dns_host_name: 'us02web.zoom.us',
      dhc_hit: true,
      detected_application_name: 'netify.zoom',
    })
    // A flow that nothing recognises is decided after so many packets.
    await say(sayCode, unsaid)
    await until(() => flowTo(lines, 4567))
    expect(flowTo(lines, 4567)).toMatchObject({ detected_protocol_name: 'STUN', fhc_hit: true })
  }

  const isKept = (file: string, text: string): boolean =>
    existsSync(join(data, file)) && readFileSync(join(data, file), 'utf8').includes(text)

  beforeAll(async () => {
    ip('netns', 'add', namespace)
    ip('-n', namespace, 'link', 'set', 'lo', 'up')
    for (const address of [inside, zoom, peer]) {
      ip('-n', namespace, 'address', 'add', `${address}/32`, 'dev', 'lo')
    }
    writeFileSync(
      config,
      `applications: { keep_hints: true }
collector:
  conntrack: { enabled: false }
  capture: { interfaces: [lo], enabled: true }
stream: { unix: ${socketPath} }
`
    )
    const world = start('-e', worldCode)
    await once(world.stdout ?? world, 'data')
  })
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL')
    spawnSync('ip', ['netns', 'delete', namespace])
    rmSync(folder, { recursive: true })
  })

  test('after a kill, and after a signal, names and flows are known', async () => {
    // What is learned is written while the program runs: a kill takes nothing back.
    const first = await collect()
    await learn(first.lines)
    await until(() => isKept('dns-hints.ndjson', 'us02web.zoom.us'))
    await until(() => isKept('flow-memory.ndjson', 'stun'))
    first.child.kill('SIGKILL')
    await once(first.child, 'close')

    const second = await collect()
    await recognised(second.lines)
    for (const file of ['dns-hints.ndjson', 'flow-memory.ndjson']) rmSync(join(data, file))
    second.child.kill('SIGTERM')
    await once(second.child, 'close')

    const third = await collect()
    await recognised(third.lines)
    third.child.kill('SIGTERM')
    await once(third.child, 'close')
  })
})

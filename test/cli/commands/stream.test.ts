import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { tlsHello } from '../../classifier/protocols/tls-hello.ts'
import { ethernet, pcap, u16, u32 } from '../../collector/capture/build.ts'
import { listensAt } from '../../listening.ts'
import { programMissing, skipUnless } from '../../skip.ts'
import { until } from '../../until.ts'
import { runFlowledger, startFlowledger } from '../run-flowledger.ts'

const directory = mkdtempSync(join(tmpdir(), 'flowledger-stream-'))
afterAll(() => rmSync(directory, { recursive: true }))

type End = readonly [address: readonly number[], port: number]

const client: End = [[10, 0, 0, 1], 40_000]
const resolver: End = [[10, 0, 0, 53], 53]

function ip(protocol: number, from: End, to: End, payload: readonly number[]): Uint8Array {
  const head = [0x45, 0, ...u16(20 + payload.length), 0, 7, 0, 0, 64, protocol, 0, 0]
  return ethernet(0x0800, Uint8Array.of(...head, ...from[0], ...to[0], ...payload))
}

const udp = (from: End, to: End, data: readonly number[]): Uint8Array =>
  ip(17, from, to, [...u16(from[1]), ...u16(to[1]), ...u16(8 + data.length), 0, 0, ...data])

function tcp(from: End, to: End, sequence: number, flags: number, data: Uint8Array): Uint8Array {
  const head = [...u16(from[1]), ...u16(to[1]), ...u32(sequence), ...u32(1)]
  return ip(6, from, to, [...head, 0x50, flags, 0x20, 0, 0, 0, 0, 0, ...data])
}

const name = [...Buffer.from('\u0007us02web\u0004zoom\u0002us')]
const question = [...name, 0, 0, 1, 0, 1]
const asks = [0, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...question]
const answer = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 9]
const answers = [0, 9, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, ...question, ...answer]

const unsaid = Uint8Array.from({ length: 60 }, (_, i) => 0x80 + ((i * 37) % 120))
const frames = [
  udp(client, resolver, asks),
  udp(resolver, client, answers),
  tcp(client, [[203, 0, 113, 9], 4567], 1, 0x18, unsaid),
  tcp(client, [[203, 0, 113, 77], 443], 1, 0x18, tlsHello('i.ytimg.com')),
]
const capture = join(directory, 'capture.pcap')
const startUs = Date.UTC(2026, 2, 1) * 1000
writeFileSync(capture, pcap(frames.map((octets, i) => ({ octets, timeUs: startUs + i * 1000 }))))

const missing = ['nc', 'jq'].map(programMissing).find((reason) => reason !== undefined)

test.skipIf(skipUnless('program', missing))(
  'nc and jq read a capture as it is replayed',
  async () => {
    const socket = join(directory, 'stream.sock')
    const child = startFlowledger(['stream', '--pcap', capture, '--unix', socket])
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
    await until(() => listensAt(socket))
    const filter =
      'select(.type=="flow") | [.flow.other_ip, .flow.detected_protocol_name, .flow.detected_application_name, .flow.dns_host_name] | join(" ")'
    const reader = spawn('sh', ['-c', 'nc -U "$1" | jq -r "$2"', 'sh', socket, filter])
    let heard = ''
    reader.stdout.on('data', (chunk: Buffer) => (heard += chunk.toString()))
    expect(await ended).toBe(0)
    await until(() => heard.split('\n').length > 3)
    expect(
      heard
        .trimEnd()
        .split('\n')
        .map((line) => line.trimEnd())
        .toSorted()
    ).toEqual([
      '10.0.0.53 DNS netify.zoom',
      '203.0.113.77 HTTP/S netify.youtube',
      '203.0.113.9 Unknown netify.zoom us02web.zoom.us',
    ])
    reader.kill()
  }
)

test('what is no capture is told as classify tells it, before anybody waits or after', () => {
  const wrong = join(directory, 'wrong.pcap')
  writeFileSync(wrong, 'no capture at all\n')
  const classified = runFlowledger(['classify', wrong])
  const at = ['--unix', join(directory, 'nobody.sock')]
  const streamed = runFlowledger(['stream', '--pcap', wrong, ...at])
  expect(streamed).toEqual(classified)
  expect(streamed.stderr).toContain('is no pcap or pcapng file')
  expect(streamed.code).not.toBe(0)
})

test.skipIf(skipUnless('program', programMissing('nc')))(
  'standard input that is no capture ends the stream with an error, and damage is told',
  async () => {
    const cut = join(directory, 'cut.pcap')
    writeFileSync(cut, readFileSync(capture).subarray(0, -7))
    for (const [path, code, words] of [
      ['/dev/stdin', 3, 'is no pcap or pcapng file'],
      [cut, 0, 'cut-off'],
    ] as const) {
      const socket = join(directory, `${code}.sock`)
      const child = startFlowledger(['stream', '--pcap', path, '--unix', socket])
      let said = ''
      child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
      const ended = once(child, 'close')
      await until(() => listensAt(socket))
      const reader = spawn('nc', ['-U', socket])
      const [status] = (await ended) as [number | null]
      reader.kill()
      expect(said).toContain(words)
      expect(status === 0).toBe(code === 0)
    }
  }
)

test('classify names applications, by rules of your own first', () => {
  const own = join(directory, 'own.rules')
  writeFileSync(own, '[games]\nmy-game ytimg.com\n  is a.ytimg.com\n')
  const { stdout, code } = runFlowledger(['classify', capture, '-o', 'ndjson', '--rules', own])
  expect(code).toBe(0)
  const flows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  expect(flows).toContainEqual(
    expect.objectContaining({ hostname: 'i.ytimg.com', application: 'my-game' })
  )
  expect(stdout).toContain(`${own}:2`)
})

test('classify leaves out what tells about persons, or makes pseudonyms of it', () => {
  const shown = (mode: string): string => {
    const options = ['--personal', mode, '--data-dir', directory]
    const argv = ['classify', capture, '-o', 'ndjson', '--metadata', ...options]
    const { stdout, code } = runFlowledger(argv)
    expect(code).toBe(0)
    return stdout
  }
  expect(shown('omit')).not.toContain('i.ytimg.com')
  const pseudonyms = shown('pseudonymise')
  expect(pseudonyms).toMatch(/"hostname":"p-[0-9a-f]{20}"/)
  expect(pseudonyms).not.toContain('i.ytimg.com')
})

test('rules that are wrong end with their places, and exit code 3', () => {
  const wrong = join(directory, 'wrong.rules')
  writeFileSync(wrong, '[games]\nchess chess.example\n  when app = chess\n')
  const { stderr, code } = runFlowledger(['applications', '--check', '--rules', wrong])
  expect(code).toBe(3)
  expect(stderr).toContain(`${wrong}:3:12: A comparison is written ==.`)
  const host = runFlowledger(['applications', '--host', 'nobody.example'])
  expect(host.code).toBe(1)
})

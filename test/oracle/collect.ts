import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../free-port.ts'
import { until } from '../until.ts'

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'close')
  child.kill(signal)
  await exit
}

function output(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (part: string) => (text += part))
  }
  return () => text
}

/** True where a socket is bound to the port (proc(5), /proc/net/udp). */
export const isBound = (port: number): boolean =>
  readFileSync('/proc/net/udp', 'utf8').includes(
    `:${port.toString(16).toUpperCase().padStart(4, '0')} `
  )

/*
 * /proc/net/udp:  sl  local_address  rem_address  st  tx_queue:rx_queue  …
 */

/** Waits until a collector has read what was sent to it, and for it to work on that. */
export async function drained(port: number): Promise<void> {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  await until(() =>
    readFileSync('/proc/net/udp', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns[1]?.endsWith(hex))
      .every((columns) => columns[4]?.endsWith(':00000000'))
  )
  await sleep(1000)
}

export interface Collected<T> {
  readonly records: T
  readonly log: string
}

/** Runs nfcapd while `work` sends to its port; gives what nfdump reads, as JSON objects. */
export async function withNfcapd(
  work: (port: number) => Promise<void>
): Promise<Collected<Record<string, string | number>[]> & { readonly raw: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'flowledger-nfcapd-'))
  const port = await freePort()
  const argv = [
    '-w',
    directory,
    '-p',
    String(port),
    '-t',
    '300',
    '-b',
    '127.0.0.1',
    '-B',
    '4000000',
  ]
  const child = spawn('nfcapd', argv, { stdio: ['ignore', 'pipe', 'pipe'] })
  const log = output(child)
  try {
    await until(() => isBound(port))
    await work(port)
    await drained(port)
    await ended(child, 'SIGTERM')
    const files = readdirSync(directory).filter((name) => /^nfcapd\.\d+$/.test(name))
    const read = (format: string): string[] =>
      files.map((file) =>
        execFileSync('nfdump', ['-r', join(directory, file), '-q', '-o', format], {
          encoding: 'utf8',
          maxBuffer: 1 << 28,
          stdio: ['ignore', 'pipe', 'ignore'],
        })
      )
    const records = read('json').flatMap(nfdumpObjects)
    return { records, log: log(), raw: read('raw').join('') }
  } finally {
    await ended(child, 'SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
}

/** nfdump prints objects with commas between them, in brackets or without. */
export function nfdumpObjects(text: string): Record<string, string | number>[] {
  // Of a file that was begun as the five minutes ended.
  if (text.includes('No matching flows')) return []
  const trimmed = text.trim().replace(/^\[/, '').replace(/\]$/, '').replace(/,\s*$/, '')
  // Counters past 2^53 are kept as text.
  const exact = trimmed.replaceAll(/: (\d{16,})/g, ': "$1"')
  return JSON.parse(`[${exact}]`) as Record<string, string | number>[]
}

/** Runs nfacctd (pmacct) while `work` sends; gives the rows of its print plugin. */
export async function withNfacctd(
  primitives: readonly string[],
  work: (port: number) => Promise<void>,
  settings: readonly string[] = []
): Promise<Collected<Record<string, string | number>[]>> {
  const directory = mkdtempSync(join(tmpdir(), 'flowledger-nfacctd-'))
  const port = await freePort()
  const out = join(directory, 'out.json')
  const config = join(directory, 'nfacctd.conf')
  writeFileSync(
    config,
    [
      'daemonize: false',
      'nfacctd_ip: 127.0.0.1',
      `nfacctd_port: ${port}`,
      'plugins: print',
      'print_output: json',
      `print_output_file: ${out}`,
      'print_output_file_append: true',
      'print_refresh_time: 1',
      'timestamps_since_epoch: true',
      `aggregate: ${primitives.join(', ')}`,
      ...settings,
      '',
    ].join('\n')
  )
  const child = spawn('nfacctd', ['-f', config], { stdio: ['ignore', 'pipe', 'pipe'] })
  const log = output(child)
  try {
    await until(() => isBound(port))
    await sleep(300)
    await work(port)
    await drained(port)
    await sleep(1500)
    await ended(child, 'SIGINT')
    await sleep(500)
    const lines = readFileSync(out, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'))
    const records = lines.map((line) => {
      const exact = line.replaceAll(/: (\d{16,})/g, ': "$1"')
      return JSON.parse(exact) as Record<string, string | number>
    })
    return { records, log: log() }
  } finally {
    await ended(child, 'SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Runs node-netflowv9 in a process of its own while `work` sends; gives what it decodes. */
export async function withNodeNetflow(
  work: (port: number) => Promise<void>
): Promise<Collected<Record<string, string | number>[]>> {
  const port = await freePort()
  const program = `
    const Collector = require('node-netflowv9')
    Collector((flow) => console.log(JSON.stringify(flow))).listen(${port}, '127.0.0.1')`
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'pipe'] })
  const log = output(child)
  try {
    await until(() => isBound(port))
    await work(port)
    await drained(port)
    for (let seen = -1; seen < log().length; await sleep(1000)) seen = log().length
    await ended(child, 'SIGTERM')
    const packets = log()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { flows?: Record<string, string | number>[] })
    return { records: packets.flatMap(({ flows = [] }) => flows), log: '' }
  } finally {
    await ended(child, 'SIGKILL')
  }
}

/*
 * pcap file header (tcpdump.org, "pcap file format"), link type 101 (raw IP); each datagram stands
 * behind a head of seconds, microseconds, captured and original length.
 */
function pcapOf(datagrams: readonly Buffer[], port: number): Buffer {
  const head = Buffer.alloc(24)
  head.writeUInt32LE(0xa1b2c3d4, 0)
  head.writeUInt16LE(2, 4)
  head.writeUInt16LE(4, 6)
  head.writeUInt32LE(262_144, 16)
  head.writeUInt32LE(101, 20)
  const packets = datagrams.map((payload) => {
    const bytes = Buffer.alloc(16 + 28 + payload.length)
    const length = 28 + payload.length
    bytes.writeUInt32LE(Math.floor(Date.now() / 1000), 0)
    bytes.writeUInt32LE(length, 8)
    bytes.writeUInt32LE(length, 12)
    bytes.writeUInt8(0x45, 16)
    bytes.writeUInt16BE(length, 18)
    bytes.writeUInt8(64, 24)
    bytes.writeUInt8(17, 25)
    bytes.writeUInt32BE(0x7f000001, 28)
    bytes.writeUInt32BE(0x7f000001, 32)
    bytes.writeUInt16BE(port, 36)
    bytes.writeUInt16BE(port, 38)
    bytes.writeUInt16BE(8 + payload.length, 40)
    payload.copy(bytes, 44)
    return bytes
  })
  return Buffer.concat([head, ...packets])
}

/** What tshark makes of datagrams or of a file: its JSON, one object a packet. */
export function tshark(input: { datagrams: readonly Buffer[] } | { file: string }): {
  packets: unknown[]
  text: string
} {
  const directory = mkdtempSync(join(tmpdir(), 'flowledger-tshark-'))
  try {
    const port = 2055
    const path = 'file' in input ? input.file : join(directory, 'export.pcap')
    if ('datagrams' in input) writeFileSync(path, pcapOf(input.datagrams, port))
    const argv = ['-r', path, '-d', `udp.port==${port},cflow`, '-T', 'json', '--no-duplicate-keys']
    const text = execFileSync('tshark', argv, {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return { packets: JSON.parse(text) as unknown[], text }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

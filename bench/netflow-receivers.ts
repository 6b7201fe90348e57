import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { benchRecords } from './netflow-datagrams.ts'
import { cpuSeconds, serverCpu } from './process.ts'

/** What a receiver has done since it was started. */
export interface Totals {
  readonly datagrams: number
  readonly cpuUs: number
}

/** A program that takes datagrams at a port of 127.0.0.1. */
export interface Receiver {
  readonly name: string
  readonly port: number
  totals(): Promise<Totals>
  /** Ends it; gives the records that it has on disk, where it keeps any. */
  close(): Promise<number | undefined>
}

const ended = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve) => child.once('exit', resolve))

/** flowledger's collector, sockets to spool. */
export const startOurs = (): Promise<Receiver> => startOwn('flowledger', ['netflow-only.ts'])

/** What its receiving costs when nothing is done with what came. */
export const startReceiving = (): Promise<Receiver> =>
  startOwn('receiving alone', ['receive-only.ts', 'datagrams'])

async function startOwn(name: string, [file = '', ...args]: string[]): Promise<Receiver> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const next = async (): Promise<string> => String((await lines.next()).value)
  const port = Number(await next())
  return {
    name,
    port,
    async totals() {
      child.stdin.write('totals\n')
      return JSON.parse(await next()) as Totals
    },
    async close() {
      child.stdin.end()
      const { records } = JSON.parse(await next()) as { records: number }
      await ended(child)
      return records
    },
  }
}

/** Datagrams that the kernel dropped at a port (proc_net_udp: local address, last column). */
function dropsAt(port: number): number {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const lines = readFileSync('/proc/net/udp', 'latin1').split('\n')
  const own = lines.find((line) => line.includes(`:${hex} 00000000:0000`))
  return Number(own?.trim().split(/\s+/).at(-1) ?? 0)
}

/** @param sent how many datagrams it has been sent so far; what was not dropped it has taken */
export async function startNfcapd(sent: () => number): Promise<Receiver> {
  const directory = mkdtempSync(join(tmpdir(), 'flowledger-bench-nfcapd-'))
  const port = 20_000 + (process.pid % 20_000)
  const options = ['-w', directory, '-b', '127.0.0.1', '-p', String(port), '-B', '134217728']
  const child = spawn('nfcapd', options, { stdio: 'ignore' })
  await sleep(700)
  return {
    name: 'nfcapd',
    port,
    async totals() {
      const cpuUs = cpuSeconds(child.pid ?? 0) * 1e6
      return { datagrams: sent() - dropsAt(port), cpuUs }
    },
    async close() {
      child.kill('SIGTERM')
      await ended(child)
      const info = execFileSync('nfdump', ['-R', directory, '-I'], { encoding: 'utf8' })
      rmSync(directory, { recursive: true })
      return Number(/^Flows:\s+(\d+)/m.exec(info)?.[1] ?? 0)
    },
  }
}

/**
 * nfacctd of pmacct with one plugin, which sums what it gets by addresses, ports and protocol and
 * writes the sums once a minute: less than a row for each record.
 *
 * @param sent as for {@link startNfcapd}
 */
export async function startNfacctd(sent: () => number): Promise<Receiver> {
  const directory = mkdtempSync(join(tmpdir(), 'flowledger-bench-nfacctd-'))
  const port = 20_000 + ((process.pid + 1) % 20_000)
  const config = join(directory, 'nfacctd.conf')
  const settings = {
    daemonize: 'false',
    nfacctd_ip: '127.0.0.1',
    nfacctd_port: port,
    nfacctd_pipe_size: 134_217_728,
    plugins: 'print',
    plugin_pipe_size: 134_217_728,
    plugin_buffer_size: 102_400,
    print_output_file: join(directory, 'sums'),
    print_refresh_time: 60,
    aggregate: 'src_host, dst_host, src_port, dst_port, proto',
  }
  const lines = Object.entries(settings).map(([key, value]) => `${key}: ${value}\n`)
  writeFileSync(config, lines.join(''))
  const child = spawn('nfacctd', ['-f', config], { stdio: 'ignore' })
  await sleep(1500)
  return {
    name: 'nfacctd',
    port,
    totals() {
      // Its plugin is a process of its own.
      const cpuUs = serverCpu(child.pid ?? 0) * 1e6
      return Promise.resolve({ datagrams: sent() - dropsAt(port), cpuUs })
    },
    async close() {
      child.kill('SIGINT')
      await ended(child)
      rmSync(directory, { recursive: true, force: true })
      return undefined
    },
  }
}

/** Node's own datagram socket, which counts and does nothing else. */
export async function startDgram(): Promise<Receiver> {
  let datagrams = 0
  const socket = createSocket({ type: 'udp4', recvBufferSize: 8 << 20 })
  socket.on('message', () => datagrams++)
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return {
    name: 'dgram',
    port: socket.address().port,
    async totals() {
      const { user, system } = process.cpuUsage()
      return { datagrams, cpuUs: user + system }
    },
    async close() {
      socket.close()
      return undefined
    },
  }
}

/** What one blast did to a receiver. */
export interface Outcome {
  readonly rate: number
  readonly sent: number
  readonly received: number
  readonly cpuUsARecord: number
}

export function show(name: string, { sent, received, cpuUsARecord, rate }: Outcome): void {
  const lost = (100 * (1 - received / sent)).toFixed(2)
  const cpu = `${cpuUsARecord.toFixed(3)} us CPU a record`
  console.log(`${name.padEnd(10)} ${Math.round(rate)} datagrams/s, ${lost} % lost, ${cpu}`)
}

/** A sender that no longer keeps the pace proves nothing of its rate. */
export const isHeld = ({ received, sent, rate }: Outcome, wantedRate: number): boolean =>
  received >= sent && rate >= 0.97 * wantedRate

const sender = fileURLToPath(new URL('./udp-blast.ts', import.meta.url))

/** How datagrams are sent: many a call, or each by one of its own. */
export const sending = { isAlone: false }

/** Sends; a template comes first, and is none of those that are counted. */
export async function blast(port: number, rate: number, seconds: number) {
  const how = sending.isAlone ? ['alone'] : []
  const args = ['--import', 'tsx', sender, ...[port, rate, seconds].map(String), ...how]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  await ended(child)
  return JSON.parse(out) as { sent: number; seconds: number }
}

/** Sends to a receiver at a rate, and looks at what it did with it. */
export async function measure(to: Receiver, rate: number, seconds: number, count: Counter) {
  const before = await to.totals()
  const { sent, seconds: took } = await blast(to.port, rate, seconds)
  count(sent + 1)
  await sleep(600)
  const after = await to.totals()
  const received = after.datagrams - before.datagrams - 1
  const cpuUsARecord = (after.cpuUs - before.cpuUs) / (received * benchRecords)
  return { rate: sent / took, sent, received, cpuUsARecord }
}

export type Counter = (sent: number) => void

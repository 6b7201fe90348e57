import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { benchRecords } from './netflow-datagrams.ts'

/**
 * Datagrams on loopback to disk: CPU a record beside nfcapd at the same rate, and the highest rate
 * without loss beside node's dgram, which only counts.
 *
 * npx tsx bench/netflow-collect.ts [cpu] [loss]
 */
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
const wanted = process.argv.slice(2)
/** Datagrams a second and seconds: V8 compiles for some seconds what it finds to be hot. */
const warming = [40_000, 5] as const
const node = [process.execPath, '--import', 'tsx'] as const

function blast(
  port: number,
  rate: number,
  seconds: number
): Promise<{ sent: number; seconds: number }> {
  const child = spawn(node[0], [
    ...node.slice(1),
    here('./udp-blast.ts'),
    ...[port, rate, seconds].map(String),
  ])
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  return new Promise((resolve) => {
    child.on('exit', () => resolve(JSON.parse(out) as { sent: number; seconds: number }))
  })
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no output')
  for await (const line of createInterface(child.stdout)) return line
  throw new Error('it ended')
}

interface Outcome {
  readonly sent: number
  readonly received: number
  readonly cpuUsARecord: number
  readonly rate: number
}

async function ours(rate: number, seconds: number): Promise<Outcome> {
  const child = spawn(node[0], [...node.slice(1), here('./netflow-only.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const port = Number(await firstLine(child))
  // Warmed up before the figure begins, as nfcapd is compiled before it starts.
  await blast(port, ...warming)
  await sleep(2000)
  child.stdin.write('go\n')
  const { sent, seconds: took } = await blast(port, rate, seconds)
  await sleep(500)
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stdin.end()
  await new Promise((resolve) => child.on('exit', resolve))
  const { datagrams, cpuUs } = JSON.parse(out.trim()) as { datagrams: number; cpuUs: number }
  // The sender's template is one more.
  const received = datagrams - 1
  return { sent, received, cpuUsARecord: cpuUs / (received * benchRecords), rate: sent / took }
}

/** CPU of a process so far, in microseconds (proc_pid_stat(5): fields 14 and 15, 100 a second). */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

async function nfcapd(rate: number, seconds: number): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), 'flowledger-bench-nfcapd-'))
  const port = 20_000 + (process.pid % 20_000)
  const options = ['-w', directory, '-b', '127.0.0.1', '-p', String(port), '-B', '134217728']
  const child = spawn('nfcapd', options, { stdio: 'ignore' })
  await sleep(700)
  const warm = await blast(port, ...warming)
  await sleep(300)
  const before = cpuOf(child.pid ?? 0)
  const { sent, seconds: took } = await blast(port, rate, seconds)
  await sleep(500)
  const cpuUs = cpuOf(child.pid ?? 0) - before
  child.kill('SIGTERM')
  await new Promise((resolve) => child.on('exit', resolve))
  const info = execFileSync('nfdump', ['-R', directory, '-I'], { encoding: 'utf8' })
  const flows = Number(/^Flows:\s+(\d+)/m.exec(info)?.[1] ?? 0)
  rmSync(directory, { recursive: true })
  const received = flows / benchRecords - warm.sent
  return { sent, received, cpuUsARecord: cpuUs / (received * benchRecords), rate: sent / took }
}

/** Node's own datagram socket, which counts and does nothing else. */
async function stock(rate: number, seconds: number): Promise<Outcome> {
  let received = 0
  const socket = createSocket({ type: 'udp4', recvBufferSize: 8 << 20 })
  socket.on('message', () => received++)
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { sent, seconds: took } = await blast(socket.address().port, rate, seconds)
  await sleep(500)
  socket.close()
  return { sent, received: received - 1, cpuUsARecord: 0, rate: sent / took }
}

const show = (name: string, { sent, received, cpuUsARecord, rate }: Outcome): void => {
  const lost = (100 * (1 - received / sent)).toFixed(2)
  const cpu = cpuUsARecord === 0 ? '' : `, ${cpuUsARecord.toFixed(3)} us CPU a record`
  console.log(`${name}: ${Math.round(rate)} datagrams/s, ${lost} % lost${cpu}`)
}

if (wanted.length === 0 || wanted.includes('cpu')) {
  for (let round = 0; round < 2; round++) {
    show('flowledger', await ours(40_000, 6))
    show('nfcapd    ', await nfcapd(40_000, 6))
  }
}
/** The highest rate that every try held without loss; each next one sends this much faster. */
const faster = 1.4
const tries = 2

async function highest(
  name: string,
  from: number,
  run: (rate: number, seconds: number) => Promise<Outcome>
): Promise<number> {
  let held = 0
  for (let rate = from; rate < 1e6; rate *= faster) {
    for (let i = 0; i < tries; i++) {
      const outcome = await run(rate, 3)
      show(name, outcome)
      // A sender that no longer keeps the pace proves nothing of higher rates.
      if (outcome.received < outcome.sent || outcome.rate < 0.97 * rate) return held
    }
    held = rate
  }
  return held
}

if (wanted.length === 0 || wanted.includes('loss')) {
  const theirs = await highest('dgram     ', 10_000, stock)
  const held = await highest('flowledger', Math.max(20_000, 2 * theirs), ours)
  const times = (held / theirs).toFixed(1)
  console.log(
    `without loss: dgram ${Math.round(theirs)}/s, flowledger ${Math.round(held)}/s: ${times}x`
  )
}

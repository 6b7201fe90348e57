import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startAppliance } from './appliance-process.ts'
import { sendAccounting } from './radius-sender.ts'
import type { Sent } from './radius-sender.ts'

/**
 * RADIUS accounting requests a second over loopback: each is acknowledged once what it says is
 * stored, in PostgreSQL with its usual safety. Beside FreeRADIUS with its detail writer, which
 * acknowledges what it has written to a file.
 *
 * npx tsx bench/radius-accounting.ts [--sessions N] [--senders N] [--window N] [--peer freeradius]
 */
const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '20000' },
    senders: { type: 'string', default: '16' },
    window: { type: 'string', default: '128' },
    peer: { type: 'string', default: 'flowledger' },
  },
})
const secret = 'a secret for measuring'
const folder = await mkdtemp(join(tmpdir(), 'flowledger-bench-'))
// PostgreSQL runs as a user of its own and has to pass through.
await chmod(folder, 0o711)

/** Processor time of a process in seconds (proc(5), stat: 100 ticks each). */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

interface Server {
  readonly pid: number
  stop(): Promise<void>
}

async function startFlowledger(port: number): Promise<Server> {
  const config = join(folder, 'config.yaml')
  const client = `{ name: bench, prefix: 127.0.0.1, secret: "${secret}" }`
  const source = `{ kind: radius, name: radius, listen: "127.0.0.1:${port}", clients: [${client}] }`
  const collector = `{ conntrack: { enabled: false }, identity: [${source}] }`
  await writeFile(config, `collector: ${collector}\n`)
  return await startAppliance(join(folder, 'data'), [], ['--config', config])
}

/** FreeRADIUS with one listener and its module `detail`, and nothing else. */
async function startFreeradius(port: number): Promise<Server> {
  const settings = `
prefix = /usr
libdir = /usr/lib/freeradius
raddbdir = ${folder}
run_dir = ${folder}
logdir = ${folder}
max_requests = 16384
client bench {
  ipaddr = 127.0.0.1
  secret = "${secret}"
}
thread pool {
  start_servers = 5
  max_servers = 32
}
modules {
  detail {
    filename = ${folder}/detail
    permissions = 0600
  }
}
server bench {
  listen {
    type = acct
    ipaddr = 127.0.0.1
    port = ${port}
  }
  accounting {
    detail
  }
}
`
  await writeFile(join(folder, 'radiusd.conf'), settings)
  const argv = ['-f', '-d', folder, '-n', 'radiusd', '-l', 'stdout']
  const child = spawn('freeradius', argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.resume()
  await sleep(1500)
  if (child.exitCode !== null) throw new Error('FreeRADIUS ended.')
  return {
    pid: child.pid ?? 0,
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

const port = await freePort()
const options = {
  port,
  secret,
  sessions: Number(values.sessions),
  senders: Number(values.senders),
  window: Number(values.window),
}

function show({ requests, seconds, resent, latencies }: Sent, cpu: number): void {
  const at = (part: number): number =>
    Number((latencies[Math.floor(part * (latencies.length - 1))] ?? 0).toFixed(1))
  const figures = {
    peer: values.peer,
    requests,
    per_second: Math.round(requests / seconds),
    resent,
    milliseconds: { p50: at(0.5), p99: at(0.99) },
    cpu_us_a_request: Math.round((cpu / requests) * 1e6),
  }
  console.log(JSON.stringify(figures))
}

try {
  const start = values.peer === 'freeradius' ? startFreeradius : startFlowledger
  const server = await start(port)
  try {
    // The database's first files and the program's first compilation are no part of it.
    await sendAccounting({ ...options, sessions: 500 })
    const before = cpuSeconds(server.pid)
    const sent = await sendAccounting(options)
    show(sent, cpuSeconds(server.pid) - before)
  } finally {
    await server.stop()
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

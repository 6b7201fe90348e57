import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { tsxLoader } from '../../cli/demo/endpoint-control.ts'
import { namespacesMissing, programMissing } from '../skip.ts'
import { until } from '../until.ts'
import { clientCode, serverCode } from './policy-peers.ts'
import { programArgv } from '../cli/run-flowledger.ts'

/** Lines of JSON that a program wrote. */
export type Line = Readonly<Record<string, unknown>>

/** A program in a namespace that is spoken to by lines. */
export interface Talker {
  readonly lines: readonly Line[]
  say(line: string): void
  stop(signal?: NodeJS.Signals): Promise<void>
}

/**
 * ```
 *  c1 10.88.1.2 ──┐            ┌── wan1 192.0.2.1    ── 192.0.2.254 ──┐
 *                 ├─ gateway ──┤                                      ├─ server 203.0.113.10, .11
 *  c2 10.88.2.2 ──┘            └── wan2 198.51.100.1 ── 198.51.100.254┘
 * ```
 * Over IPv6 the server is 2001:db8:a::10, by the first WAN alone. Both WANs translate IPv4, and are
 * used in turn. A mark says by which a connection leaves: 0x100 the first, 0x200 the second, and
 * `@pinned` of the table `mwan` has what shall leave by the second.
 */
export interface PolicyLab {
  readonly folder: string
  readonly server: Talker
  run(role: Role, ...argv: readonly string[]): string
  /** As `run`, for a command that may fail. */
  attempt(role: Role, ...argv: readonly string[]): { code: number | null; out: string }
  /** Runs a command of the program in the gateway. */
  flowledger(...args: readonly string[]): { code: number | null; out: string; said: string }
  /** Writes a policy and gives its path. */
  policy(text: string, name?: string): string
  /** Starts the classifier with a policy. */
  start(policyFile: string): Promise<Talker>
  /** Opens a connection from a client; its events are lines of the client. */
  open(client: 'c1' | 'c2', kind: string, host: string, port: number, id: string): void
  events(client: 'c1' | 'c2', id: string): readonly Line[]
  /** Octets that came back so far. */
  received(client: 'c1' | 'c2', id: string): number
  close(): Promise<void>
}

type Role = 'c1' | 'c2' | 'gw' | 'server'

const roles: readonly Role[] = ['c1', 'c2', 'gw', 'server']
const child = fileURLToPath(new URL('./policy-child.ts', import.meta.url))
let made = 0

const routing = `
table ip nat {
  chain post {
    type nat hook postrouting priority srcnat;
    oifname wan1 snat to 192.0.2.1
    oifname wan2 snat to 198.51.100.1
  }
}
table ip mwan {
  set pinned { type ipv4_addr . inet_proto . inet_service . ipv4_addr; flags timeout; }
  chain pre {
    type filter hook prerouting priority mangle;
    ct mark and 0x3f00 != 0 meta mark set ct mark return
    iifname != "lan*" return
    ip daddr . meta l4proto . th dport . ip saddr @pinned meta mark set 0x200
    meta mark and 0x3f00 == 0 meta mark set numgen inc mod 2 map { 0 : 0x100, 1 : 0x200 }
    ct mark set meta mark
  }
}
`

/** Why no lab can be built here: programs, or sets that the kernel does not have. */
export function policyLabMissing(): string | undefined {
  const programs = ['sysctl', 'tcpdump', 'ipset', 'conntrack', 'openssl']
  const without =
    namespacesMissing() ?? programs.map((name) => programMissing(name)).find((one) => one)
  if (without !== undefined) return without
  const name = `fl-pol-${process.pid}-probe`
  spawnSync('ip', ['netns', 'add', name])
  try {
    for (const type of ['hash:ip,port,ip', 'list:set']) {
      const argv = ['netns', 'exec', name, 'ipset', 'create', type.replaceAll(/\W/g, '-'), type]
      const { status } = spawnSync('ip', argv)
      if (status !== 0) return `the kernel has no IP sets of type ${type}`
    }
    return undefined
  } finally {
    spawnSync('ip', ['netns', 'delete', name])
  }
}

/** Builds the lab; the caller closes it. */
export async function makePolicyLab(): Promise<PolicyLab> {
  const prefix = `fl-pol-${process.pid}-${made++}`
  const nameOf = (role: Role): string => `${prefix}-${role}`
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-policy-'))
  const talkers: Talker[] = []
  const attempt: PolicyLab['attempt'] = (role, ...argv) => {
    const all = ['netns', 'exec', nameOf(role), ...argv]
    const { status, stdout, stderr } = spawnSync('ip', all, { encoding: 'utf8' })
    return { code: status, out: stdout + (status === 0 ? '' : stderr) }
  }
  const run: PolicyLab['run'] = (role, ...argv) => {
    const { code, out } = attempt(role, ...argv)
    if (code !== 0) throw new Error(`${role}: ${argv.join(' ')}: ${out}`)
    return out
  }
  const talk = (role: Role, argv: readonly string[]): Talker => {
    const program = spawn('ip', ['netns', 'exec', nameOf(role), ...argv], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const talker = talkerOf(program)
    talkers.push(talker)
    return talker
  }
  for (const role of roles) {
    spawnSync('ip', ['netns', 'add', nameOf(role)])
    run(role, 'ip', 'link', 'set', 'lo', 'up')
  }
  wire(run, nameOf)
  run('gw', 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.netfilter.nf_conntrack_acct=1')
  run('gw', 'sysctl', '-qw', 'net.netfilter.nf_conntrack_timestamp=1')
  spawnSync('ip', ['netns', 'exec', nameOf('gw'), 'nft', '-f', '-'], { input: routing })
  const key = join(folder, 'key.pem')
  const certificate = join(folder, 'cert.pem')
  const subject = ['-subj', '/CN=example.test', '-days', '2', '-nodes']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  const files = ['-keyout', key, '-out', certificate]
  spawnSync('openssl', ['req', '-x509', ...curve, ...files, ...subject])
  const server = talk('server', [process.execPath, '-e', serverCode, key, certificate])
  const clients = {
    c1: talk('c1', [process.execPath, '-e', clientCode]),
    c2: talk('c2', [process.execPath, '-e', clientCode]),
  }
  await until(() => server.lines.length > 0)
  return {
    folder,
    server,
    run,
    attempt,
    flowledger(...args) {
      const node = [process.execPath, ...programArgv, ...args]
      const all = ['netns', 'exec', nameOf('gw'), ...node]
      const { status, stdout, stderr } = spawnSync('ip', all, { encoding: 'utf8' })
      return { code: status, out: stdout, said: stderr }
    },
    policy(text, name = 'policy.yaml') {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    },
    async start(file) {
      const talker = talk('gw', [process.execPath, '--import', tsxLoader(), child, file])
      await until(() => talker.lines.length > 0)
      return talker
    },
    open(client, kind, host, port, id) {
      clients[client].say(JSON.stringify({ kind, host, port, id }))
    },
    events: (client, id) => clients[client].lines.filter((line) => line['id'] === id),
    received(client, id) {
      const counts = clients[client].lines.filter((line) => line['id'] === id && 'octets' in line)
      return Number(counts.at(-1)?.['octets'] ?? 0)
    },
    async close() {
      await Promise.all(talkers.map((talker) => talker.stop()))
      for (const role of roles) spawnSync('ip', ['netns', 'delete', nameOf(role)])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function talkerOf(program: ChildProcess): Talker {
  const lines: Line[] = []
  if (program.stdout === null) throw new Error('The program has no standard output.')
  createInterface({ input: program.stdout }).on('line', (text) => {
    lines.push(JSON.parse(text) as Line)
  })
  program.stdin?.on('error', () => undefined)
  return {
    lines,
    say: (line) => void program.stdin?.write(`${line}\n`),
    async stop(signal) {
      if (program.exitCode !== null || program.signalCode !== null) return
      const ended = once(program, 'close')
      if (signal === undefined) program.stdin?.end()
      else program.kill(signal)
      await ended
    },
  }
}

type Run = PolicyLab['run']

function link(run: Run, nameOf: (role: Role) => string, far: Role, near: string, ends: string[]) {
  const [own = '', other = '', name = 'eth0'] = ends
  run('gw', 'ip', 'link', 'add', near, 'type', 'veth', 'peer', name, 'netns', nameOf(far))
  run('gw', 'ip', 'address', 'add', own, 'dev', near)
  run('gw', 'ip', 'link', 'set', near, 'up')
  run(far, 'ip', 'address', 'add', other, 'dev', name)
  run(far, 'ip', 'link', 'set', name, 'up')
}

function wire(run: Run, nameOf: (role: Role) => string): void {
  for (const [role, number] of [
    ['c1', 1],
    ['c2', 2],
  ] as const) {
    const net = `10.88.${number}`
    link(run, nameOf, role, `lan${number}`, [`${net}.1/24`, `${net}.2/24`])
    run(role, 'ip', 'route', 'add', 'default', 'via', `${net}.1`)
  }
  link(run, nameOf, 'server', 'wan1', ['192.0.2.1/24', '192.0.2.254/24', 'one'])
  link(run, nameOf, 'server', 'wan2', ['198.51.100.1/24', '198.51.100.254/24', 'two'])
  for (const host of ['10', '11'])
    run('server', 'ip', 'address', 'add', `203.0.113.${host}`, 'dev', 'lo')
  const ways = [
    ['1', '0x100', '192.0.2.254', 'wan1'],
    ['2', '0x200', '198.51.100.254', 'wan2'],
  ] as const
  for (const [number, mark, via, device] of ways) {
    const table = `10${number}`
    run('gw', 'ip', 'route', 'add', 'default', 'via', via, 'dev', device, 'table', table)
    run('gw', 'ip', 'rule', 'add', 'fwmark', `${mark}/0x3f00`, 'lookup', table)
  }
  run('gw', 'ip', 'route', 'add', 'default', 'via', '192.0.2.254')
  wire6(run)
  // What is connected is reached as ever: a mark chooses among default routes alone.
  const suppressed = ['lookup', 'main', 'suppress_prefixlength', '0', 'priority', '100']
  run('gw', 'ip', 'rule', 'add', ...suppressed)
}

/** IPv6 from the first client, by the first WAN, without translation. */
function wire6(run: Run): void {
  const add = (role: Role, address: string, device: string): string =>
    run(role, 'ip', 'address', 'add', address, 'dev', device, 'nodad')
  add('gw', '2001:db8:1::1/64', 'lan1')
  add('c1', '2001:db8:1::2/64', 'eth0')
  add('gw', '2001:db8:9::1/64', 'wan1')
  add('server', '2001:db8:9::254/64', 'one')
  add('server', '2001:db8:a::10/128', 'lo')
  run('c1', 'ip', '-6', 'route', 'add', 'default', 'via', '2001:db8:1::1')
  run('gw', 'ip', '-6', 'route', 'add', 'default', 'via', '2001:db8:9::254')
  run('server', 'ip', '-6', 'route', 'add', '2001:db8:1::/64', 'via', '2001:db8:9::1')
  run('gw', 'sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1')
}

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunResult } from '../../cli/demo/children.ts'
import { startEndpoint } from '../../cli/demo/endpoint-control.ts'
import type { Endpoint } from '../../cli/demo/endpoint-control.ts'
import type { NetworkOptions } from '../../cli/demo/network.ts'
import { cleanEnvironment } from '../../cli/demo/self.ts'
import { makeTopology } from '../../cli/demo/topology.ts'
import type { Topology } from '../../cli/demo/topology.ts'
import { answerSchema } from '../../lookup-api/contract.ts'
import type { Answer } from '../../lookup-api/contract.ts'
import type { LookupInput } from '../../lookup-api/query.ts'
import { copyCluster } from '../cluster-copy.ts'
import { namespacesMissing, programMissing } from '../skip.ts'
import { programArgv } from '../cli/run-flowledger.ts'

const api = 'http://127.0.0.1:8080'

/** Why no lab can be built here. */
export function labMissing(): string | undefined {
  return namespacesMissing() ?? programMissing('conntrack') ?? programMissing('ping')
}

/** Entries die soon after their last packet, so that a test sees mappings being released. */
export const shortLived = {
  'net.netfilter.nf_conntrack_acct': 1,
  'net.netfilter.nf_conntrack_timestamp': 1,
  'net.netfilter.nf_conntrack_udp_timeout': 10,
  'net.netfilter.nf_conntrack_udp_timeout_stream': 10,
  'net.netfilter.nf_conntrack_icmp_timeout': 10,
  'net.netfilter.nf_conntrack_icmpv6_timeout': 10,
  'net.netfilter.nf_conntrack_tcp_timeout_time_wait': 2,
  'net.netfilter.nf_conntrack_tcp_timeout_close': 2,
} as const

/** A NAT gateway with `flowledger` in it, and hosts that make connections on our word. */
export interface Lab {
  readonly topology: Topology
  readonly outside: Endpoint
  readonly hosts: readonly Endpoint[]
  /** What is given to the program as --data-dir, by its configuration file. */
  readonly dataDir: string
  /** Starts `flowledger up`, with more in its environment, and resolves when it is ready. */
  up(environment?: Readonly<Record<string, string>>): Promise<ChildProcess>
  /** Starts a half of it, or all, and resolves once its log matches; fails where it ends first. */
  startUntil(command: string, says: RegExp): Promise<ChildProcess>
  /** Ends the program by a signal and resolves when it is gone. */
  end(child: ChildProcess, signal: NodeJS.Signals): Promise<void>
  /** Runs a command of the program in the gateway. */
  flowledger(...args: readonly string[]): Promise<RunResult>
  /** A request to the API as an administrator; throws where it is refused. Gives the body. */
  request(path: string, init?: { body: string; type: string }): Promise<string>
  /** Asks the API as an administrator; throws where it gives no answer. */
  lookup(input: LookupInput): Promise<Answer>
  /** Has the kernel drop entries whose time is over, and waits until none is past it. */
  expire(): Promise<void>
  close(): Promise<void>
}

/** Servers on every address of the world: TCP 80, UDP 53. */
async function openWorld(topology: Topology, outside: Endpoint): Promise<void> {
  for (const ip of [...topology.remotes.ipv4, ...topology.remotes.ipv6]) {
    await outside.listen('tcp', { ip, port: 80 })
    await outside.listen('udp', { ip, port: 53 })
  }
}

async function ready(child: ChildProcess, gateway: Endpoint, log: () => string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`flowledger up ended:\n${log()}`)
    }
    const answer = await gateway.fetch({ url: `${api}/readyz` }).catch(() => undefined)
    if (answer?.status === 200) return
    await sleep(100)
  }
}

function keepLog(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (part: string) => (text = (text + part).slice(-8192)))
  }
  return () => text
}

/** Seconds to live of every entry in the table, as `conntrack -L` has them. */
async function secondsLeft(topology: Topology): Promise<number[]> {
  const { stdout } = await topology.run(topology.gateway, ['conntrack', '-L'])
  return stdout.split('\n').flatMap((line) => {
    const left = /^\w+\s+\d+ (\d+) /.exec(line)?.[1]
    return left === undefined ? [] : [Number(left)]
  })
}

/** The longest of {@link shortLived}; entries of open TCP connections live for days. */
const soonSeconds = 10

function makeExpire(topology: Topology): Lab['expire'] {
  return async () => {
    // A dump takes out what has expired; the kernel by itself may take a minute to.
    while ((await secondsLeft(topology)).some((left) => left <= soonSeconds)) await sleep(200)
  }
}

/**
 * Builds the lab; the caller closes it. `settings` is YAML for the program's configuration,
 * `identity` its list of sources of identities, `capture` how it classifies.
 */
export async function makeLab(
  network: NetworkOptions = {},
  settings = '',
  identity?: string,
  capture?: string
): Promise<Lab> {
  const topology = await makeTopology({ sysctls: shortLived, ...network })
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-lab-'))
  // The embedded server runs as a user of its own and has to pass through.
  chmodSync(folder, 0o711)
  const dataDir = join(folder, 'data')
  const configFile = join(folder, 'config.yaml')
  // Without connections to follow a lab shows nothing: the program must say so, not go on without.
  const sources = identity === undefined ? '' : `, identity: ${identity}`
  const classify = capture === undefined ? '' : `, capture: ${capture}`
  const follow = `collector: { conntrack: { enabled: true }${sources}${classify} }`
  writeFileSync(configFile, `data_dir: ${dataDir}\n${follow}\n${settings}`)
  if (!settings.includes('database:')) await copyCluster(dataDir, true)
  const outside = startEndpoint(topology, topology.outside)
  const gateway = startEndpoint(topology, topology.gateway)
  const hosts = topology.hosts.map(({ namespace }) => startEndpoint(topology, namespace))
  await openWorld(topology, outside)
  const argv = (args: readonly string[]): string[] => [
    process.execPath,
    ...programArgv,
    ...args,
    '--config',
    configFile,
  ]
  const request: Lab['request'] = async (path, init) => {
    const token = readFileSync(join(dataDir, 'admin-token'), 'utf8').trim()
    const headers = { authorization: `Bearer ${token}` }
    const sent =
      init === undefined
        ? { headers }
        : { method: 'POST', body: init.body, headers: { ...headers, 'content-type': init.type } }
    const { status, body } = await gateway.fetch({ url: `${api}${path}`, ...sent })
    if (status !== 200) throw new Error(`${path}: ${status} ${body}`)
    return body
  }
  return {
    topology,
    outside,
    hosts,
    dataDir,
    async up(environment = {}) {
      const child = topology.spawn(topology.gateway, argv(['up']), {
        env: { ...cleanEnvironment(), ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      await ready(child, gateway, keepLog(child))
      return child
    },
    async startUntil(command, says) {
      const child = topology.spawn(topology.gateway, argv([command]), {
        env: cleanEnvironment(),
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const log = keepLog(child)
      while (!says.test(log())) {
        if (child.exitCode !== null) throw new Error(`flowledger ${command} ended:\n${log()}`)
        await sleep(50)
      }
      return child
    },
    async end(child, signal) {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill(signal)
      await ended
    },
    flowledger: (...args) =>
      topology.run(topology.gateway, argv(args), { env: cleanEnvironment() }),
    request,
    async lookup(input) {
      const query = new URLSearchParams(input as Record<string, string>).toString()
      return answerSchema.parse(JSON.parse(await request(`/v1/lookup?${query}`)))
    },
    expire: makeExpire(topology),
    async close() {
      await topology.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

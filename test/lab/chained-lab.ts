import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { ChildProcess } from 'node:child_process'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { removeAtExit, removeNow } from '../../cli/demo/cleanup.ts'
import { startEndpoint } from '../../cli/demo/endpoint-control.ts'
import type { Endpoint } from '../../cli/demo/endpoint-control.ts'
import { addNamespace, namespacePrefix, runTool } from '../../cli/demo/namespaces.ts'
import { cleanEnvironment } from '../../cli/demo/self.ts'
import { embeddedUrl } from '../../store/database-url.ts'
import { embeddedDatabase } from '../../store/embedded.ts'
import { answerSchema } from '../../lookup-api/contract.ts'
import type { Answer } from '../../lookup-api/contract.ts'
import type { LookupInput } from '../../lookup-api/query.ts'
import { makeLab, shortLived } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'
import { startOutsideServer } from './outside-server.ts'
import { programArgv } from '../cli/run-flowledger.ts'

/**
 * Gateways one behind the other, the outer one doubled by conntrackd, a collector in each, all of
 * them writing into one PostgreSQL:
 *
 * ```
 *  home 192.168.7.2 ── inner 10.77.0.2 ──┐
 *                                        ├── outer 192.0.2.1 ── the world
 *  office 10.77.1.2 ─────────────────────┘     ║ conntrackd
 *                                            backup
 * ```
 */
export interface ChainedLab extends Lab {
  readonly home: Endpoint
  readonly office: Endpoint
  /** Names of the sources as the ledger has them. */
  readonly sources: { readonly outer: string; readonly backup: string; readonly inner: string }
  /** The collector of the inner gateway. */
  readonly innerCollector: ChildProcess
  /** What the backup's own table holds, as `conntrack -L` prints it. */
  replicated(): Promise<string>
  /**
   * Has the primary of the pair die (its collector, its conntrackd, its links), and the backup take
   * over its addresses. Gives the last instant (us) at which the primary may have lived.
   */
  failOver(): Promise<number>
  /** Asks the API of the backup, which lives on. */
  lookupAtBackup(input: LookupInput): Promise<Answer>
  /** Waits until no gateway has a connection to that address of the world any more. */
  ended(remote: string): Promise<void>
}

export const homeAddress = '192.168.7.2'
const sources = { outer: hostname(), backup: 'outer-backup', inner: 'inner' } as const

const run = (namespace: string, argv: readonly string[], input = ''): string =>
  runTool('ip', ['netns', 'exec', namespace, ...argv], input)

function setSysctls(namespace: string): void {
  const settings = { ...shortLived, 'net.ipv4.ip_forward': 1 }
  run(namespace, [
    'sysctl',
    '-q',
    '-w',
    ...Object.entries(settings).map(([key, value]) => `${key}=${value}`),
  ])
}

/** Makes a host of the lab a gateway of its own, with a home behind it. */
function addHome(inner: string, home: string): void {
  addNamespace(home)
  const batch = (namespace: string, commands: readonly string[]): string =>
    runTool('ip', ['-n', namespace, '-batch', '-'], `${commands.join('\n')}\n`)
  batch(inner, [
    `link add home type veth peer name eth0 netns ${home}`,
    'addr add 192.168.7.1/24 dev home',
    'link set home up',
  ])
  batch(home, [
    `addr add ${homeAddress}/24 dev eth0`,
    'link set eth0 up',
    'route add default via 192.168.7.1',
  ])
  const rules = `table ip nat {
    chain postrouting {
      type nat hook postrouting priority srcnat; policy accept;
      oifname "eth0" meta l4proto { tcp, udp } snat to 10.77.0.2:20000-29999
    }
  }\n`
  run(inner, ['nft', '-f', '-'], rules)
  setSysctls(inner)
}

/** What conntrackd is to do: everything it hears goes into the other one's kernel at once. */
const replication = (folder: string, own: string, other: string): string => `
Sync {
  Mode FTFW { DisableExternalCache yes }
  UDP {
    IPv4_address ${own}
    IPv4_Destination_Address ${other}
    Port 3780
    Interface sync
    Checksum on
  }
}
General {
  HashSize 1024
  HashLimit 8192
  LogFile ${folder}/conntrackd.log
  LockFile ${folder}/lock
  UNIX { Path ${folder}/ctl }
  NetlinkBufferSize 2097152
  NetlinkBufferSizeMaxGrowth 8388608
  Filter From Userspace {
    Address Ignore { IPv4_address 127.0.0.1 IPv4_address 10.99.0.1 IPv4_address 10.99.0.2 }
  }
}
`

/**
 * Links two gateways and has conntrackd replicate the tables; resolves when both run, with the
 * primary's.
 */
async function replicate(lab: Lab, folder: string, backup: string): Promise<ChildProcess> {
  const { gateway } = lab.topology
  addNamespace(backup)
  setSysctls(backup)
  const link = `link add sync type veth peer name sync netns ${backup}`
  runTool('ip', ['-n', gateway, ...link.split(' ')])
  for (const [namespace, own, other] of [
    [gateway, '10.99.0.1', '10.99.0.2'],
    [backup, '10.99.0.2', '10.99.0.1'],
  ] as const) {
    runTool('ip', ['-n', namespace, 'addr', 'add', `${own}/24`, 'dev', 'sync'])
    runTool('ip', ['-n', namespace, 'link', 'set', 'sync', 'up'])
    const place = join(folder, own)
    mkdirSync(place)
    writeFileSync(join(place, 'conntrackd.conf'), replication(place, own, other))
  }
  const start = async (namespace: string, own: string): Promise<ChildProcess> => {
    const file = join(folder, own, 'conntrackd.conf')
    const child = lab.topology.spawn(namespace, ['conntrackd', '-C', file], { stdio: 'ignore' })
    // It answers on its socket once it replicates.
    while ((await lab.topology.run(namespace, ['conntrackd', '-C', file, '-s'])).code !== 0) {
      await sleep(100)
    }
    return child
  }
  const [primary] = await Promise.all([start(gateway, '10.99.0.1'), start(backup, '10.99.0.2')])
  return primary
}

/**
 * Gives the primary's links and addresses to the backup, as a floating address moves. The wires
 * themselves move, so the neighbours keep the MAC addresses that they know.
 */
function moveLinks(primary: string, backup: string, hosts: number): void {
  const lans = Array.from({ length: hosts }, (_, index) => `lan${index}`)
  const move = [...lans, 'wan'].map((name) => `link set ${name} netns ${backup}`)
  runTool('ip', ['-n', primary, '-batch', '-'], `${move.join('\n')}\n`)
  const take = [
    ...lans.map((name, index) => `addr add 10.77.${index}.1/24 dev ${name}`),
    'addr add 192.0.2.1/24 dev wan',
    ...[...lans, 'wan'].map((name) => `link set ${name} up`),
    'route add default via 192.0.2.254',
  ]
  runTool('ip', ['-n', backup, '-batch', '-'], `${take.join('\n')}\n`)
}

/** Both of the pair translate alike. */
const backupRules = `table ip nat {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "wan" ip saddr 10.77.0.0/16 snat to 192.0.2.1
  }
}\n`

/** Starts a collector in a namespace; resolves when it follows. */
async function startCollector(
  lab: Lab,
  namespace: string,
  name: string,
  dataDir: string,
  common: string,
  command: 'collect' | 'up' = 'collect'
): Promise<ChildProcess> {
  const file = `${dataDir}.yaml`
  const collector = `{ name: ${name}, conntrack: { enabled: true }, identity: [] }`
  writeFileSync(file, `data_dir: ${dataDir}\ncollector: ${collector}\n${common}`)
  const argv = [process.execPath, ...programArgv, command, '--config', file]
  const child = lab.topology.spawn(namespace, argv, {
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (part: string) => (text += part))
  }
  while (!text.includes(`as source "${name}"`)) {
    if (child.exitCode !== null) throw new Error(`flowledger ${command} ended:\n${text}`)
    await sleep(100)
  }
  return child
}

/** Builds the lab and starts everything; the caller closes it. */
export async function makeChainedLab(): Promise<ChainedLab> {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-chain-'))
  chmodSync(folder, 0o711)
  const server = await startOutsideServer(join(folder, 'server'))
  const url = embeddedUrl(server, 'owner', embeddedDatabase)
  const placeOf = (name: string): string => join(folder, name)
  const socketOf = (name: string): string => join(placeOf(name), 'collector.sock')
  const common = `
database: { url: ${JSON.stringify(url)} }
networks:
  inside: [192.168.0.0/16, 10.77.0.0/16]
  public:
    - { prefix: 192.0.2.0/24, source: ${sources.outer} }
    - { prefix: 192.0.2.0/24, source: ${sources.backup} }
    - { prefix: 10.77.0.2/32, source: ${sources.inner} }
`
  const collectors = [sources.backup, sources.inner].map((name) => socketOf(name)).join(', ')
  const settings = `${common}api: { collectors: [${collectors}] }\n`
  const lab = await makeLab({ hosts: 2 }, settings, '[]')
  const [inner, office] = lab.topology.hosts
  const [, officeEndpoint] = lab.hosts
  if (!inner || !office || !officeEndpoint) throw new Error('The lab has two hosts.')
  const prefix = namespacePrefix()
  const more = { home: `${prefix}-home`, backup: `${prefix}-backup` }
  const namespaces = Object.values(more)
  removeAtExit(namespaces)
  addHome(inner.namespace, more.home)
  const conntrackd = await replicate(lab, folder, more.backup)
  run(more.backup, ['nft', '-f', '-'], backupRules)
  const primary = await lab.up()
  const backupEndpoint = startEndpoint(lab.topology, more.backup)
  const table = async (namespace: string): Promise<string> =>
    (await lab.topology.run(namespace, ['conntrack', '-L'])).stdout
  const [innerCollector] = await Promise.all([
    startCollector(lab, inner.namespace, sources.inner, placeOf(sources.inner), common),
    startCollector(lab, more.backup, sources.backup, placeOf(sources.backup), common, 'up'),
  ])
  return {
    ...lab,
    home: startEndpoint(lab.topology, more.home),
    office: officeEndpoint,
    sources,
    innerCollector,
    replicated: () => table(more.backup),
    async failOver() {
      await Promise.all([lab.end(primary, 'SIGKILL'), lab.end(conntrackd, 'SIGKILL')])
      const deadUs = Date.now() * 1000
      moveLinks(lab.topology.gateway, more.backup, lab.topology.hosts.length)
      return deadUs
    },
    async lookupAtBackup(input) {
      const token = readFileSync(join(lab.dataDir, 'admin-token'), 'utf8').trim()
      const query = new URLSearchParams(input as Record<string, string>).toString()
      const { status, body } = await backupEndpoint.fetch({
        url: `http://127.0.0.1:8080/v1/lookup?${query}`,
        headers: { authorization: `Bearer ${token}` },
      })
      if (status !== 200) throw new Error(`${status} ${body}`)
      return answerSchema.parse(JSON.parse(body))
    },
    async ended(remote) {
      // Listing takes out what has expired; conntrackd's own entry is always there.
      for (const namespace of [lab.topology.gateway, more.backup, inner.namespace]) {
        while ((await table(namespace)).includes(`dst=${remote}`)) await sleep(200)
      }
    },
    async close() {
      await lab.close()
      removeNow(namespaces)
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { ChildProcess } from 'node:child_process'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { removeAtExit, removeNow } from '../../cli/demo/cleanup.ts'
import { startEndpoint, tsxLoader } from '../../cli/demo/endpoint-control.ts'
import type { Endpoint } from '../../cli/demo/endpoint-control.ts'
import { addNamespace, namespacePrefix, runTool } from '../../cli/demo/namespaces.ts'
import { cleanEnvironment } from '../../cli/demo/self.ts'
import { embeddedUrl } from '../../store/database-url.ts'
import { embeddedDatabase, startEmbedded } from '../../store/embedded.ts'
import { makeLab, shortLived } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'

const entry = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))

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

/** Links two gateways and has conntrackd replicate the tables; resolves when both run. */
async function replicate(lab: Lab, folder: string, backup: string): Promise<void> {
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
  for (const [namespace, own] of [
    [gateway, '10.99.0.1'],
    [backup, '10.99.0.2'],
  ] as const) {
    const file = join(folder, own, 'conntrackd.conf')
    lab.topology.spawn(namespace, ['conntrackd', '-C', file], { stdio: 'ignore' })
    // It answers on its socket once it replicates.
    while ((await lab.topology.run(namespace, ['conntrackd', '-C', file, '-s'])).code !== 0) {
      await sleep(100)
    }
  }
}

/** Starts `flowledger collect` in a namespace; resolves when it follows. */
async function startCollector(
  lab: Lab,
  namespace: string,
  name: string,
  dataDir: string,
  url: string
): Promise<ChildProcess> {
  const file = `${dataDir}.yaml`
  const collector = `{ name: ${name}, conntrack: { enabled: true }, identity: [] }`
  const settings = `database: { url: ${JSON.stringify(url)} }\ncollector: ${collector}\n`
  writeFileSync(file, `data_dir: ${dataDir}\n${settings}`)
  const argv = [process.execPath, '--import', tsxLoader(), entry, 'collect', '--config', file]
  const child = lab.topology.spawn(namespace, argv, {
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (part: string) => (text += part))
  }
  while (!text.includes(`as source "${name}"`)) {
    if (child.exitCode !== null) throw new Error(`flowledger collect ended:\n${text}`)
    await sleep(100)
  }
  return child
}

/** Builds the lab and starts everything; the caller closes it. */
export async function makeChainedLab(): Promise<ChainedLab> {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-chain-'))
  chmodSync(folder, 0o711)
  const server = await startEmbedded(join(folder, 'server'))
  const url = embeddedUrl(server, 'owner', embeddedDatabase)
  const placeOf = (name: string): string => join(folder, name)
  const socketOf = (name: string): string => join(placeOf(name), 'collector.sock')
  const settings = `
database: { url: ${JSON.stringify(url)} }
api: { collectors: [${socketOf(sources.backup)}, ${socketOf(sources.inner)}] }
networks:
  inside: [192.168.0.0/16, 10.77.0.0/16]
  public:
    - { prefix: 192.0.2.0/24, source: ${sources.outer} }
    - { prefix: 192.0.2.0/24, source: ${sources.backup} }
    - { prefix: 10.77.0.2/32, source: ${sources.inner} }
`
  const lab = await makeLab({ hosts: 2 }, settings, '[]')
  const [inner, office] = lab.topology.hosts
  const [, officeEndpoint] = lab.hosts
  if (!inner || !office || !officeEndpoint) throw new Error('The lab has two hosts.')
  const prefix = namespacePrefix()
  const more = { home: `${prefix}-home`, backup: `${prefix}-backup` }
  const namespaces = Object.values(more)
  removeAtExit(namespaces)
  addHome(inner.namespace, more.home)
  await replicate(lab, folder, more.backup)
  await lab.up()
  const start = (namespace: string, name: string): Promise<ChildProcess> =>
    startCollector(lab, namespace, name, placeOf(name), url)
  await start(more.backup, sources.backup)
  const table = async (namespace: string): Promise<string> =>
    (await lab.topology.run(namespace, ['conntrack', '-L'])).stdout
  const innerCollector = await start(inner.namespace, sources.inner)
  return {
    ...lab,
    home: startEndpoint(lab.topology, more.home),
    office: officeEndpoint,
    sources,
    innerCollector,
    replicated: () => table(more.backup),
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

import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { tsxLoader } from '../../cli/demo/endpoint-control.ts'
import { makeLab } from './gateway-lab.ts'
import type { Lab } from './gateway-lab.ts'

const secret = 'a secret for tests'
const client = fileURLToPath(new URL('./dhcp-client.ts', import.meta.url))
const keaHeader =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state\n'

/** A gateway that hears of addresses from dnsmasq, Kea, RADIUS and its own neighbour table. */
export interface IdentityLab extends Lab {
  /** MAC address of a host's interface. */
  mac(host: number): string
  /** Has dnsmasq lend an address to a host, which then uses it. */
  lease(host: number, hostname: string): Promise<string>
  /** Appends a row to Kea's lease file: granted now, for an hour. */
  keaLease(address: string, mac: string, hostname: string): void
  /** Sends an accounting request to the program, as a NAS would. */
  account(attributes: Readonly<Record<string, string>>): Promise<void>
  /** Loads subscribers from CSV text. */
  loadDirectory(csv: string): Promise<void>
  /** Waits until the program can tell who holds an inside address. */
  known(address: string): Promise<void>
}

/** YAML for the configuration beside the sources: sections, and members of `collector`. */
export interface IdentityLabSettings {
  readonly settings?: string
  readonly collector?: string
}

/** Builds the lab and starts everything; the caller closes it. */
export async function makeIdentityLab(
  hosts: number,
  { settings = '', collector = '' }: IdentityLabSettings = {}
): Promise<IdentityLab> {
  const folder = mkdtempSync(join(tmpdir(), 'flowledger-identity-'))
  const leases = join(folder, 'dnsmasq.leases')
  const kea = join(folder, 'kea-leases4.csv')
  writeFileSync(leases, '')
  writeFileSync(kea, keaHeader)
  const sources = [
    `{ kind: dnsmasq, path: ${leases}, name: dnsmasq }`,
    `{ kind: kea, path: ${kea}, name: kea }`,
    `{ kind: radius, name: radius, listen: "127.0.0.1:1813",
       clients: [{ name: nas, prefix: 127.0.0.1, secret: "${secret}" }] }`,
    '{ kind: neighbours, name: neighbours }',
  ]
  const lab = await makeLab({ hosts }, settings, `[${sources.join(', ')}]${collector}`)
  const { topology } = lab
  const hostAt = (index: number): (typeof topology.hosts)[number] => {
    const host = topology.hosts[index]
    if (host === undefined) throw new Error(`There is no host ${index}.`)
    return host
  }
  const run = async (namespace: string, argv: string[], input?: string): Promise<string> => {
    const done = await topology.run(namespace, argv, input === undefined ? {} : { input })
    if (done.code !== 0) throw new Error(`${argv.join(' ')}: ${done.stderr}${done.stdout}`)
    return done.stdout.trim()
  }
  await lab.up()
  const macs = await Promise.all(
    topology.hosts.map(async ({ namespace }) => {
      const shown = await run(namespace, ['ip', '-j', 'link', 'show', 'dev', 'eth0'])
      return (JSON.parse(shown) as { address: string }[])[0]?.address ?? ''
    })
  )
  return {
    ...lab,
    mac: (host) => macs[host] ?? '',
    async lease(host, hostname) {
      const { namespace } = hostAt(host)
      const network = `10.77.${host}`
      topology.spawn(
        topology.gateway,
        [
          'dnsmasq',
          '--keep-in-foreground',
          '--conf-file=/dev/null',
          '--port=0',
          '--no-ping',
          '--user=root',
          '--pid-file=',
          `--interface=lan${host}`,
          '--bind-interfaces',
          `--dhcp-range=${network}.50,${network}.99,1h`,
          `--dhcp-leasefile=${leases}`,
        ],
        { stdio: 'ignore' }
      )
      const argv = [process.execPath, '--import', tsxLoader(), client, macs[host] ?? '', hostname]
      const address = await run(namespace, argv)
      await run(namespace, ['ip', 'addr', 'add', `${address}/24`, 'dev', 'eth0'])
      return address
    },
    keaLease(address, mac, hostname) {
      const expire = Math.floor(Date.now() / 1000) + 3600
      appendFileSync(kea, `${address},${mac},,3600,${expire},1,0,0,${hostname},0\n`)
    },
    async account(attributes) {
      const lines = Object.entries(attributes).map(([name, value]) => `${name} = ${value}\n`)
      const patient = ['-r', '3', '-t', '60']
      const argv = ['radclient', ...patient, '127.0.0.1:1813', 'acct', secret]
      await run(topology.gateway, argv, lines.join(''))
    },
    async loadDirectory(csv) {
      const file = join(folder, 'subscribers.csv')
      writeFileSync(file, csv)
      const done = await lab.flowledger('directory', 'load', file)
      if (done.code !== 0) throw new Error(`${done.stderr}${done.stdout}`)
    },
    async known(address) {
      for (;;) {
        const { candidates } = await lab.lookup({ ip: address, at: 'now', tolerance: '60s' })
        if (candidates.length > 0) return
        await sleep(250)
      }
    },
    async close() {
      await lab.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

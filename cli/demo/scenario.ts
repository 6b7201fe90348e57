import { setTimeout as sleep } from 'node:timers/promises'
import { startEndpoint } from './endpoint-control.ts'
import type { Endpoint } from './endpoint-control.ts'
import type { Connection } from './endpoint-protocol.ts'
import type { NetworkOptions } from './network.ts'
import type { Topology } from './topology.ts'

/** The gateway of the demo: three people, one public address, one reachable from outside. */
export const scenarioNetwork: NetworkOptions = {
  hosts: 3,
  publicAddresses: ['192.0.2.1'],
  forwards: [{ protocol: 'tcp', publicPort: 8022, host: 2, port: 22 }],
  sysctls: {
    'net.netfilter.nf_conntrack_acct': 1,
    'net.netfilter.nf_conntrack_timestamp': 1,
  },
}

/** A look-up to try, and why it is interesting. */
export interface Question {
  readonly text: string
  readonly args: readonly string[]
}

/** The instant that is asked about, as a person would note it: a whole second, UTC. */
function secondsText(us: number): string {
  return new Date(us / 1000).toISOString().replace('.000Z', 'Z')
}

/** First whole second at which all of these were open. */
function commonSecondUs(connections: readonly Connection[]): number {
  const latest = Math.max(...connections.map(({ establishedUs }) => establishedUs))
  return Math.ceil(latest / 1e6) * 1e6
}

interface Players {
  readonly outside: Endpoint
  readonly hosts: readonly Endpoint[]
}

async function takePlaces(topology: Topology): Promise<Players> {
  const outside = startEndpoint(topology, topology.outside)
  const hosts = topology.hosts.map(({ namespace }) => startEndpoint(topology, namespace))
  for (const ip of ['198.51.100.1', '203.0.113.1', '2001:db8:2::1']) {
    await outside.listen('tcp', { ip, port: 443 })
    await outside.listen('udp', { ip, port: 53 })
  }
  const server = topology.hosts[2]
  await hosts[2]?.listen('tcp', { ip: server?.ipv4 ?? '', port: 22 })
  return { outside, hosts }
}

/** Some everyday traffic around what is asked about, so that the answer has to be found. */
async function chatter(topology: Topology, hosts: readonly Endpoint[]): Promise<void> {
  for (const [index, endpoint] of hosts.entries()) {
    const host = topology.hosts[index]
    if (host === undefined) continue
    for (let n = 0; n < 5; n++) {
      const remote = { ip: n % 2 === 0 ? '198.51.100.1' : '203.0.113.1', port: 53 }
      await endpoint.open('udp', { ip: host.ipv4, port: 0 }, remote)
    }
    await endpoint.open('tcp', { ip: host.ipv6, port: 0 }, { ip: '2001:db8:2::1', port: 443 })
    await topology.run(host.namespace, ['ping', '-c', '1', '198.51.100.1'])
  }
}

/**
 * Makes real traffic through the gateway and gives three questions about it. Two hosts use one
 * local port towards two servers: Linux then gives both the same public address and port.
 */
export async function playScenario(topology: Topology): Promise<readonly Question[]> {
  const { outside, hosts } = await takePlaces(topology)
  const [first, second] = hosts
  const [home, office] = topology.hosts
  if (!first || !second || !home || !office) throw new Error('The scenario needs three hosts.')
  await chatter(topology, hosts)
  const web = { ip: '198.51.100.1', port: 443 }
  const otherWeb = { ip: '203.0.113.1', port: 443 }
  const one = await first.open('tcp', { ip: home.ipv4, port: 40001 }, web)
  const other = await second.open('tcp', { ip: office.ipv4, port: 40001 }, otherWeb)
  const alone = await first.open('tcp', { ip: home.ipv4, port: 40002 }, otherWeb)
  const inbound = await outside.open(
    'tcp',
    { ip: '203.0.113.1', port: 40003 },
    { ip: '192.0.2.1', port: 8022 }
  )
  const atUs = commonSecondUs([one, other, alone, inbound])
  // The questions carry whole seconds: everything stays open until the next one has begun.
  await sleep(atUs / 1000 + 1500 - Date.now())
  await first.close(alone)
  const at = secondsText(atUs)
  return [
    {
      text: 'One host held this address and port.',
      args: [`192.0.2.1:${alone.seenAs.port}`, at, '--protocol', 'tcp'],
    },
    {
      text: 'Two hosts held this address and port at once; the destination tells them apart.',
      args: [`192.0.2.1:${other.seenAs.port}`, at, '--destination', `${otherWeb.ip}:443`],
    },
    {
      text: 'A connection from outside, through the port forward.',
      args: ['192.0.2.1:8022', at, '--protocol', 'tcp'],
    },
  ]
}

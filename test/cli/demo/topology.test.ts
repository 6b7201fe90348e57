import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startEndpoint, tsxLoader } from '../../../cli/demo/endpoint-control.ts'
import type { Endpoint } from '../../../cli/demo/endpoint-control.ts'
import { listNamespaces, sweepStale } from '../../../cli/demo/namespaces.ts'
import { makeTopology } from '../../../cli/demo/topology.ts'
import type { Topology } from '../../../cli/demo/topology.ts'
import { namespacesMissing, skipUnless } from '../../skip.ts'

const forwarding = (): string => readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8')

/** Namespaces that a process has made. */
const namespacesOf = (pid: number): string[] =>
  listNamespaces().filter((name) => name.startsWith(`fl-${pid}-`))

const skipped = skipUnless('kernel', namespacesMissing())

describe.skipIf(skipped)('the topology', () => {
  let topology: Topology
  let outside: Endpoint
  let hosts: Endpoint[]
  const forwardingBefore = forwarding()

  beforeAll(async () => {
    topology = await makeTopology({
      publicAddresses: ['192.0.2.7'],
      forwards: [{ protocol: 'tcp', publicPort: 8022, host: 1, port: 22 }],
      sysctls: { 'net.netfilter.nf_conntrack_udp_timeout': 7 },
    })
    outside = startEndpoint(topology, topology.outside)
    hosts = topology.hosts.map(({ namespace }) => startEndpoint(topology, namespace))
    for (const ip of ['203.0.113.1', '2001:db8:2::1']) {
      await outside.listen('tcp', { ip, port: 80 })
      await outside.listen('udp', { ip, port: 53 })
    }
  })

  afterAll(() => topology.close())

  test('translates IPv4 to its public address', async () => {
    const local = { ip: topology.hosts[0]?.ipv4 ?? '', port: 41_000 }
    for (const [protocol, port] of [
      ['tcp', 80],
      ['udp', 53],
    ] as const) {
      const made = await hosts[0]?.open(protocol, local, { ip: '203.0.113.1', port })
      expect(made?.seenAs).toEqual({ ip: '192.0.2.7', port: 41_000 })
    }
  })

  test('lets IPv6 through as it is', async () => {
    const local = { ip: topology.hosts[1]?.ipv6 ?? '', port: 41_001 }
    const made = await hosts[1]?.open('udp', local, { ip: '2001:db8:2::1', port: 53 })
    expect(made?.seenAs).toEqual(local)
  })

  test('leads a port of the gateway to an inside host', async () => {
    await hosts[1]?.listen('tcp', { ip: topology.hosts[1]?.ipv4 ?? '', port: 22 })
    const local = { ip: '203.0.113.1', port: 41_002 }
    const made = await outside.open('tcp', local, { ip: '192.0.2.7', port: 8022 })
    expect(made.seenAs).toEqual(local)
  })

  test('says when nobody answers', async () => {
    const local = { ip: topology.hosts[0]?.ipv4 ?? '', port: 0 }
    const opening = hosts[0]?.open('tcp', local, { ip: '203.0.113.1', port: 81 })
    await expect(opening).rejects.toThrow('ECONNREFUSED')
  })

  test('sets what it sets in the gateway alone', async () => {
    const argv = ['sysctl', '-n', 'net.netfilter.nf_conntrack_udp_timeout', 'net.ipv4.ip_forward']
    expect((await topology.run(topology.gateway, argv)).stdout).toBe('7\n1\n')
    expect(forwarding()).toBe(forwardingBefore)
  })

  test('is removed when something in it cannot be made', async () => {
    const before = namespacesOf(process.pid)
    const forwards = [{ protocol: 'tcp', publicPort: 1, host: 9, port: 1 }] as const
    await expect(makeTopology({ forwards })).rejects.toThrow('no inside host 9')
    expect(namespacesOf(process.pid)).toEqual(before)
  })
})

const holder = fileURLToPath(new URL('./hold-topology.ts', import.meta.url))

/** A process that has built a topology and waits. */
interface Holder {
  readonly pid: number
  readonly end: (signal: NodeJS.Signals) => Promise<void>
}

async function startHolder(): Promise<Holder> {
  const child = spawn(process.execPath, ['--import', tsxLoader(), holder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return {
    pid: child.pid ?? 0,
    end: async (signal) => {
      const ended = once(child, 'exit')
      child.kill(signal)
      await ended
    },
  }
}

describe.skipIf(skipped)('what a process leaves behind', () => {
  test('is nothing after SIGTERM', async () => {
    const { pid, end } = await startHolder()
    expect(namespacesOf(pid)).not.toEqual([])
    await end('SIGTERM')
    expect(namespacesOf(pid)).toEqual([])
  })

  test('is swept after SIGKILL, and what lives is left alone', async () => {
    const killed = await startHolder()
    const living = await startHolder()
    // Afterwards another one who sweeps may be faster.
    expect(namespacesOf(killed.pid)).not.toEqual([])
    await killed.end('SIGKILL')
    sweepStale()
    expect(namespacesOf(killed.pid)).toEqual([])
    expect(namespacesOf(living.pid)).not.toEqual([])
    await living.end('SIGTERM')
  })
})

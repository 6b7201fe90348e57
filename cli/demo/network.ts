import { setTimeout as sleep } from 'node:timers/promises'
import { addNamespace, runTool } from './namespaces.ts'
import { gatewayRules } from './gateway-rules.ts'
import type { PortForward } from './gateway-rules.ts'

/**
 * A NAT gateway with people behind it and a world in front of it, each a network namespace, each
 * wire a veth pair. Addresses of the world are those kept for documentation (RFC 5737, RFC 3849):
 *
 * ```
 *  host0  10.77.0.2 ──────┐
 *  2001:db8:77:1::2       │        gateway                                outside
 *                     lan0│ 10.77.0.1                                     198.51.100.1, .2
 *  host1  10.77.1.2 ──────┤ 10.77.1.1     wan 192.0.2.1.. ─── 192.0.2.254 203.0.113.1, .2
 *  2001:db8:77:2::2   lan1│               2001:db8:1::1 ─── 2001:db8:1::2 2001:db8:2::1
 * ```
 */
export interface NetworkOptions {
  /** Inside hosts; default 2, at most 200. */
  readonly hosts?: number
  /** Consecutive addresses of 192.0.2.0/24 (1..253); default one, 192.0.2.1. */
  readonly publicAddresses?: readonly string[]
  readonly forwards?: readonly PortForward[]
  /** Set in the gateway's namespace alone, such as `net.netfilter.nf_conntrack_acct`. */
  readonly sysctls?: Readonly<Record<string, string | number>>
}

/** An inside host. */
export interface Host {
  readonly namespace: string
  readonly ipv4: string
  readonly ipv6: string
}

/** Addresses of the world. */
export const remotes = {
  ipv4: ['198.51.100.1', '198.51.100.2', '203.0.113.1', '203.0.113.2'],
  ipv6: ['2001:db8:2::1', '2001:db8:2::2'],
} as const

const insidePrefix = '10.77.0.0/16'

/** `ip -batch` in a namespace: one process for many commands. */
function ipBatch(namespace: string, commands: readonly string[]): void {
  runTool('ip', ['-n', namespace, '-batch', '-'], `${commands.join('\n')}\n`)
}

function setSysctls(namespace: string, values: Readonly<Record<string, string | number>>): void {
  const settings = Object.entries(values).map(([key, value]) => `${key}=${value}`)
  if (settings.length === 0) return
  runTool('ip', ['netns', 'exec', namespace, 'sysctl', '-q', '-w', ...settings])
}

/**
 * A namespace whose interfaces use their IPv6 addresses at once: duplicate address detection holds
 * back the first packets for two seconds.
 */
function addNode(namespace: string): void {
  addNamespace(namespace)
  setSysctls(namespace, { 'net.ipv6.conf.default.dad_transmits': 0 })
}

function linkHost(namespace: string, gateway: string, index: number): Host {
  addNode(namespace)
  const lan = `lan${index}`
  // Counted from 1: a zero group would make the text form differ from RFC 5952's.
  const prefix6 = `2001:db8:77:${(index + 1).toString(16)}::`
  ipBatch(gateway, [
    `link add ${lan} type veth peer name eth0 netns ${namespace}`,
    `addr add 10.77.${index}.1/24 dev ${lan}`,
    `addr add ${prefix6}1/64 dev ${lan}`,
    `link set ${lan} up`,
  ])
  const host = {
    namespace,
    ipv4: `10.77.${index}.2`,
    ipv6: `${prefix6}2`,
  }
  ipBatch(namespace, [
    `addr add ${host.ipv4}/24 dev eth0`,
    `addr add ${host.ipv6}/64 dev eth0`,
    'link set eth0 up',
    `route add default via 10.77.${index}.1`,
    `route add default via ${prefix6}1`,
  ])
  return host
}

function linkOutside(gateway: string, outside: string, publicAddresses: readonly string[]): void {
  addNode(outside)
  ipBatch(gateway, [
    `link add wan type veth peer name eth0 netns ${outside}`,
    ...publicAddresses.map((address) => `addr add ${address}/24 dev wan`),
    'addr add 2001:db8:1::1/64 dev wan',
    'link set wan up',
  ])
  ipBatch(outside, [
    'addr add 192.0.2.254/24 dev eth0',
    'addr add 2001:db8:1::2/64 dev eth0',
    ...remotes.ipv4.map((address) => `addr add ${address}/32 dev lo`),
    ...remotes.ipv6.map((address) => `addr add ${address}/128 dev lo`),
    'link set eth0 up',
    'route add 2001:db8:77::/48 via 2001:db8:1::1',
  ])
  ipBatch(gateway, ['route add default via 192.0.2.254', 'route add default via 2001:db8:1::2'])
}

/**
 * Waits until no address is tentative any more: the kernel reports a new wire up to a second late,
 * and sends no IPv6 before.
 */
async function settle(namespaces: readonly string[]): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const tentative = namespaces.some(
      (name) => runTool('ip', ['-n', name, '-6', '-o', 'addr', 'show', 'tentative']) !== ''
    )
    if (!tentative) return
    await sleep(50)
  }
  throw new Error('The interfaces of the topology did not come up within ten seconds.')
}

/** Names of the namespaces of a network, in the order they are removed. */
export interface NetworkNames {
  readonly gateway: string
  readonly outside: string
  readonly hosts: readonly string[]
}

/** The names that {@link buildNetwork} uses under a prefix. */
export function networkNames(prefix: string, hosts: number): NetworkNames {
  return {
    gateway: `${prefix}-gateway`,
    outside: `${prefix}-outside`,
    hosts: Array.from({ length: hosts }, (_, index) => `${prefix}-host${index}`),
  }
}

/**
 * Makes the namespaces, wires, rules and settings; resolves when packets flow.
 *
 * @throws Error of the program (`ip`, `nft`, `sysctl`) that failed; what was made stays
 */
export async function buildNetwork(
  names: NetworkNames,
  publicAddresses: readonly string[],
  options: NetworkOptions
): Promise<readonly Host[]> {
  const { gateway, outside } = names
  addNode(gateway)
  setSysctls(gateway, { 'net.ipv4.ip_forward': 1, 'net.ipv6.conf.all.forwarding': 1 })
  const hosts = names.hosts.map((namespace, index) => linkHost(namespace, gateway, index))
  linkOutside(gateway, outside, publicAddresses)
  const rules = gatewayRules({
    inside: insidePrefix,
    outsideInterface: 'wan',
    publicAddresses,
    forwards: options.forwards ?? [],
    hostAddresses: hosts.map(({ ipv4 }) => ipv4),
  })
  runTool('ip', ['netns', 'exec', gateway, 'nft', '-f', '-'], rules)
  setSysctls(gateway, options.sysctls ?? {})
  await settle([gateway, outside, ...names.hosts])
  return hosts
}

import { spawn } from 'node:child_process'
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { collect, stopChild } from './children.ts'
import type { RunOptions, RunResult } from './children.ts'
import { removeAtExit, removeNow } from './cleanup.ts'
import { namespacePrefix } from './namespaces.ts'
import { buildNetwork, networkNames, remotes } from './network.ts'
import type { Host, NetworkOptions } from './network.ts'

export interface Topology {
  /** Names of the gateway's and the world's namespaces. */
  readonly gateway: string
  readonly outside: string
  readonly hosts: readonly Host[]
  readonly publicAddresses: readonly string[]
  /** Addresses of the world that answer where something listens. */
  readonly remotes: { readonly ipv4: readonly string[]; readonly ipv6: readonly string[] }
  /** Starts a program in a namespace; it is killed by {@link Topology.close} at the latest. */
  spawn(namespace: string, argv: readonly string[], options?: SpawnOptions): ChildProcess
  /** Runs a program in a namespace to its end; never throws for its exit code. */
  run(namespace: string, argv: readonly string[], options?: RunOptions): Promise<RunResult>
  /** Ends what runs inside (SIGTERM, then SIGKILL) and removes every namespace. */
  close(): Promise<void>
}

const maxHosts = 200

/**
 * Builds the network of {@link NetworkOptions}; needs root (see `whyNoNamespaces`). Every name is
 * unique to this process and call, so any number may be up at once.
 *
 * @throws Error of the program (`ip`, `nft`, `sysctl`) that failed, after removing what was made
 */
export async function makeTopology(options: NetworkOptions = {}): Promise<Topology> {
  const names = networkNames(namespacePrefix(), Math.min(options.hosts ?? 2, maxHosts))
  const namespaces = [names.gateway, names.outside, ...names.hosts]
  const publicAddresses = options.publicAddresses ?? ['192.0.2.1']
  removeAtExit(namespaces)
  let hosts: readonly Host[] = []
  try {
    hosts = await buildNetwork(names, publicAddresses, options)
  } catch (error) {
    removeNow(namespaces)
    throw error
  }
  const children = new Set<ChildProcess>()
  const start: Topology['spawn'] = (namespace, argv, spawnOptions = {}) => {
    // `ip netns exec` becomes the program: the child's id is the program's own.
    const child = spawn('ip', ['netns', 'exec', namespace, ...argv], spawnOptions)
    children.add(child)
    child.once('exit', () => children.delete(child))
    return child
  }
  return {
    gateway: names.gateway,
    outside: names.outside,
    hosts,
    publicAddresses,
    remotes,
    spawn: start,
    run: (namespace, argv, { input, ...spawnOptions } = {}) =>
      collect(start(namespace, argv, spawnOptions), input),
    async close() {
      await Promise.all([...children].map(stopChild))
      removeNow(namespaces)
    },
  }
}

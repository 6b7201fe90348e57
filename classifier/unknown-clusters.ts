import type { Bytes } from '../model/bytes.ts'
import type { UnknownCluster, UnknownClusters, UnknownSide } from '../model/unknown-cluster.ts'
import type { Conversation } from './conversation.ts'
import type { Flow } from './flow.ts'
import type { FlowSide } from './side.ts'

/** Different clusters that are held at most; those that were met longest ago go first. */
const maxClusters = 4096
/** Ports of a cluster that are counted. */
const maxPorts = 16
/** First octets of each side that must be equal for flows to be alike. */
const keyOctets = 2
/** First octets of each side that are compared to show what else is equal. */
const shownOctets = 16

/** What one end says first, over all flows of a cluster: octets that differ are -1. */
interface Beginning {
  least: number
  most: number
  octets: number[]
}

interface Cluster {
  readonly transport: 'tcp' | 'udp'
  flows: number
  readonly firstUs: number
  lastUs: number
  readonly ports: Map<number, number>
  readonly client: Beginning
  readonly server: Beginning
  readonly example: readonly [client: string, server: string]
}

/**
 * Sorts connections that nothing recognised into clusters of those that look alike: transport,
 * about the sizes of the first payload of both ends, and their first octets. What is said by one
 * flow alone, as by what is encrypted from its first octet on, is put together by server port and
 * sizes when it is shown.
 */
export class UnknownFlows {
  forgotten = 0
  /**
   * Clusters met lately, and those not met since that table was begun: when it is full, the old
   * ones go as a whole. One table whose oldest is sought among what was deleted costs more with
   * every flow.
   */
  private lately = new Map<string, Cluster>()
  private before = new Map<string, Cluster>()
  private readonly octets: number

  /** @param hidesContent keeps no more octets than are needed to tell clusters apart */
  constructor(hidesContent = false) {
    this.octets = hidesContent ? keyOctets : shownOctets
  }

  /** Takes a flow while what was said in it is still there. */
  add(flow: Flow, { client, server }: Conversation): void {
    const key = `${flow.transport} ${sideKey(client)} ${sideKey(server)}`
    const made = this.clusterOf(flow, client, server)
    const known = this.lately.get(key)
    if (known !== undefined) return merge(known, made)
    const older = this.before.get(key)
    if (older === undefined) this.lately.set(key, made)
    else {
      merge(older, made)
      this.before.delete(key)
      this.lately.set(key, older)
    }
    if (this.lately.size >= maxClusters / 2) this.age()
  }

  private age(): void {
    for (const { flows } of this.before.values()) this.forgotten += flows
    this.before = this.lately
    this.lately = new Map()
  }

  /** @param limit clusters that are wanted */
  list(limit: number): UnknownClusters {
    const shown = this.gathered().toSorted((a, b) => b.flows - a.flows || b.lastUs - a.lastUs)
    const flows = shown.reduce((sum, cluster) => sum + cluster.flows, 0)
    return { clusters: shown.slice(0, limit).map(clusterView), flows, forgotten: this.forgotten }
  }

  /** Clusters of several flows, and those of one put together. */
  private gathered(): Cluster[] {
    const several: Cluster[] = []
    const alone = new Map<string, Cluster>()
    for (const cluster of [...this.before.values(), ...this.lately.values()]) {
      if (cluster.flows > 1) {
        several.push(cluster)
        continue
      }
      const { transport, ports, client, server } = cluster
      const sizes = `${sizeClass(client.least)} ${sizeClass(server.least)}`
      const key = `${transport} ${[...ports.keys()].join(' ')} ${sizes}`
      const known = alone.get(key)
      if (known === undefined) alone.set(key, copyOf(cluster))
      else merge(known, cluster)
    }
    return [...several, ...alone.values()]
  }

  private clusterOf(flow: Flow, client: FlowSide, server: FlowSide): Cluster {
    return {
      transport: flow.transport,
      flows: 1,
      firstUs: flow.firstUs,
      lastUs: flow.firstUs,
      ports: new Map([[flow.serverPort, 1]]),
      client: beginningOf(client, this.octets),
      server: beginningOf(server, this.octets),
      example: [flow.clientText, flow.serverText],
    }
  }
}

/** Octets up to 64 as they are, above it by powers of two. */
function sizeClass(octets: number): number {
  return octets <= 64 ? octets : 64 + Math.ceil(Math.log2(octets / 64))
}

function sideKey({ bytes, firstSize }: FlowSide): string {
  return `${sizeClass(firstSize)}:${octetsOf(bytes, keyOctets).join(',')}`
}

function octetsOf(bytes: Bytes, most: number): number[] {
  return Array.from({ length: Math.min(most, bytes.length) }, (_, at) => bytes.u8(at))
}

function beginningOf({ bytes, firstSize }: FlowSide, most: number): Beginning {
  return { least: firstSize, most: firstSize, octets: octetsOf(bytes, most) }
}

function copyOf(cluster: Cluster): Cluster {
  const { ports, client, server } = cluster
  const [ownClient, ownServer] = [client, server].map((side) => ({ ...side }))
  return {
    ...cluster,
    ports: new Map(ports),
    client: ownClient ?? client,
    server: ownServer ?? server,
  }
}

function merge(into: Cluster, more: Cluster): void {
  into.flows += more.flows
  into.lastUs = Math.max(into.lastUs, more.lastUs)
  for (const [port, flows] of more.ports) {
    const known = into.ports.get(port)
    if (known !== undefined || into.ports.size < maxPorts)
      into.ports.set(port, (known ?? 0) + flows)
  }
  mergeSide(into.client, more.client)
  mergeSide(into.server, more.server)
}

function mergeSide(into: Beginning, more: Beginning): void {
  into.least = Math.min(into.least, more.least)
  into.most = Math.max(into.most, more.most)
  const length = Math.min(into.octets.length, more.octets.length)
  into.octets = into.octets
    .slice(0, length)
    .map((octet, at) => (octet === more.octets[at] ? octet : -1))
}

function clusterView({ client, server, ports, ...rest }: Cluster): UnknownCluster {
  const counted = [...ports].map(([port, flows]) => ({ port, flows }))
  return {
    ...rest,
    ports: counted.toSorted((a, b) => b.flows - a.flows || a.port - b.port),
    client: sideView(client),
    server: sideView(server),
  }
}

function sideView({ least, most, octets }: Beginning): UnknownSide {
  const last = octets.findLastIndex((octet) => octet >= 0)
  const words = octets
    .slice(0, last + 1)
    .map((octet) => (octet < 0 ? '..' : octet.toString(16).padStart(2, '0')))
  return { least, most, begins: words.join(' ') }
}

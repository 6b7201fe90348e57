import { formatWords } from '../../model/address.ts'
import type { SeenHost } from '../../model/live-flows.ts'
import type { StreamedFlow } from '../../model/streamed-flow.ts'

/** Hosts that are remembered; who was not seen for the longest time goes first. */
const maxHosts = 10_000
/** Names that are kept of a host. */
const maxNames = 24

interface Host {
  readonly firstUs: number
  lastUs: number
  connections: number
  mac: string | undefined
  dhcpFingerprint: string | undefined
  dhcpClass: string | undefined
  readonly applications: Set<string>
  readonly protocols: Set<string>
}

/** Remembers a name as the last one; those not seen for the longest time are forgotten. */
function remember(names: Set<string>, name: string): void {
  names.delete(name)
  names.add(name)
  if (names.size <= maxNames) return
  for (const oldest of names) {
    names.delete(oldest)
    return
  }
}

/** Inside hosts, as connections that were classified show them; it starts anew with the thread. */
export class HostInventory {
  readonly #hosts = new Map<string, Host>()

  add(flow: StreamedFlow): void {
    const { local, origin, metadata, application, protocol, atUs } = flow
    // Where neither end is inside, the local one is whoever opened it, and that may be anyone.
    if (flow.otherType !== 'remote' || origin === 'unknown') return
    const address = formatWords(local.address)
    const host = this.#hosts.get(address) ?? this.#begin(atUs)
    this.#hosts.delete(address)
    this.#hosts.set(address, host)
    host.lastUs = atUs
    host.connections++
    host.mac = local.mac ?? host.mac
    host.dhcpFingerprint = metadata.dhcpFingerprint ?? host.dhcpFingerprint
    host.dhcpClass = metadata.dhcpClass ?? host.dhcpClass
    if (application !== undefined) remember(host.applications, application)
    if (protocol !== 'unknown') remember(host.protocols, protocol)
  }

  /** Everybody who is remembered. */
  list(): SeenHost[] {
    return [...this.#hosts].map(([address, host]) =>
      Object.assign({}, host, {
        address,
        applications: [...host.applications],
        protocols: [...host.protocols],
      })
    )
  }

  #begin(firstUs: number): Host {
    if (this.#hosts.size >= maxHosts) {
      for (const longest of this.#hosts.keys()) {
        this.#hosts.delete(longest)
        break
      }
    }
    return {
      firstUs,
      lastUs: firstUs,
      connections: 0,
      mac: undefined,
      dhcpFingerprint: undefined,
      dhcpClass: undefined,
      applications: new Set(),
      protocols: new Set(),
    }
  }
}

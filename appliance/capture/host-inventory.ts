import { formatWords, isV4 } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import type { ClassifiedFlow } from '../../model/classified-flow.ts'
import type { SeenHost } from '../../model/live-flows.ts'

/** Hosts that are remembered; who was not seen for the longest time goes first. */
const maxHosts = 10_000
/** Names that are kept of a host. */
const maxNames = 24
/** Who was seen within that time of a host's place among all keeps it (us). */
const placeUs = 1e6

interface Host {
  readonly address: AddressWords
  /** When it was put at the end of all. */
  placedUs: number
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
  const isNew = !names.delete(name)
  names.add(name)
  if (!isNew || names.size <= maxNames) return
  for (const oldest of names) {
    names.delete(oldest)
    return
  }
}

/** A number is quicker to find than a text, and nearly every inside address is of IPv4. */
const keyOf = (words: AddressWords): string | number =>
  isV4(words[0], words[1], words[2]) ? words[3] : formatWords(words)

/** Inside hosts, as connections that were classified show them; it starts anew with the thread. */
export class HostInventory {
  readonly #hosts = new Map<string | number, Host>()

  add(flow: ClassifiedFlow): void {
    const { local, origin, metadata, application, protocol, atUs } = flow
    // Where neither end is inside, the local one is whoever opened it, and that may be anyone.
    if (flow.otherType !== 'remote' || origin === 'unknown') return
    const key = keyOf(local.address)
    let host = this.#hosts.get(key)
    if (host === undefined) {
      host = this.#begin(local.address, atUs)
      this.#hosts.set(key, host)
    } else if (atUs - host.placedUs > placeUs) {
      host.placedUs = atUs
      this.#hosts.delete(key)
      this.#hosts.set(key, host)
    }
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
    return [...this.#hosts.values()].map(({ address, placedUs: _, ...host }) => ({
      ...host,
      address: formatWords(address),
      applications: [...host.applications],
      protocols: [...host.protocols],
    }))
  }

  #begin(address: AddressWords, firstUs: number): Host {
    if (this.#hosts.size >= maxHosts) {
      for (const longest of this.#hosts.keys()) {
        this.#hosts.delete(longest)
        break
      }
    }
    return {
      address,
      placedUs: firstUs,
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

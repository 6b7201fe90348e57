import { formatWords, isV4 } from '../../model/address.ts'
import type { AddressWords } from '../../model/address.ts'
import type { ClassifiedFlow } from '../../model/classified-flow.ts'
import type { SeenHost } from '../../model/live-flows.ts'

/**
 * Hosts of a generation. Once there are as many that were seen since it began, those that were not
 * are forgotten, and the next one begins: so no host has to be put in its place at each flow.
 */
const generation = 10_000
/** Names that are kept of a host. */
const maxNames = 24

interface Host {
  readonly address: AddressWords
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
  #seen = new Map<string | number, Host>()
  /** Those of the generation before that were not seen since. */
  #before = new Map<string | number, Host>()

  add(flow: ClassifiedFlow): void {
    const { local, origin, metadata, application, protocol, atUs } = flow
    // Where neither end is inside, the local one is whoever opened it, and that may be anyone.
    if (flow.otherType !== 'remote' || origin === 'unknown') return
    const key = keyOf(local.address)
    const host = this.#seen.get(key) ?? this.#place(key, local.address, atUs)
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
    return [...this.#before.values(), ...this.#seen.values()].map(({ address, ...host }) => ({
      ...host,
      address: formatWords(address),
      applications: [...host.applications],
      protocols: [...host.protocols],
    }))
  }

  /** Takes a host into this generation. */
  #place(key: string | number, address: AddressWords, atUs: number): Host {
    if (this.#seen.size >= generation) {
      this.#before = this.#seen
      this.#seen = new Map()
    }
    const host = this.#before.get(key) ?? begin(address, atUs)
    this.#before.delete(key)
    this.#seen.set(key, host)
    return host
  }
}

const begin = (address: AddressWords, firstUs: number): Host => ({
  address,
  firstUs,
  lastUs: firstUs,
  connections: 0,
  mac: undefined,
  dhcpFingerprint: undefined,
  dhcpClass: undefined,
  applications: new Set(),
  protocols: new Set(),
})

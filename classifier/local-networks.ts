import { PrefixTable } from '../criteria/prefix-table.ts'
import { parsePrefix } from '../model/address.ts'
import type { AddressWords, Prefix } from '../model/address.ts'
import type { OtherType } from '../model/classified-flow.ts'

type Prefixes = readonly Prefix[]

const prefixes = (...texts: string[]): Prefixes => texts.flatMap((text) => parsePrefix(text) ?? [])

/** What is inside where nobody says: RFC 1918, RFC 6598, link-local, RFC 4193. */
const usualInside = prefixes(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '127.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
  '::1'
)
const multicast = prefixes('224.0.0.0/4', 'ff00::/8')
const broadcast = prefixes('255.255.255.255/32', '0.0.0.0/32', '::/128')

/** Each flow is asked about twice: to halve a table is quicker than to try all prefixes. */
const tableOf = (list: Prefixes): PrefixTable =>
  new PrefixTable(list.map((prefix, value) => ({ prefix, value })))

const holds = (table: PrefixTable, address: AddressWords): boolean =>
  table.find(address[0], address[1], address[2], address[3]) >= 0

const multicastTable = tableOf(multicast)
const broadcastTable = tableOf(broadcast)

/** Tells our addresses from others. */
export class LocalNetworks {
  private inside = tableOf(usualInside)

  /** @param inside prefixes of ours; empty: those that nobody routes */
  constructor(inside: Prefixes = []) {
    this.use(inside)
  }

  /** As the constructor, for a configuration that was read again. */
  use(inside: Prefixes = []): void {
    this.inside = tableOf(inside.length > 0 ? inside : usualInside)
  }

  holds(address: AddressWords): boolean {
    return holds(this.inside, address)
  }

  /** What an address is for somebody inside. */
  typeOf(address: AddressWords): OtherType {
    if (holds(multicastTable, address)) return 'multicast'
    if (holds(broadcastTable, address)) return 'broadcast'
    return this.holds(address) ? 'local' : 'remote'
  }
}

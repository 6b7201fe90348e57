import { parsePrefix, prefixHolds } from '../model/address.ts'
import type { AddressWords, Prefix } from '../model/address.ts'
import type { OtherType } from '../model/classified-flow.ts'

type Prefixes = readonly Prefix[]

const prefixes = (...texts: string[]): readonly Prefix[] =>
  texts.flatMap((text) => parsePrefix(text) ?? [])

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

function isIn(list: Prefixes, address: AddressWords): boolean {
  for (const prefix of list) {
    if (prefixHolds(prefix, address[0], address[1], address[2], address[3])) return true
  }
  return false
}

/** Tells our addresses from others. */
export class LocalNetworks {
  private inside: readonly Prefix[] = usualInside

  /** @param inside prefixes of ours; empty: those that nobody routes */
  constructor(inside: Prefixes = []) {
    this.use(inside)
  }

  /** As the constructor, for a configuration that was read again. */
  use(inside: Prefixes = []): void {
    this.inside = inside.length > 0 ? inside : usualInside
  }

  holds(address: AddressWords): boolean {
    return isIn(this.inside, address)
  }

  /** What an address is for somebody inside. */
  typeOf(address: AddressWords): OtherType {
    if (isIn(multicast, address)) return 'multicast'
    if (isIn(broadcast, address)) return 'broadcast'
    return this.holds(address) ? 'local' : 'remote'
  }
}

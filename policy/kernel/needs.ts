/** The table that is flowledger's alone; our rules, and the sets that only they look into. */
export const policyTable = 'flowledger-policy'

/** The remark by which a table or a set of nftables is known as ours. */
export const ownerMark = 'flowledger policy'

/** The IP set that holds those that are ours: IP sets have no remark of their own. */
export const ownerSet = 'flowledger-policy'

/** What an element of a set is made of. */
export const elementFields = [
  'local_mac',
  'other_mac',
  'local_addr',
  'other_addr',
  'local_port',
  'other_port',
  'ip_proto',
  'mark',
  'interface',
] as const

export type ElementField = (typeof elementFields)[number]

export type IpVersion = 4 | 6

/** A set of nftables, for one version of IP. */
export interface NftSetNeed {
  readonly kind: 'nft-set'
  readonly family: string
  readonly table: string
  readonly set: string
  readonly ipVersion: IpVersion
  readonly fields: readonly ElementField[]
  /** Seconds; 0: elements stay. */
  readonly ttl: number
  readonly maxElements: number
  /** True where we make it, and take it away. */
  readonly isManaged: boolean
  readonly flushOnCreate: boolean
}

/** A set of ipset(8). */
export interface IpsetNeed {
  readonly kind: 'ipset'
  readonly name: string
  readonly type: string
  readonly ipVersion: IpVersion
  readonly ttl: number
  readonly maxElements: number
  readonly hasSkb: boolean
  readonly isManaged: boolean
  readonly flushOnCreate: boolean
}

/** What must stand in the kernel. */
export type KernelNeed =
  /** A rule that uses labels, without which entries are made with no room for them. */
  | { readonly kind: 'labels' }
  | NftSetNeed
  | IpsetNeed
  /** A rule of our own table: `cut` looks at what is forwarded, `mark` at what leaves. */
  | { readonly kind: 'rule'; readonly chain: 'cut' | 'mark'; readonly text: string }

const nftTypes: Readonly<Record<ElementField, string>> = {
  local_mac: 'ether_addr',
  other_mac: 'ether_addr',
  local_addr: '',
  other_addr: '',
  local_port: 'inet_service',
  other_port: 'inet_service',
  ip_proto: 'inet_proto',
  mark: 'mark',
  interface: 'ifname',
}

/** The type of a set, as nft(8) writes it: `ipv4_addr . inet_service`. */
export function nftTypeOf(fields: readonly ElementField[], ipVersion: IpVersion): string {
  return fields.map((field) => nftTypes[field] || `ipv${ipVersion}_addr`).join(' . ')
}

/** The name of a set for one version of IP, where there is one for each. */
export const versionedName = (name: string, ipVersion: IpVersion, hasSuffix: boolean): string =>
  hasSuffix ? `${name}.v${ipVersion}` : name

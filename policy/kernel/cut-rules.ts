import { nftTypeOf, policyTable } from './needs.ts'
import type { ElementField, IpVersion, KernelNeed, NftSetNeed } from './needs.ts'

/** How a connection is ended: both ends are told (TCP reset, else ICMP), or packets vanish. */
export type CutBy = 'reset' | 'drop'

/** This very connection. */
export const exactFields: readonly ElementField[] = [
  'local_addr',
  'local_port',
  'ip_proto',
  'other_addr',
  'other_port',
]

/** Whatever this client does with this service. */
export const serviceFields: readonly ElementField[] = [
  'other_addr',
  'ip_proto',
  'other_port',
  'local_addr',
]

/**
 * A name for nftables of any name: the one can be told from the other, as no two give the same.
 * What is left of a long one is told apart by its length alone, which the schema bounds.
 */
export const nftName = (name: string): string =>
  name.replaceAll(/[^A-Za-z0-9-]/g, (letter) => `_${letter.codePointAt(0)?.toString(16) ?? ''}`)

/** Where a packet has what an element is made of; `outward` is one from our end to the far one. */
function selector(field: ElementField, version: IpVersion, isOutward: boolean): string {
  const ip = version === 4 ? 'ip' : 'ip6'
  const [source, destination] = isOutward ? ['local', 'other'] : ['other', 'local']
  if (field === `${source}_addr`) return `${ip} saddr`
  if (field === `${destination}_addr`) return `${ip} daddr`
  if (field === `${source}_port`) return 'th sport'
  return field === `${destination}_port` ? 'th dport' : 'meta l4proto'
}

/** Rules that end what a match means, packets of either direction alike. */
export function cutRules(name: string, match: string, by: CutBy): readonly KernelNeed[] {
  const remark = `comment "${nftName(name).slice(0, 100)}"`
  if (by === 'drop')
    return [{ kind: 'rule', chain: 'cut', text: `${match} counter drop ${remark}` }]
  const texts = [
    `${match} meta l4proto tcp counter reject with tcp reset ${remark}`,
    `${match} counter reject with icmpx admin-prohibited ${remark}`,
  ]
  return texts.map((text) => ({ kind: 'rule', chain: 'cut', text }))
}

/** Sets of our own table, and rules that end what stands in them. */
export function cutSets(
  name: string,
  fields: readonly ElementField[],
  by: CutBy,
  ttl: number
): readonly KernelNeed[] {
  return ([4, 6] as const).flatMap((version) => {
    const set = cutSet(name, fields, version, ttl)
    const rules = [true, false].flatMap((isOutward) => {
      const packet = fields.map((field) => selector(field, version, isOutward)).join(' . ')
      return cutRules(name, `${packet} @${set.set}`, by)
    })
    return [set, ...rules]
  })
}

export function cutSet(
  name: string,
  fields: readonly ElementField[],
  version: IpVersion,
  ttl: number
): NftSetNeed {
  return {
    kind: 'nft-set',
    family: 'inet',
    table: policyTable,
    set: `cut-${nftName(name)}.v${version}`,
    ipVersion: version,
    fields,
    ttl,
    maxElements: 65_536,
    isManaged: true,
    flushOnCreate: false,
  }
}

/** The declaration of a set of nftables, as nft(8) reads it, without its name. */
export function setBody({ fields, ipVersion, ttl, maxElements }: NftSetNeed, mark: string): string {
  const flags = ttl > 0 ? ' flags timeout;' : ''
  const type = nftTypeOf(fields, ipVersion)
  return `{ type ${type};${flags} size ${maxElements}; comment "${mark}"; }`
}

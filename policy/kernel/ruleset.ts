import { createHash } from 'node:crypto'
import { setBody } from './cut-rules.ts'
import { ownerMark, policyTable } from './needs.ts'
import type { IpsetNeed, KernelNeed, NftSetNeed } from './needs.ts'

/** What several targets need, once each, in the order in which they are named. */
export interface Wanted {
  readonly hasLabels: boolean
  readonly nftSets: readonly NftSetNeed[]
  readonly ipsets: readonly IpsetNeed[]
  readonly rules: Readonly<Record<'cut' | 'mark', readonly string[]>>
}

export function wantedOf(needs: readonly KernelNeed[]): Wanted {
  const unique = [...new Map(needs.map((need) => [JSON.stringify(need), need])).values()]
  const rules = (chain: 'cut' | 'mark'): string[] =>
    unique.flatMap((need) => (need.kind === 'rule' && need.chain === chain ? [need.text] : []))
  return {
    hasLabels: unique.some(({ kind }) => kind === 'labels'),
    nftSets: unique.flatMap((need) => (need.kind === 'nft-set' ? [need] : [])),
    ipsets: unique.flatMap((need) => (need.kind === 'ipset' ? [need] : [])),
    rules: { cut: rules('cut'), mark: rules('mark') },
  }
}

/** True where the policy has anything to do in our own table. */
export const needsTable = ({ hasLabels, rules, nftSets }: Wanted): boolean =>
  hasLabels ||
  rules.cut.length + rules.mark.length > 0 ||
  nftSets.some(({ table }) => table === policyTable)

const chains = {
  /** Before the rules of others at `filter`, so that an `accept` of theirs does not come first. */
  cut: {
    name: 'cut-flows',
    hook: 'type filter hook forward priority filter - 5; policy accept;',
  },
  mark: {
    name: 'mark-packets',
    hook: 'type filter hook postrouting priority mangle; policy accept;',
  },
} as const

/** Tells our table as this policy wants it from any other. */
export function digestOf({ hasLabels, rules, nftSets }: Wanted): string {
  const own = nftSets.filter(({ table }) => table === policyTable)
  const text = JSON.stringify([hasLabels, rules, own])
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/**
 * Our own table, as nft(8) reads it. Sets that are there keep their elements; chains are written
 * anew in the same step, so there is no moment without them.
 *
 * The chain `labels` hangs on no hook and no packet passes it: that a rule uses labels is enough
 * for the kernel to make entries with room for them.
 */
export function tableText(wanted: Wanted): string {
  const table = `inet ${policyTable}`
  const lines = [`table ${table} { comment "${ownerMark}"; }`]
  for (const need of wanted.nftSets.filter((set) => set.table === policyTable)) {
    lines.push(`add set ${table} ${need.set} ${setBody(need, ownerMark)}`)
  }
  lines.push(`add chain ${table} labels`, `flush chain ${table} labels`)
  lines.push(`add rule ${table} labels counter comment "policy ${digestOf(wanted)}"`)
  if (wanted.hasLabels) lines.push(`add rule ${table} labels ct label set 0`)
  for (const chain of ['cut', 'mark'] as const) {
    const { name, hook } = chains[chain]
    lines.push(`add chain ${table} ${name} { ${hook} }`, `flush chain ${table} ${name}`)
    for (const rule of wanted.rules[chain]) lines.push(`add rule ${table} ${name} ${rule}`)
  }
  return `${lines.join('\n')}\n`
}

/** The declaration of a set of ours in a table of somebody else's, or in one made for it. */
export function setText(need: NftSetNeed): string {
  const table = `${need.family} ${need.table}`
  const flush = need.flushOnCreate ? `flush set ${table} ${need.set}\n` : ''
  return `add set ${table} ${need.set} ${setBody(need, ownerMark)}\n${flush}`
}

/** What ipset(8) makes the set of. */
export function ipsetArguments(need: IpsetNeed): string[] {
  const { name, type, ipVersion, ttl, maxElements, hasSkb } = need
  const family = type === 'hash:mac' ? [] : ['family', ipVersion === 4 ? 'inet' : 'inet6']
  const timeout = ttl > 0 ? ['timeout', String(ttl)] : []
  const size = ['maxelem', String(maxElements)]
  return ['create', name, type, ...family, ...size, ...timeout, ...(hasSkb ? ['skbinfo'] : [])]
}

/** All that apply puts into the kernel, to read: nft's part, then ipset's. */
export function rulesetText(wanted: Wanted): string {
  const others = wanted.nftSets.filter((set) => set.isManaged && set.table !== policyTable)
  const ipsets = wanted.ipsets.filter(({ isManaged }) => isManaged)
  return [
    ...(needsTable(wanted) ? [tableText(wanted)] : []),
    ...others.map((set) => `add table ${set.family} ${set.table}\n${setText(set)}`),
    ...ipsets.map((set) => `# ipset ${ipsetArguments(set).join(' ')}\n`),
  ].join('')
}

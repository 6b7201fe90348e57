import { formatV4, formatWords } from '../../model/address.ts'
import type { DeterministicPool } from '../../model/deterministic-nat.ts'
import { FlowledgerError } from '../../model/errors.ts'
import { outcomeOf } from '../../model/pool-outcome.ts'
import { addressMapOf, insideText, remarksOf, sharesOf } from './rules-of-pool.ts'
import type { RuleOptions } from './rules-of-pool.ts'

/** Ranges that one test of u32 may have (XT_U32_MAXSIZE). */
const rangesOfTest = 10
/** Hosts with ports of their own: each costs rules that are gone through one by one. */
const mostHosts = 16_384

const hex = (value: number): string => `0x${value.toString(16)}`

const rangeText = ([first, last]: readonly [number, number]): string =>
  first === last ? hex(first) : `${hex(first)}:${hex(last)}`

/**
 * The pool as rules of iptables, as iptables-restore(8) reads them: `u32` looks at the source
 * address, which stands 12 octets into the IP header, and its low bits or the range in which it is
 * say which public address it gets.
 */
export function u32Rules(pool: DeterministicPool, options: RuleOptions): string {
  const { mask, groups } = addressMapOf(pool)
  const { subscribers } = outcomeOf(pool)
  if (options.hasPorts && subscribers > mostHosts) {
    throw new FlowledgerError('usage', `iptables would go through rules of ${subscribers} hosts.`, {
      fix: 'Use --form nft, whose maps are looked up at once, or --address-only.',
    })
  }
  const field = mask === 0xffffffff ? '12' : `12&${hex(mask)}`
  const tests = groups.flatMap(({ outside, ranges }, i) => {
    const parts: string[] = []
    for (let from = 0; from < ranges.length; from += rangesOfTest) {
      const values = ranges.slice(from, from + rangesOfTest).map(rangeText)
      const way = options.hasPorts ? `NATPOOL-${i}` : `SNAT --to-source ${outside}`
      parts.push(`-A NATPOOL -m u32 --u32 "${field}=${values.join(',')}" -j ${way}`)
    }
    return parts
  })
  const out = options.interface === undefined ? '' : ` -o ${options.interface}`
  return [
    ...remarksOf(pool, options).map((line) => `# ${line}`),
    '*nat',
    ':NATPOOL - [0:0]',
    ...(options.hasPorts ? groups.map((_, i) => `:NATPOOL-${i} - [0:0]`) : []),
    `-A POSTROUTING -s ${insideText(pool)}${out} -j NATPOOL`,
    ...tests,
    ...(options.hasPorts ? portRules(pool, groups) : []),
    'COMMIT',
    '',
  ].join('\n')
}

function portRules(
  pool: DeterministicPool,
  groups: ReturnType<typeof addressMapOf>['groups']
): readonly string[] {
  const chains = new Map(groups.map(({ outside }, i) => [outside, `NATPOOL-${i}`]))
  const hosts = [...sharesOf(pool)].flatMap(({ inside, share: { outside, start, end } }) => {
    const address = formatWords(outside)
    const head = `-A ${chains.get(address) ?? ''} -s ${formatV4(inside)}/32`
    const way = `-j SNAT --to-source ${address}:${start}-${end}`
    return [`${head} -p tcp ${way}`, `${head} -p udp ${way}`]
  })
  const others = groups.map(({ outside }, i) => `-A NATPOOL-${i} -j SNAT --to-source ${outside}`)
  return [...hosts, ...others]
}

import { formatV4, formatWords } from '../../model/address.ts'
import type { DeterministicPool } from '../../model/deterministic-nat.ts'
import { addressMapOf, insideText, remarksOf, sharesOf } from './rules-of-pool.ts'
import type { RuleOptions } from './rules-of-pool.ts'

const rangeText = ([first, last]: readonly [number, number]): string =>
  first === last ? formatV4(first) : `${formatV4(first)}-${formatV4(last)}`

/**
 * The pool as a table of nftables: a map of low bits or of ranges to public addresses, and where
 * each host has its ports, a map of hosts for what has ports. The same inside address always gets
 * the same public one.
 */
export function nftRules(pool: DeterministicPool, options: RuleOptions): string {
  const { mask, groups } = addressMapOf(pool)
  const elements = groups.flatMap(({ outside, ranges }) =>
    ranges.map((range) => `${rangeText(range)} : ${outside}`)
  )
  const from = `ip saddr ${insideText(pool)}`
  const out = options.interface === undefined ? from : `oifname "${options.interface}" ${from}`
  const key = mask === 0xffffffff ? 'ip saddr' : `ip saddr & ${formatV4(mask)}`
  const hosts = options.hasPorts
    ? [...sharesOf(pool)].map(({ inside, share: { outside, start, end } }) => {
        return `${formatV4(inside)} : ${formatWords(outside)} . ${start}-${end}`
      })
    : []
  const lines = [
    ...remarksOf(pool, options).map((line) => `# ${line}`),
    'table ip flowledger-natpool {}',
    'delete table ip flowledger-natpool',
    'table ip flowledger-natpool {',
    '  map addresses {',
    '    type ipv4_addr : ipv4_addr; flags interval;',
    `    elements = {\n      ${elements.join(',\n      ')}\n    }`,
    '  }',
  ]
  if (hosts.length > 0) {
    lines.push(
      '  map hosts {',
      '    type ipv4_addr : interval ipv4_addr . inet_service; flags interval;',
      `    elements = {\n      ${hosts.join(',\n      ')}\n    }`,
      '  }'
    )
  }
  lines.push(
    '  chain postrouting {',
    '    type nat hook postrouting priority srcnat; policy accept;'
  )
  if (hosts.length > 0)
    lines.push(`    ${out} meta l4proto { tcp, udp } snat ip to ip saddr map @hosts`)
  lines.push(`    ${out} snat ip to ${key} map @addresses`, '  }', '}', '')
  return lines.join('\n')
}

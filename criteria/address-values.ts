import { parsePrefix, prefixHolds } from '../model/address.ts'
import type { Prefix } from '../model/address.ts'
import { normaliseMac } from '../model/mac.ts'
import type { Compilation, Predicate } from './criteria.ts'
import type { AddressGroup } from './names.ts'
import { CriteriaError } from './problem.ts'
import { PrefixTable } from './prefix-table.ts'
import type { Value } from './syntax.ts'

/** So few prefixes are compared one after the other. */
const fewPrefixes = 8

function groupOf(value: Value, { context }: Compilation): AddressGroup {
  const group = context.names.group(value.text.slice(1))
  if (group !== undefined) return group
  throw new CriteriaError(`There is no group of addresses ${value.text.slice(0, 60)}.`, value)
}

/** `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32` and `@group`. */
export function addressTest(
  end: 'local' | 'other',
  values: readonly Value[],
  compilation: Compilation
): Predicate {
  const prefixes = values.flatMap((value): readonly Prefix[] => {
    if (value.text.startsWith('@')) return groupOf(value, compilation).prefixes
    const prefix = parsePrefix(value.text)
    if (prefix !== undefined) return [prefix]
    const what = 'is no address and no prefix (no bits may be set behind its length).'
    throw new CriteriaError(`${JSON.stringify(value.text.slice(0, 60))} ${what}`, value)
  })
  if (prefixes.length <= fewPrefixes) {
    return (flow) => {
      const [w0, w1, w2, w3] = flow[end].address
      return prefixes.some((prefix) => prefixHolds(prefix, w0, w1, w2, w3))
    }
  }
  const table = new PrefixTable(prefixes.map((prefix) => ({ prefix, value: 0 })))
  return (flow) => {
    const [w0, w1, w2, w3] = flow[end].address
    return table.find(w0, w1, w2, w3) >= 0
  }
}

/** `00:11:22:33:44:55`, in any spelling, and `@group`. */
export function macTest(
  end: 'local' | 'other',
  values: readonly Value[],
  compilation: Compilation
): Predicate {
  const wanted = new Set(
    values.flatMap((value): readonly string[] => {
      if (value.text.startsWith('@')) return groupOf(value, compilation).macs
      const mac = normaliseMac(value.text)
      if (mac !== undefined) return [mac]
      const text = JSON.stringify(value.text.slice(0, 60))
      throw new CriteriaError(`${text} is no Ethernet address.`, value)
    })
  )
  return (flow) => wanted.has(flow[end].mac ?? '')
}

import { prefixHolds } from '../model/address.ts'
import type { Prefix } from '../model/address.ts'
import type { ExportFilter } from '../model/export-targets.ts'
import type { Columns } from '../model/flow-batch.ts'

/** True where a row is one that the target wants. */
export type RowFilter = (columns: Columns, row: number) => boolean

const addressNames = [
  'sourceAddress',
  'destinationAddress',
  'postNatSourceAddress',
  'postNatDestinationAddress',
] as const

function holds(prefixes: readonly Prefix[], words: Uint32Array, row: number): boolean {
  const at = 4 * row
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = [words[at], words[at + 1], words[at + 2], words[at + 3]]
  return prefixes.some((prefix) => prefixHolds(prefix, w0, w1, w2, w3))
}

/** True where translation changed an address or a port. */
export function isTranslated(columns: Columns, row: number): boolean {
  if (columns.sourceTransportPort[row] !== columns.postNaptSourceTransportPort[row]) return true
  if (columns.destinationTransportPort[row] !== columns.postNaptDestinationTransportPort[row]) {
    return true
  }
  const { sourceAddress, postNatSourceAddress, destinationAddress } = columns
  const { postNatDestinationAddress } = columns
  // From the last word on, where addresses differ first.
  for (let at = 4 * row + 3; at >= 4 * row; at--) {
    if (sourceAddress[at] !== postNatSourceAddress[at]) return true
    if (destinationAddress[at] !== postNatDestinationAddress[at]) return true
  }
  return false
}

/** What a filter asks for as a test of a row; undefined where it asks for nothing. */
export function makeRowFilter(filter: ExportFilter): RowFilter | undefined {
  const { networks, protocols, zones, translated } = filter
  const tests: RowFilter[] = []
  if (protocols !== undefined) {
    const wanted = new Set(protocols)
    tests.push(({ protocolIdentifier }, row) => wanted.has(protocolIdentifier[row] ?? 0))
  }
  if (zones !== undefined) {
    const wanted = new Set(zones)
    tests.push(({ ingressVrfId }, row) => wanted.has(ingressVrfId[row] ?? 0))
  }
  if (translated !== undefined) {
    tests.push((columns, row) => isTranslated(columns, row) === translated)
  }
  if (networks !== undefined) {
    tests.push((columns, row) => addressNames.some((name) => holds(networks, columns[name], row)))
  }
  if (tests.length === 0) return undefined
  return (columns, row) => tests.every((test) => test(columns, row))
}

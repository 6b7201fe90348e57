import type { Columns } from '../../model/flow-batch.ts'
import { isV4At, mix, mixEnd, natPortsOf, portsOf } from './open-row.ts'

/** Hash of an address and a port. */
export function endpointHash(w0: number, w1: number, w2: number, w3: number, port: number): number {
  let hash = mix(0x1b873593, w3)
  hash = mix(hash, port)
  if (w0 !== 0) {
    hash = mix(hash, w0)
    hash = mix(hash, w1)
    hash = mix(hash, w2)
  }
  return mixEnd(hash)
}

/** Hash of what the world sees as the source of a batch row: the reply's destination. */
export function sourceHash(columns: Columns, row: number): number {
  const { postNatSourceAddress, postNaptSourceTransportPort } = columns
  return hashAt(postNatSourceAddress, row, postNaptSourceTransportPort[row] ?? 0)
}

/**
 * Hash of the original destination where the world may have seen that as ours: it was translated
 * (port forward), or nothing was and either end may be ours. Else `otherwise`.
 */
export function forwardedHash(columns: Columns, row: number, otherwise: number): number {
  const { sourceAddress, destinationAddress } = columns
  const turned = portsOf(columns, row) ^ natPortsOf(columns, row)
  const sourceKept =
    (turned & 0xffff) === 0 && sameAddress(sourceAddress, columns.postNatSourceAddress, row)
  const destinationKept =
    turned >>> 16 === 0 && sameAddress(destinationAddress, columns.postNatDestinationAddress, row)
  if (!sourceKept && destinationKept) return otherwise
  return hashAt(destinationAddress, row, columns.destinationTransportPort[row] ?? 0)
}

function sameAddress(a: Uint32Array, b: Uint32Array, row: number): boolean {
  const word = 4 * row
  return (
    a[word + 3] === b[word + 3] &&
    a[word + 2] === b[word + 2] &&
    a[word + 1] === b[word + 1] &&
    a[word] === b[word]
  )
}

function hashAt(addresses: Uint32Array, row: number, port: number): number {
  const word = 4 * row
  const last = addresses[word + 3] ?? 0
  if (isV4At(addresses, word)) return mixEnd(mix(mix(0x1b873593, last), port))
  const [w0 = 0, w1 = 0, w2 = 0] = addresses.subarray(word, word + 3)
  return endpointHash(w0, w1, w2, last, port)
}

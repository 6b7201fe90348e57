import { mix, mixEnd, rowLayout, rowWords } from './open-row.ts'

const at = rowLayout

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

/** Hash of what the world saw of a row as its source: the reply's destination. */
export function sourceHash(words: Int32Array, row: number): number {
  const base = row * rowWords
  return hashAt(words, base + at.postNatSource, (words[base + at.natPorts] ?? 0) & 0xffff)
}

/**
 * Hash of the original destination where the world may have seen that as ours: it was translated
 * (port forward), or nothing was and either end may be ours. Else `otherwise`.
 */
export function forwardedHash(words: Int32Array, row: number, otherwise: number): number {
  const base = row * rowWords
  const ports = words[base + at.ports] ?? 0
  const natPorts = words[base + at.natPorts] ?? 0
  const sourceKept =
    (ports & 0xffff) === (natPorts & 0xffff) && sameWords(words, base, base + at.postNatSource)
  const destinationKept =
    ports >>> 16 === natPorts >>> 16 &&
    sameWords(words, base + at.destination, base + at.postNatDestination)
  if (!sourceKept && destinationKept) return otherwise
  return hashAt(words, base + at.destination, ports >>> 16)
}

function sameWords(words: Int32Array, a: number, b: number): boolean {
  return (
    words[a + 3] === words[b + 3] &&
    words[a + 2] === words[b + 2] &&
    words[a + 1] === words[b + 1] &&
    words[a] === words[b]
  )
}

function hashAt(words: Int32Array, address: number, port: number): number {
  return endpointHash(
    words[address] ?? 0,
    words[address + 1] ?? 0,
    words[address + 2] ?? 0,
    words[address + 3] ?? 0,
    port
  )
}

import type { AddressWords } from '../../model/address.ts'
import { addressAndPortHash } from './mapping-key.ts'
import type { MappingKind } from './mapping-key.ts'
import type { NatColumns } from './nat-row.ts'
import { RowIndex } from './row-index.ts'

/** Stands for the port of what has many of an address: blocks, and addresses as a whole. */
const manyPorts = 0x1_0000

/**
 * Finds mappings by the address and port that the world saw, which is what people ask for. Two ends
 * of a mapping can be that: the source after translation, and the destination before it where that
 * was translated (port forward) or where nothing was. Twelve octets a mapping for each of the two.
 */
export class EndpointIndex {
  readonly #outside = new RowIndex()
  readonly #forwarded = new RowIndex()

  /** Makes room for rows below `capacity`, a power of two. */
  grow(capacity: number): void {
    this.#outside.grow(capacity)
    this.#forwarded.grow(capacity)
  }

  add(row: number, c: NatColumns, kind: MappingKind): void {
    const hasMany = kind === 'block' || kind === 'address'
    const port = hasMany ? manyPorts : (c.postNaptSourceTransportPort[row] ?? 0)
    this.#outside.add(row, addressAndPortHash(c.postNatSourceAddress, 4 * row, port))
    if (hasMany || !mayBeForwarded(c, row)) return
    const forwarded = c.destinationTransportPort[row] ?? 0
    this.#forwarded.add(row, addressAndPortHash(c.destinationAddress, 4 * row, forwarded))
  }

  remove(row: number): void {
    this.#outside.remove(row)
    this.#forwarded.remove(row)
  }

  /** Rows that may hold the port of the address, each once; the caller compares. */
  holding(address: AddressWords, port: number): Set<number> {
    const rows = new Set<number>()
    const one = addressAndPortHash(address, 0, port)
    for (const [index, hash] of [
      [this.#outside, one],
      [this.#outside, addressAndPortHash(address, 0, manyPorts)],
      [this.#forwarded, one],
    ] as const) {
      for (let row = index.first(hash); row >= 0; row = index.after(row)) rows.add(row)
    }
    return rows
  }
}

/** True unless only the source was translated: then the destination is somebody else's. */
function mayBeForwarded(c: NatColumns, row: number): boolean {
  return (
    !isSame(c.destinationAddress, c.postNatDestinationAddress, row) ||
    c.destinationTransportPort[row] !== c.postNaptDestinationTransportPort[row] ||
    (isSame(c.sourceAddress, c.postNatSourceAddress, row) &&
      c.sourceTransportPort[row] === c.postNaptSourceTransportPort[row])
  )
}

function isSame(a: ArrayLike<number>, b: ArrayLike<number>, row: number): boolean {
  const at = 4 * row
  return (
    a[at + 3] === b[at + 3] && a[at + 2] === b[at + 2] && a[at + 1] === b[at + 1] && a[at] === b[at]
  )
}

import type { FlowBatch } from '../model/flow-batch.ts'
import { addressColumn, natViews, portColumn } from '../model/nat-view.ts'
import type { Networks } from '../model/nat-view.ts'
import { publicKeyHigh, publicKeyLow } from '../model/public-key.ts'

/** Rows that are put in order together at most: their numbers have 16 bits. */
export const maxOrderedRows = 1 << 16

/**
 * The order of the rows of some batches by public address and port, which is that of the ledger's
 * index: neighbours then fall into the same pages of it, and the COPY takes fewer of the server's
 * cycles (bench/RESULTS.md). Only the speed depends on it, so rows with IPv6 are grouped and no
 * more.
 *
 * ```
 *  63                    32 31        16 15        0
 * +------------------------+------------+-----------+
 * | address (IPv6: a hash) |    port    | row number|   sorted as one integer
 * +------------------------+------------+-----------+
 * ```
 */
export class KeyOrder {
  readonly #keys = new BigUint64Array(maxOrderedRows)
  readonly #halves = new Uint32Array(this.#keys.buffer)
  readonly #batchOf = new Uint16Array(maxOrderedRows)
  readonly #rowOf = new Uint16Array(maxOrderedRows)

  /**
   * Puts the rows of the batches in order; gives their number.
   *
   * @param batches together no more than {@link maxOrderedRows} rows
   */
  sort(batches: readonly FlowBatch[], networks: Networks): number {
    let count = 0
    for (const [index, batch] of batches.entries()) {
      for (let row = 0; row < batch.length; row++) this.#note(batch, index, row, networks, count++)
    }
    this.#keys.subarray(0, count).sort()
    return count
  }

  /** Index of the batch that holds the `place`-th row. */
  batchAt(place: number): number {
    return this.#batchOf[(this.#halves[2 * place] ?? 0) & 0xffff] ?? 0
  }

  /** The `place`-th row, within its batch. */
  rowAt(place: number): number {
    return this.#rowOf[(this.#halves[2 * place] ?? 0) & 0xffff] ?? 0
  }

  #note(batch: FlowBatch, index: number, row: number, networks: Networks, number: number): void {
    const { columns } = batch
    const end = natViews(columns, row, networks)[0]?.public ?? 0
    const words = addressColumn(columns, end)
    const w0 = words[4 * row] ?? 0
    const w1 = words[4 * row + 1] ?? 0
    const w2 = words[4 * row + 2] ?? 0
    const w3 = words[4 * row + 3] ?? 0
    const low = publicKeyLow(w0, w1, w2, w3, portColumn(columns, end)[row] ?? 0)
    // The numbers' halves lie in this order on every platform that PostgreSQL is shipped for.
    this.#halves[2 * number] = (low << 16) | number
    this.#halves[2 * number + 1] = (publicKeyHigh(w0, w1, w2, w3) << 16) | (low >>> 16)
    this.#batchOf[number] = index
    this.#rowOf[number] = row
  }
}

/** Splits batches into groups of no more than {@link maxOrderedRows} rows. */
export function* groupsToOrder(batches: readonly FlowBatch[]): Generator<readonly FlowBatch[]> {
  let group: FlowBatch[] = []
  let rows = 0
  for (const batch of batches) {
    if (rows + batch.length > maxOrderedRows && group.length > 0) {
      yield group
      group = []
      rows = 0
    }
    group.push(batch)
    rows += batch.length
  }
  if (group.length > 0) yield group
}

const none = -1
/** Tuple hash, next row of the list, hashes of the two endpoints. */
const placeWords = 4
/** Octets that a row takes in an index: its place, and a head of a list. */
export const indexBytes = 4 * placeWords + 4
/** A filter this long lets by one endpoint in 65536 that nobody asked for. */
const filterBytes = 1 << 16

/**
 * Finds open flows. By tuple and zone, which every event asks for, through lists of equal hashes;
 * by public endpoint, which people ask for, by reading through all hashes from the first to the
 * last. That costs 7 to 19 ms for a million flows, however many are asked for together; lists kept
 * for it would cost every event of the connections that nobody ever asks about.
 *
 * What the index knows of a row lies together in 16 octets:
 *
 * ```
 *  word 0  hash of tuple and zone     2  hash of the source after translation
 *       1  next row of the list       3  hash of the other end that the world may have seen, or 2
 * ```
 *
 * Lengths of typed arrays are kept as numbers of our own: V8 reads them as doubles, which costs
 * more than the look-up that they are needed for.
 */
export class OpenIndex {
  private heads = new Int32Array(0)
  private mask = 0
  private places = new Int32Array(0)
  private readonly filter = new Uint8Array(filterBytes)

  /**
   * Empties the index and makes room for rows below `capacity`, a power of two.
   *
   * @param memory from `at` on, places and behind them heads: {@link indexBytes} a row
   * @returns what {@link relink} takes, one row after the other from the first on
   */
  clear(capacity: number, memory: ArrayBuffer, at: number): Int32Array {
    const before = this.places
    this.places = new Int32Array(memory, at, capacity * placeWords)
    this.heads = new Int32Array(memory, at + 4 * placeWords * capacity, capacity).fill(none)
    this.mask = capacity - 1
    return before
  }

  /** The first row whose tuple hash is `hash`, behind row `after` unless that is -1; -1: none. */
  next(hash: number, after: number): number {
    const { heads, places } = this
    let row = after === none ? heads[hash & this.mask] : places[placeWords * after + 1]
    while (row !== undefined && row !== none) {
      if (places[placeWords * row] === hash) return row
      row = places[placeWords * row + 1]
    }
    return none
  }

  hashOf(row: number): number {
    return this.places[placeWords * row] ?? 0
  }

  /** @param other hash of a second endpoint; the same as `endpoint` where there is one only */
  link(row: number, hash: number, endpoint: number, other: number): void {
    const { heads, places } = this
    const bucket = hash & this.mask
    const place = placeWords * row
    places[place] = hash
    places[place + 1] = heads[bucket] ?? none
    places[place + 2] = endpoint
    places[place + 3] = other
    heads[bucket] = row
  }

  /** Links a row again as it was linked in the index that this one has grown out of. */
  relink(row: number, before: Int32Array): void {
    const place = placeWords * row
    this.link(row, before[place] ?? 0, before[place + 2] ?? 0, before[place + 3] ?? 0)
  }

  unlink(row: number): void {
    const { heads, places } = this
    const bucket = (places[placeWords * row] ?? 0) & this.mask
    const next = places[placeWords * row + 1] ?? none
    let before = heads[bucket] ?? none
    if (before === row) {
      heads[bucket] = next
      return
    }
    while (before !== none && places[placeWords * before + 1] !== row) {
      before = places[placeWords * before + 1] ?? none
    }
    if (before !== none) places[placeWords * before + 1] = next
  }

  /**
   * Calls `visit` with each row below `rows`, once, that has or had an endpoint of one of these
   * hashes, and perhaps with others: the visitor compares.
   */
  eachWithEndpoint(hashes: readonly number[], rows: number, visit: (row: number) => void): void {
    const { places, filter } = this
    for (const hash of hashes) filter[hash & (filterBytes - 1)] = 1
    for (let place = 0; place < placeWords * rows; place += placeWords) {
      const endpoint = places[place + 2] ?? 0
      const other = places[place + 3] ?? 0
      if ((filter[endpoint & 0xffff] ?? 0) + (filter[other & 0xffff] ?? 0) === 0) continue
      visit(place / placeWords)
    }
    for (const hash of hashes) filter[hash & (filterBytes - 1)] = 0
  }
}

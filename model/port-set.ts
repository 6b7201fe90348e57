/**
 * Ports of a public address that one inside host has together: a block that the gateway gave it, or
 * what an algorithm says. Such a record names no connection, so an answer that rests on it alone is
 * `inferred`.
 */
export interface PortSet {
  /**
   * How it is known: `block` as the gateway told it, `deterministic` by computing, `address` as a
   * binding of the whole address, which others may share.
   */
  readonly basis: 'block' | 'deterministic' | 'address'
  readonly start: number
  readonly end: number
  /** Distance between ports of the set. */
  readonly step: number
  /** What more is known: the map that was used. */
  readonly note: string
}

/** The columns that tell a block. */
interface BlockColumns {
  readonly portRangeStart: ArrayLike<number>
  readonly portRangeEnd: ArrayLike<number>
  readonly portRangeStepSize: ArrayLike<number>
}

/** The set of a row: a block, or all ports where a whole address is bound. */
export function portSetOf(basis: 'block' | 'address', columns: BlockColumns, row: number): PortSet {
  const note = ''
  if (basis === 'address') return { basis, start: 0, end: 65_535, step: 1, note }
  const start = columns.portRangeStart[row] ?? 0
  const end = columns.portRangeEnd[row] ?? 0
  const step = Math.max(1, columns.portRangeStepSize[row] ?? 1)
  return { basis, start, end, step, note }
}

/** True where the port is one of the set; without a port every set is meant. */
export function blockHolds({ start, end, step }: PortSet, port: number | undefined): boolean {
  if (port === undefined) return true
  return port >= start && port <= end && (port - start) % step === 0
}

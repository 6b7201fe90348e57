import type { RetentionField } from '../../model/retention-kinds.ts'
import type { SealedRows } from './sealed-columns.ts'

/**
 * What a file loses when it is written anew: all rows of sources, or a field of them.
 *
 * - `hash`: of a far end, which stays in its place; left out: nothing stays.
 */
export interface RowChange {
  readonly sources: ReadonlySet<number>
  readonly field?: RetentionField
  /** Which rows of the sources go; left out: all. */
  readonly isMeant?: (rows: SealedRows, row: number) => boolean
  readonly hash?: (address: Uint8Array, port: number) => Uint8Array
}

/** Octets of a far end of IPv4, and of one that nobody logged or that is gone. */
const v4Octets = 4
const none = new Uint8Array(16)

type Emptied = (rows: SealedRows, row: number, hash: RowChange['hash']) => boolean

/** Empties columns of texts. */
const texts =
  (...names: readonly ('application' | 'protocol_name' | 'host_name' | 'user_name')[]): Emptied =>
  ({ octets }, row) => {
    let isChanged = false
    for (const name of names) {
      isChanged ||= octets[name][row] !== undefined
      octets[name][row] = undefined
    }
    return isChanged
  }

function emptyDestination(rows: SealedRows, row: number, hash: RowChange['hash']): boolean {
  const { nulls, words, shorts, octets } = rows
  const address = remoteOf(rows, row)
  const port = shorts.remote_port[row] ?? 0
  if (port === 0 && address.length === none.length && address.every((octet) => octet === 0)) {
    return false
  }
  const isAddress = address.length === v4Octets || address.length === none.length
  if (hash !== undefined && !isAddress) return false
  octets.remote_ip6[row] = hash === undefined ? none : hash(address, port)
  nulls.remote_ip[row] = 1
  words.remote_ip[row] = 0
  shorts.remote_port[row] = 0
  return true
}

function remoteOf({ nulls, words, octets }: SealedRows, row: number): Uint8Array {
  if (nulls.remote_ip[row] === 1) return octets.remote_ip6[row] ?? none
  const address = new Uint8Array(v4Octets)
  new DataView(address.buffer).setUint32(0, words.remote_ip[row] ?? 0)
  return address
}

/** Takes a field from a row; false where the row has none. */
const fields: Readonly<Record<RetentionField, Emptied>> = {
  destination: emptyDestination,
  host_name: texts('host_name'),
  application: texts('application', 'protocol_name'),
  user_name: texts('user_name'),
}

/** Copies a row over another, which is lost. */
function moveRow({ wide, words, shorts, octets, nulls }: SealedRows, from: number, to: number) {
  for (const column of Object.values(wide)) {
    column[2 * to] = column[2 * from] ?? 0
    column[2 * to + 1] = column[2 * from + 1] ?? 0
  }
  for (const columns of [words, shorts, nulls]) {
    for (const column of Object.values(columns)) column[to] = column[from] ?? 0
  }
  for (const column of Object.values(octets)) column[to] = column[from]
}

/**
 * Changes rows where they stand.
 *
 * @param counts rows changed or gone by source, added to
 */
export function changeRows(rows: SealedRows, change: RowChange, counts: Map<number, number>): void {
  const { sources, field, hash } = change
  const { source: column } = rows.shorts
  let kept = 0
  for (let row = 0; row < rows.length; row++) {
    const source = column[row] ?? 0
    const isMeant = sources.has(source) && change.isMeant?.(rows, row) !== false
    if (isMeant && (field === undefined || fields[field](rows, row, hash))) {
      counts.set(source, (counts.get(source) ?? 0) + 1)
    }
    if (isMeant && field === undefined) continue
    if (kept !== row) moveRow(rows, row, kept)
    kept++
  }
  rows.length = kept
}

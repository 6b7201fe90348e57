import { flowColumns } from '../flow-table.ts'
import type { OctetsName, WideName, WordName } from './sealed-columns.ts'

/**
 * A row of `ledger.flow` between PostgreSQL's binary COPY and the columns of a sealed file:
 *
 * ```
 * row:   int16 number of columns, then for each column  int32 octets of the value | value
 * end:   int16 -1
 * ```
 * All integers are in network order; columns stand in the order of `flowColumns`. Many rows are
 * taken at a time, column by column: row by row it was most of the time of sealing.
 */

/** Microseconds from 1970 to 2000, which PostgreSQL counts from: low and high half. */
const epochUs = Date.UTC(2000, 0, 1) * 1000
export const epochHalves = [epochUs % 0x100000000, Math.floor(epochUs / 0x100000000)] as const

/** Octets of the columns that are never null and of one length, up to `kind`. */
export const lengths = [8, 8, 8, 8, 8, 8, 8, 8, 8, 4, 4, 2, 2, 2, 2, 2] as const
/** Where the value of a column stands in a row, and where the first length behind them does. */
export const placeOf = (column: number): number =>
  lengths.slice(0, column).reduce((at: number, octets) => at + 4 + octets, 2 + 4)
export const fixedOctets = placeOf(lengths.length) - 4
/** Columns behind them, each with a length of its own. */
export const varying = flowColumns.length - lengths.length

/** Columns of COPY that stand as they are. */
export const wides: readonly (readonly [column: number, name: WideName])[] = [
  [0, 'public_key'],
  [4, 'flow_id'],
  [5, 'octets'],
  [6, 'reverse_octets'],
  [7, 'packets'],
  [8, 'reverse_packets'],
]
/** Times; the last one is null where it is the first. */
export const times: readonly (readonly [column: number, name: WideName])[] = [
  [1, 'start_at'],
  [2, 'end_at'],
  [3, 'connection_start_at'],
]
export const words: readonly (readonly [column: number, name: WordName])[] = [
  [9, 'conntrack_id'],
  [10, 'last_packet_ms'],
]
export const shorts = [
  [11, 'inside_port'],
  [12, 'remote_port'],
  [13, 'source'],
  [14, 'protocol'],
  [15, 'kind'],
] as const
export const texts: readonly (readonly [column: number, name: OctetsName])[] = [
  [19, 'application'],
  [20, 'protocol_name'],
  [21, 'host_name'],
  [22, 'user_name'],
]

/** The public port, which stands in the key. */
export const publicPort = (keys: Int32Array, row: number): number => (keys[2 * row] ?? 0) & 0xffff

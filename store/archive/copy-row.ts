import { flowColumns } from '../flow-table.ts'
import type { OctetsName, SealedRows, WideName, WordName } from './sealed-columns.ts'

/**
 * A row of `ledger.flow` between PostgreSQL's binary COPY and the columns of a sealed file:
 *
 * ```
 * row:   int16 number of columns, then for each column  int32 octets of the value | value
 * end:   int16 -1
 * ```
 * All integers are in network order; columns stand in the order of `flowColumns`.
 */

/** Microseconds from 1970 to 2000, which PostgreSQL counts from. */
const epochUs = Date.UTC(2000, 0, 1) * 1000
const highUnit = 0x100000000

/** Where a row's values stand in a buffer; -1 octets: null. */
export interface RowPlaces {
  readonly from: Int32Array
  readonly octets: Int32Array
}

export function makeRowPlaces(): RowPlaces {
  const { length } = flowColumns
  return { from: new Int32Array(length), octets: new Int32Array(length) }
}

/** Columns of COPY that stand as they are. */
const wides: readonly (readonly [column: number, name: WideName])[] = [
  [0, 'public_key'],
  [4, 'flow_id'],
  [5, 'octets'],
  [6, 'reverse_octets'],
  [7, 'packets'],
  [8, 'reverse_packets'],
]
const words: readonly (readonly [column: number, name: WordName])[] = [
  [9, 'conntrack_id'],
  [10, 'last_packet_ms'],
]
const shorts = [
  [11, 'inside_port'],
  [12, 'remote_port'],
  [13, 'source'],
  [14, 'protocol'],
  [15, 'kind'],
] as const
const addresses = [
  [16, 'inside_ip', 'inside_ip6'],
  [17, 'remote_ip', 'remote_ip6'],
] as const
const extraColumn = 18
const texts: readonly (readonly [column: number, name: OctetsName])[] = [
  [19, 'application'],
  [20, 'protocol_name'],
  [21, 'host_name'],
  [22, 'user_name'],
]
/** Octets of the columns that are never null and of one length, up to `kind`. */
const lengths = [8, 8, 8, 8, 8, 8, 8, 8, 8, 4, 4, 2, 2, 2, 2, 2]

/** Finds the values of the row at `at`; gives where it ends, or -1 where the buffer ends first. */
export function placeRow(view: DataView, at: number, places: RowPlaces): number {
  const end = view.byteLength
  let next = at + 2
  for (let column = 0; column < flowColumns.length; column++) {
    if (next + 4 > end) return -1
    const octets = view.getInt32(next)
    next += 4
    places.from[column] = next
    places.octets[column] = octets
    if (octets > 0) next += octets
  }
  return next <= end ? next : -1
}

/** @throws Error where the row is none of `ledger.flow` */
export function checkPlaces({ octets }: RowPlaces): void {
  const wrong = lengths.findIndex((length, column) => octets[column] !== length)
  if (wrong >= 0) throw new Error(`a column ${flowColumns[wrong]} of ${octets[wrong]} octets`)
}

/** Reads the row at `places` as the `row`-th of `rows`. */
export function readCopyRow(
  buffer: Uint8Array,
  view: DataView,
  places: RowPlaces,
  rows: SealedRows,
  row: number
): void {
  const { from, octets } = places
  for (const [column, name] of wides) {
    const at = from[column] ?? 0
    rows.wide[name][2 * row] = view.getInt32(at + 4)
    rows.wide[name][2 * row + 1] = view.getInt32(at)
  }
  const start = readTime(view, from[1] ?? 0, rows.wide.start_at, row)
  readTime(view, from[2] ?? 0, rows.wide.end_at, row)
  const begun = readTime(view, from[3] ?? 0, rows.wide.connection_start_at, row)
  rows.nulls.connection_start_at[row] = begun === start ? 1 : 0
  for (const [column, name] of words) rows.words[name][row] = view.getInt32(from[column] ?? 0)
  for (const [column, name] of shorts) rows.shorts[name][row] = view.getInt16(from[column] ?? 0)
  for (const [column, name, name6] of addresses) {
    const at = from[column] ?? 0
    const isV4 = octets[column] === 4
    rows.nulls[name][row] = isV4 ? 0 : 1
    rows.words[name][row] = isV4 ? view.getInt32(at) : 0
    rows.octets[name6][row] = isV4 ? undefined : copyOf(buffer, at, octets[column] ?? 0)
  }
  const [at, length] = [from[extraColumn] ?? 0, octets[extraColumn] ?? 0]
  rows.words.zone[row] = length >= 8 ? view.getInt32(at) : 0
  rows.words.mark[row] = length >= 8 ? view.getInt32(at + 4) : 0
  rows.octets.public_ip6[row] = length > 8 ? copyOf(buffer, at + 8, length - 8) : undefined
  for (const [column, name] of texts) {
    const size = octets[column] ?? -1
    rows.octets[name][row] = size < 0 ? undefined : copyOf(buffer, from[column] ?? 0, size)
  }
}

/** The buffer is used again for the next rows. */
const copyOf = (buffer: Uint8Array, at: number, length: number): Uint8Array =>
  buffer.slice(at, at + length)

function readTime(view: DataView, at: number, into: Int32Array, row: number): number {
  const us = view.getInt32(at) * highUnit + view.getUint32(at + 4) + epochUs
  const high = Math.floor(us / highUnit)
  into[2 * row] = us - high * highUnit
  into[2 * row + 1] = high
  return us
}

const timeAt = (values: Int32Array, row: number): number =>
  (values[2 * row + 1] ?? 0) * highUnit + ((values[2 * row] ?? 0) >>> 0)

/** Writes rows as COPY sent them. The octets of one row stand in a buffer that is used again. */
export class CopyRowWriter {
  #octets = new Uint8Array(1 << 12)
  #view = new DataView(this.#octets.buffer)
  #used = 0

  get view(): DataView {
    return this.#view
  }

  /** Writes the `row`-th of `rows`; gives the number of octets. */
  write(rows: SealedRows, row: number): number {
    this.#used = 0
    this.#view.setInt16(0, flowColumns.length)
    this.#used = 2
    const { wide, octets, nulls } = rows
    this.#wide(wide.public_key, row)
    this.#time(timeAt(wide.start_at, row))
    this.#time(timeAt(wide.end_at, row))
    const begun = nulls.connection_start_at[row] === 1 ? wide.start_at : wide.connection_start_at
    this.#time(timeAt(begun, row))
    for (const [, name] of wides.slice(1)) this.#wide(wide[name], row)
    for (const [, name] of words) this.#word(rows.words[name][row] ?? 0)
    for (const [, name] of shorts) this.#short(rows.shorts[name][row] ?? 0)
    for (const [, name, name6] of addresses) {
      if (nulls[name][row] === 1) this.#bytes(octets[name6][row])
      else this.#word(rows.words[name][row] ?? 0)
    }
    this.#extra(rows.words.zone[row] ?? 0, rows.words.mark[row] ?? 0, octets.public_ip6[row])
    for (const [, name] of texts) this.#bytes(octets[name][row])
    return this.#used
  }

  /** The octets of the row that was written last; valid until the next. */
  get bytes(): Uint8Array {
    return this.#octets.subarray(0, this.#used)
  }

  #wide(values: Int32Array, row: number): void {
    this.#view.setInt32(this.#used, 8)
    this.#view.setInt32(this.#used + 4, values[2 * row + 1] ?? 0)
    this.#view.setInt32(this.#used + 8, values[2 * row] ?? 0)
    this.#used += 12
  }

  #time(us: number): void {
    const since = us - epochUs
    const high = Math.floor(since / highUnit)
    this.#view.setInt32(this.#used, 8)
    this.#view.setInt32(this.#used + 4, high)
    this.#view.setUint32(this.#used + 8, since - high * highUnit)
    this.#used += 12
  }

  #word(value: number): void {
    this.#view.setInt32(this.#used, 4)
    this.#view.setInt32(this.#used + 4, value)
    this.#used += 8
  }

  #short(value: number): void {
    this.#view.setInt32(this.#used, 2)
    this.#view.setInt16(this.#used + 4, value)
    this.#used += 6
  }

  #extra(zone: number, mark: number, address: Uint8Array | undefined): void {
    const isEmpty = address === undefined && zone === 0 && mark === 0
    const length = isEmpty ? 0 : 8 + (address?.length ?? 0)
    this.#view.setInt32(this.#used, length)
    this.#used += 4
    if (isEmpty) return
    this.#view.setInt32(this.#used, zone)
    this.#view.setInt32(this.#used + 4, mark)
    this.#used += 8
    if (address !== undefined) this.#append(address)
  }

  #bytes(value: Uint8Array | undefined): void {
    this.#view.setInt32(this.#used, value?.length ?? -1)
    this.#used += 4
    if (value !== undefined) this.#append(value)
  }

  /** The fixed part of a row is far below 1 KiB: room for it is kept behind each value. */
  #append(value: Uint8Array): void {
    if (this.#used + value.length + 1024 > this.#octets.length) {
      const larger = new Uint8Array(2 * (this.#used + value.length + 1024))
      larger.set(this.#octets.subarray(0, this.#used))
      this.#octets = larger
      this.#view = new DataView(larger.buffer)
    }
    this.#octets.set(value, this.#used)
    this.#used += value.length
  }
}

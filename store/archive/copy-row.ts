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
const extraColumn = 18
const texts: readonly (readonly [column: number, name: OctetsName])[] = [
  [19, 'application'],
  [20, 'protocol_name'],
  [21, 'host_name'],
  [22, 'user_name'],
]
/** Where the columns of a kind begin in COPY; they follow each other, but for `public_key`. */
const [firstWord, firstShort, firstText] = [9, 11, 19]
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

/**
 * Reads rows of COPY into `rows`. The columns are looked up once: by their names at each row they
 * were half of the time.
 */
export class CopyRowReader {
  readonly #rows: SealedRows
  readonly #wides: readonly Int32Array[]
  readonly #words: readonly Uint32Array[]
  readonly #shorts: readonly Uint16Array[]
  readonly #texts: readonly (Uint8Array | undefined)[][]

  constructor(rows: SealedRows) {
    this.#rows = rows
    this.#wides = wides.map(([, name]) => rows.wide[name])
    this.#words = words.map(([, name]) => rows.words[name])
    this.#shorts = shorts.map(([, name]) => rows.shorts[name])
    this.#texts = texts.map(([, name]) => rows.octets[name])
  }

  /** Reads the row at `places` as the `row`-th. */
  read(buffer: Uint8Array, view: DataView, places: RowPlaces, row: number): void {
    const { from } = places
    const { wide, nulls } = this.#rows
    readWide(view, from[0] ?? 0, this.#wides[0], row)
    for (let i = 1; i < wides.length; i++) readWide(view, from[i + 3] ?? 0, this.#wides[i], row)
    const start = readTime(view, from[1] ?? 0, wide.start_at, row)
    readTime(view, from[2] ?? 0, wide.end_at, row)
    const begun = readTime(view, from[3] ?? 0, wide.connection_start_at, row)
    nulls.connection_start_at[row] = begun === start ? 1 : 0
    for (let i = 0; i < words.length; i++) {
      const column = this.#words[i]
      if (column !== undefined) column[row] = view.getInt32(from[i + firstWord] ?? 0)
    }
    for (let i = 0; i < shorts.length; i++) {
      const column = this.#shorts[i]
      if (column !== undefined) column[row] = view.getInt16(from[i + firstShort] ?? 0)
    }
    nulls.inside_port[row] = this.#shorts[0]?.[row] === publicPort(wide.public_key, row) ? 1 : 0
    this.#readVarying(buffer, view, places, row)
  }

  #readVarying(buffer: Uint8Array, view: DataView, places: RowPlaces, row: number): void {
    const { from, octets } = places
    const { nulls, words: to, octets: strings } = this.#rows
    const inside = from[16] ?? 0
    const isInside4 = octets[16] === 4
    nulls.inside_ip[row] = isInside4 ? 0 : 1
    to.inside_ip[row] = isInside4 ? view.getInt32(inside) : 0
    strings.inside_ip6[row] = isInside4 ? undefined : copyOf(buffer, inside, octets[16] ?? 0)
    const remote = from[17] ?? 0
    const isRemote4 = octets[17] === 4
    nulls.remote_ip[row] = isRemote4 ? 0 : 1
    to.remote_ip[row] = isRemote4 ? view.getInt32(remote) : 0
    strings.remote_ip6[row] = isRemote4 ? undefined : copyOf(buffer, remote, octets[17] ?? 0)
    const [at, length] = [from[extraColumn] ?? 0, octets[extraColumn] ?? 0]
    to.zone[row] = length >= 8 ? view.getInt32(at) : 0
    to.mark[row] = length >= 8 ? view.getInt32(at + 4) : 0
    strings.public_ip6[row] = length > 8 ? copyOf(buffer, at + 8, length - 8) : undefined
    for (let i = 0; i < texts.length; i++) {
      const column = this.#texts[i]
      const size = octets[i + firstText] ?? -1
      if (column === undefined) continue
      column[row] = size < 0 ? undefined : copyOf(buffer, from[i + firstText] ?? 0, size)
    }
  }
}

function readWide(view: DataView, at: number, into: Int32Array | undefined, row: number): void {
  if (into === undefined) return
  into[2 * row] = view.getInt32(at + 4)
  into[2 * row + 1] = view.getInt32(at)
}

const publicPort = (keys: Int32Array, row: number): number => (keys[2 * row] ?? 0) & 0xffff

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
  readonly #rows: SealedRows
  readonly #wides: readonly Int32Array[]
  readonly #texts: readonly (Uint8Array | undefined)[][]
  #octets = new Uint8Array(1 << 12)
  #view = new DataView(this.#octets.buffer)
  #used = 0

  constructor(rows: SealedRows) {
    this.#rows = rows
    this.#wides = wides.slice(1).map(([, name]) => rows.wide[name])
    this.#texts = texts.map(([, name]) => rows.octets[name])
  }

  get view(): DataView {
    return this.#view
  }

  /** Writes the `row`-th; gives the number of octets. */
  write(row: number): number {
    const { wide, words: from, shorts: small, octets, nulls } = this.#rows
    this.#view.setInt16(0, flowColumns.length)
    this.#used = 2
    this.#wide(wide.public_key, row)
    this.#time(timeAt(wide.start_at, row))
    this.#time(timeAt(wide.end_at, row))
    const begun = nulls.connection_start_at[row] === 1 ? wide.start_at : wide.connection_start_at
    this.#time(timeAt(begun, row))
    for (let i = 0; i < this.#wides.length; i++) this.#wide(this.#wides[i] ?? wide.flow_id, row)
    this.#word(from.conntrack_id[row] ?? 0)
    this.#word(from.last_packet_ms[row] ?? 0)
    const isSamePort = nulls.inside_port[row] === 1
    this.#short(isSamePort ? publicPort(wide.public_key, row) : (small.inside_port[row] ?? 0))
    this.#short(small.remote_port[row] ?? 0)
    this.#short(small.source[row] ?? 0)
    this.#short(small.protocol[row] ?? 0)
    this.#short(small.kind[row] ?? 0)
    if (nulls.inside_ip[row] === 1) this.#bytes(octets.inside_ip6[row])
    else this.#word(from.inside_ip[row] ?? 0)
    if (nulls.remote_ip[row] === 1) this.#bytes(octets.remote_ip6[row])
    else this.#word(from.remote_ip[row] ?? 0)
    this.#extra(from.zone[row] ?? 0, from.mark[row] ?? 0, octets.public_ip6[row])
    for (let i = 0; i < this.#texts.length; i++) this.#bytes(this.#texts[i]?.[row])
    return this.#used
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

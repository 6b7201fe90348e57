import { flowColumns } from '../flow-table.ts'
import { epochHalves, fixedOctets, lengths, placeOf, publicPort, varying } from './copy-row.ts'
import { shorts, texts, times, wides, words } from './copy-row.ts'
import type { SealedRows } from './sealed-columns.ts'
import { TextTable } from './text-table.ts'

/** Those before the texts are never null. */
const neverNull = varying - texts.length
const places = lengths.map((_, column) => placeOf(column))
const [epochLow, epochHigh] = epochHalves

/**
 * Where the row at `at` ends, or -1 where the buffer ends first.
 *
 * @throws Error where it is no row of `ledger.flow`
 */
export function endOfRow(view: DataView, at: number): number {
  let next = at + fixedOctets
  for (let column = 0; column < varying; column++) {
    if (next + 4 > view.byteLength) return -1
    const octets = view.getInt32(next)
    if (octets < (column < neverNull ? 0 : -1)) throw new Error(`a column of ${octets} octets`)
    next += octets > 0 ? 4 + octets : 4
  }
  if (next > view.byteLength) return -1
  for (let column = 0; column < lengths.length; column++) {
    const octets = view.getInt32(at + (places[column] ?? 0) - 4)
    if (octets !== lengths[column]) {
      throw new Error(`a column ${flowColumns[column]} of ${octets} octets`)
    }
  }
  return next
}

/** Rows of COPY in a buffer: where each begins, of which {@link endOfRow} found the end. */
export interface CopyRows {
  readonly buffer: Uint8Array
  readonly view: DataView
  readonly starts: Int32Array
  readonly count: number
}

/** Reads rows of COPY into `rows`. */
export class CopyRowReader {
  readonly #rows: SealedRows
  readonly #table = new TextTable()
  readonly #texts: readonly (Uint8Array | undefined)[][]

  constructor(rows: SealedRows) {
    this.#rows = rows
    this.#texts = texts.map(([, name]) => rows.octets[name])
  }

  /** Reads rows as the `first` and those behind it. */
  read(from: CopyRows, first: number): void {
    const { wide, words: large, shorts: small } = this.#rows
    for (const [column, name] of wides) readWides(from, placeOf(column), wide[name], first)
    for (const [column, name] of times) readTimes(from, placeOf(column), wide[name], first)
    for (const [column, name] of words) readWords(from, placeOf(column), large[name], first)
    for (const [column, name] of shorts) readShorts(from, placeOf(column), small[name], first)
    this.#emptySame(first, first + from.count)
    for (let i = 0; i < from.count; i++) {
      this.#readVarying(from, (from.starts[i] ?? 0) + fixedOctets, first + i)
    }
  }

  /** What is as another column is null. */
  #emptySame(first: number, end: number): void {
    const { wide, shorts: small, nulls } = this.#rows
    const { start_at: start, connection_start_at: begun, public_key: keys } = wide
    for (let row = first; row < end; row++) {
      const isSame = begun[2 * row] === start[2 * row] && begun[2 * row + 1] === start[2 * row + 1]
      nulls.connection_start_at[row] = isSame ? 1 : 0
      if (isSame) begun[2 * row] = begun[2 * row + 1] = 0
      const isSamePort = small.inside_port[row] === publicPort(keys, row)
      nulls.inside_port[row] = isSamePort ? 1 : 0
      if (isSamePort) small.inside_port[row] = 0
    }
  }

  #readVarying({ buffer, view }: CopyRows, at: number, row: number): void {
    const { nulls, words: to, octets: strings } = this.#rows
    let next = at
    const inside = view.getInt32(next)
    nulls.inside_ip[row] = inside === 4 ? 0 : 1
    to.inside_ip[row] = inside === 4 ? view.getInt32(next + 4) : 0
    strings.inside_ip6[row] = inside === 4 ? undefined : copyOf(buffer, next + 4, inside)
    next += 4 + inside
    const remote = view.getInt32(next)
    nulls.remote_ip[row] = remote === 4 ? 0 : 1
    to.remote_ip[row] = remote === 4 ? view.getInt32(next + 4) : 0
    strings.remote_ip6[row] = remote === 4 ? undefined : copyOf(buffer, next + 4, remote)
    next += 4 + remote
    const extra = view.getInt32(next)
    if (extra > 0 && extra < 8) throw new Error(`a column extra of ${extra} octets`)
    to.zone[row] = extra >= 8 ? view.getInt32(next + 4) : 0
    to.mark[row] = extra >= 8 ? view.getInt32(next + 8) : 0
    strings.public_ip6[row] = extra > 8 ? copyOf(buffer, next + 12, extra - 8) : undefined
    next += 4 + extra
    for (let i = 0; i < texts.length; i++) {
      const column = this.#texts[i]
      const length = view.getInt32(next)
      next += 4
      if (column === undefined) continue
      column[row] = length < 0 ? undefined : this.#table.of(buffer, next, length)
      if (length > 0) next += length
    }
  }
}

/** The buffer is used again for the next rows. */
const copyOf = (buffer: Uint8Array, at: number, length: number): Uint8Array =>
  buffer.slice(at, at + length)

function readWides({ view, starts, count }: CopyRows, place: number, to: Int32Array, row: number) {
  for (let i = 0; i < count; i++) {
    const at = (starts[i] ?? 0) + place
    to[2 * (row + i)] = view.getInt32(at + 4)
    to[2 * (row + i) + 1] = view.getInt32(at)
  }
}

/** The low half is added as a number, whose 33rd bit is the carry. */
function readTimes({ view, starts, count }: CopyRows, place: number, to: Int32Array, row: number) {
  for (let i = 0; i < count; i++) {
    const at = (starts[i] ?? 0) + place
    const low = view.getUint32(at + 4) + epochLow
    to[2 * (row + i)] = low
    to[2 * (row + i) + 1] = view.getInt32(at) + epochHigh + (low > 0xffffffff ? 1 : 0)
  }
}

function readWords({ view, starts, count }: CopyRows, place: number, to: Uint32Array, row: number) {
  for (let i = 0; i < count; i++) to[row + i] = view.getInt32((starts[i] ?? 0) + place)
}

function readShorts(
  { view, starts, count }: CopyRows,
  place: number,
  to: Uint16Array,
  row: number
): void {
  for (let i = 0; i < count; i++) to[row + i] = view.getInt16((starts[i] ?? 0) + place)
}

import { flowColumns } from '../flow-table.ts'
import { epochUs, highUnit, publicPort, shorts, texts, wides, words } from './copy-row.ts'
import type { SealedRows } from './sealed-columns.ts'
import { TextTable } from './text-table.ts'

/** Octets of the columns that are never null and of one length, up to `kind`. */
const lengths = [8, 8, 8, 8, 8, 8, 8, 8, 8, 4, 4, 2, 2, 2, 2, 2]
/** Where the values of these columns stand in a row, and the first length behind them. */
const placeOf = lengths.map((_, column) =>
  lengths.slice(0, column).reduce((at, octets) => at + 4 + octets, 2 + 4)
)
const fixedOctets = lengths.reduce((at, octets) => at + 4 + octets, 2)
/** Columns behind them, each with a length of its own; those before the texts are never null. */
const varying = flowColumns.length - lengths.length
const neverNull = varying - texts.length
const [startPlace = 0, endPlace = 0, begunPlace = 0] = placeOf.slice(1, 4)

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
    const octets = view.getInt32(at + (placeOf[column] ?? 0) - 4)
    if (octets !== lengths[column]) {
      throw new Error(`a column ${flowColumns[column]} of ${octets} octets`)
    }
  }
  return next
}

/**
 * Reads rows of COPY into `rows`. The columns are looked up once: by their names at each row they
 * were half of the time.
 */
export class CopyRowReader {
  readonly #rows: SealedRows
  readonly #table = new TextTable()
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

  /** Reads the row at `at`, of which {@link endOfRow} found the end, as the `row`-th. */
  read(buffer: Uint8Array, view: DataView, at: number, row: number): void {
    const { wide, nulls } = this.#rows
    for (let i = 0; i < wides.length; i++) {
      readWide(view, at + (placeOf[wides[i]?.[0] ?? 0] ?? 0), this.#wides[i], row)
    }
    const start = readTime(view, at + startPlace, wide.start_at, row)
    readTime(view, at + endPlace, wide.end_at, row)
    const begun = readTime(view, at + begunPlace, wide.connection_start_at, row)
    nulls.connection_start_at[row] = begun === start ? 1 : 0
    if (begun === start) {
      wide.connection_start_at[2 * row] = 0
      wide.connection_start_at[2 * row + 1] = 0
    }
    for (let i = 0; i < words.length; i++) {
      const column = this.#words[i]
      if (column !== undefined) column[row] = view.getInt32(at + (placeOf[words[i]?.[0] ?? 0] ?? 0))
    }
    for (let i = 0; i < shorts.length; i++) {
      const column = this.#shorts[i]
      if (column !== undefined) {
        column[row] = view.getInt16(at + (placeOf[shorts[i]?.[0] ?? 0] ?? 0))
      }
    }
    const insidePort = this.#shorts[0]
    if (insidePort !== undefined) {
      const isSamePort = insidePort[row] === publicPort(wide.public_key, row)
      nulls.inside_port[row] = isSamePort ? 1 : 0
      if (isSamePort) insidePort[row] = 0
    }
    this.#readVarying(buffer, view, at + fixedOctets, row)
  }

  #readVarying(buffer: Uint8Array, view: DataView, at: number, row: number): void {
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

function readWide(view: DataView, at: number, into: Int32Array | undefined, row: number): void {
  if (into === undefined) return
  into[2 * row] = view.getInt32(at + 4)
  into[2 * row + 1] = view.getInt32(at)
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

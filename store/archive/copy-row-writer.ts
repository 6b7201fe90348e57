import { flowColumns } from '../flow-table.ts'
import { epochHalves, fixedOctets, lengths, placeOf, publicPort, varying } from './copy-row.ts'
import { shorts, texts, times, wides, words } from './copy-row.ts'
import { vectorRows } from './sealed-columns.ts'
import type { SealedRows } from './sealed-columns.ts'

const [epochLow, epochHigh] = epochHalves
/** The length of `extra` where zone and mark are in it and no address. */
const plainExtra = 8

/**
 * Writes rows as COPY sent them, to compare what was read with what was sent. The octets stand in a
 * buffer that is used again.
 */
export class CopyRowWriter {
  readonly #rows: SealedRows
  readonly #texts: readonly (Uint8Array | undefined)[][]
  readonly #starts = new Int32Array(vectorRows)
  #octets = new Uint8Array(1 << 16)
  #view = new DataView(this.#octets.buffer)

  constructor(rows: SealedRows) {
    this.#rows = rows
    this.#texts = texts.map(([, name]) => rows.octets[name])
  }

  /** Writes rows, the `first` and those behind it, one after another. */
  write(first: number, count: number): Uint8Array {
    const used = this.#place(first, count)
    const { wide, words: large, shorts: small, nulls } = this.#rows
    for (let i = 0; i < count; i++) {
      this.#view.setInt16(this.#starts[i] ?? 0, flowColumns.length)
    }
    for (const [column, octets] of lengths.entries()) this.#lengths(column, octets, count)
    for (const [column, name] of wides) this.#wides(placeOf(column), wide[name], first, count)
    for (const [column, name] of times) {
      const isBegun = name === 'connection_start_at'
      this.#times(placeOf(column), wide[name], first, count, isBegun ? nulls[name] : undefined)
    }
    for (const [column, name] of words) {
      const place = placeOf(column)
      for (let i = 0; i < count; i++) {
        this.#view.setInt32((this.#starts[i] ?? 0) + place, large[name][first + i] ?? 0)
      }
    }
    for (const [column, name] of shorts) this.#shorts(placeOf(column), small[name], first, count)
    this.#insidePorts(placeOf(shorts[0][0]), first, count)
    for (let i = 0; i < count; i++) {
      this.#varying((this.#starts[i] ?? 0) + fixedOctets, first + i)
    }
    return this.#octets.subarray(0, used)
  }

  /** Finds where each row begins, and makes room; gives the octets of all. */
  #place(first: number, count: number): number {
    const { octets, nulls } = this.#rows
    let at = 0
    for (let i = 0; i < count; i++) {
      const row = first + i
      this.#starts[i] = at
      at += fixedOctets + 4 * varying + this.#extraOctets(row)
      at += nulls.inside_ip[row] === 1 ? (octets.inside_ip6[row]?.length ?? 0) : 4
      at += nulls.remote_ip[row] === 1 ? (octets.remote_ip6[row]?.length ?? 0) : 4
      for (let text = 0; text < texts.length; text++) at += this.#texts[text]?.[row]?.length ?? 0
    }
    if (at > this.#octets.length) {
      this.#octets = new Uint8Array(2 * at)
      this.#view = new DataView(this.#octets.buffer)
    }
    return at
  }

  #extraOctets(row: number): number {
    const { words: large, octets } = this.#rows
    const address = octets.public_ip6[row]
    if (address !== undefined) return plainExtra + address.length
    return large.zone[row] === 0 && large.mark[row] === 0 ? 0 : plainExtra
  }

  #lengths(column: number, octets: number, count: number): void {
    const place = placeOf(column) - 4
    for (let i = 0; i < count; i++) this.#view.setInt32((this.#starts[i] ?? 0) + place, octets)
  }

  #wides(place: number, values: Int32Array, first: number, count: number): void {
    for (let i = 0; i < count; i++) {
      const at = (this.#starts[i] ?? 0) + place
      this.#view.setInt32(at, values[2 * (first + i) + 1] ?? 0)
      this.#view.setInt32(at + 4, values[2 * (first + i)] ?? 0)
    }
  }

  /** @param nulls where it is 1 the value is that of `start_at` */
  #times(
    place: number,
    values: Int32Array,
    first: number,
    count: number,
    nulls: Uint8Array | undefined
  ): void {
    const { start_at: starts } = this.#rows.wide
    for (let i = 0; i < count; i++) {
      const row = first + i
      const from = nulls !== undefined && nulls[row] === 1 ? starts : values
      const low = ((from[2 * row] ?? 0) >>> 0) - epochLow
      const at = (this.#starts[i] ?? 0) + place
      this.#view.setInt32(at, (from[2 * row + 1] ?? 0) - epochHigh - (low < 0 ? 1 : 0))
      this.#view.setInt32(at + 4, low)
    }
  }

  #shorts(place: number, values: Uint16Array, first: number, count: number): void {
    for (let i = 0; i < count; i++) {
      this.#view.setInt16((this.#starts[i] ?? 0) + place, values[first + i] ?? 0)
    }
  }

  /** Those that are the public port. */
  #insidePorts(place: number, first: number, count: number): void {
    const { wide, nulls } = this.#rows
    for (let i = 0; i < count; i++) {
      if (nulls.inside_port[first + i] !== 1) continue
      this.#view.setInt16((this.#starts[i] ?? 0) + place, publicPort(wide.public_key, first + i))
    }
  }

  #varying(start: number, row: number): void {
    const { words: large, octets, nulls } = this.#rows
    let at = this.#address(
      start,
      nulls.inside_ip[row],
      large.inside_ip[row],
      octets.inside_ip6[row]
    )
    at = this.#address(at, nulls.remote_ip[row], large.remote_ip[row], octets.remote_ip6[row])
    const extra = this.#extraOctets(row)
    this.#view.setInt32(at, extra)
    if (extra > 0) {
      this.#view.setInt32(at + 4, large.zone[row] ?? 0)
      this.#view.setInt32(at + 8, large.mark[row] ?? 0)
      const address = octets.public_ip6[row]
      if (address !== undefined) this.#octets.set(address, at + 4 + plainExtra)
    }
    at += 4 + extra
    for (let text = 0; text < texts.length; text++) at = this.#bytes(at, this.#texts[text]?.[row])
  }

  #address(
    at: number,
    isNull: number | undefined,
    word: number | undefined,
    value: Uint8Array | undefined
  ): number {
    if (isNull === 1) return this.#bytes(at, value)
    this.#view.setInt32(at, 4)
    this.#view.setInt32(at + 4, word ?? 0)
    return at + 8
  }

  /** Texts are short: octet by octet is faster than a call of `set`. */
  #bytes(at: number, value: Uint8Array | undefined): number {
    this.#view.setInt32(at, value?.length ?? -1)
    if (value === undefined) return at + 4
    for (let i = 0; i < value.length; i++) this.#octets[at + 4 + i] = value[i] ?? 0
    return at + 4 + value.length
  }
}

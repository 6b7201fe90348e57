import { flowColumns } from '../flow-table.ts'
import { epochUs, highUnit, publicPort, texts, wides } from './copy-row.ts'
import type { SealedRows } from './sealed-columns.ts'

const timeAt = (values: Int32Array, row: number): number =>
  (values[2 * row + 1] ?? 0) * highUnit + ((values[2 * row] ?? 0) >>> 0)

/**
 * Writes rows as COPY sent them, to compare what was read with what was sent. The octets of one row
 * stand in a buffer that is used again.
 */
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

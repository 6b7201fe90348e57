import { sealedColumns, vectorRows } from './sealed-columns.ts'
import type { SealedRows } from './sealed-columns.ts'

/**
 * A checksum over rows in any order: each row is hashed to 64 bits over all of its columns, and the
 * hashes are added up, each half by itself. It finds what a program or a disk does wrong. It is no
 * proof against people: that is the SHA-256 of the file. Columns are taken one after another, many
 * rows at a time, which is fast.
 */
export class RowChecksum {
  rows = 0
  #low = 0
  #high = 0
  readonly #a = new Int32Array(vectorRows)
  readonly #b = new Int32Array(vectorRows)

  /** Takes rows; what stands where a value is missing must be 0. */
  add(rows: SealedRows): void {
    const { length } = rows
    const [a, b] = [this.#a, this.#b]
    a.fill(0x811c9dc5, 0, length)
    b.fill(0x1b873593, 0, length)
    for (const { name, type } of sealedColumns) {
      if (type === 'int8' || type === 'time') mixWide(a, b, rows.wide[name], length)
      else if (type === 'octets' || type === 'text') mixOctets(a, b, rows.octets[name], length)
      else if (type === 'int2' || type === 'uint2') mixSmall(a, b, rows.shorts[name], length)
      else mixSmall(a, b, rows.words[name], length)
    }
    for (const nulls of Object.values(rows.nulls)) mixSmall(a, b, nulls, length)
    this.#sum(length)
    this.rows += length
  }

  /** Takes all rows of another. */
  addAll(other: RowChecksum): void {
    this.rows += other.rows
    this.#low = (this.#low + other.#low) >>> 0
    this.#high = (this.#high + other.#high) >>> 0
  }

  /** The sums, 8 octets in network order. */
  digest(): Buffer {
    const octets = Buffer.alloc(8)
    octets.writeUInt32BE(this.#high, 0)
    octets.writeUInt32BE(this.#low, 4)
    return octets
  }

  #sum(length: number): void {
    let [low, high] = [this.#low, this.#high]
    for (let row = 0; row < length; row++) {
      let [x, y] = [this.#a[row] ?? 0, this.#b[row] ?? 0]
      x = Math.imul(x ^ (y >>> 16), 0xc2b2ae35)
      y = Math.imul(y ^ (x >>> 16), 0x27d4eb2f)
      low = (low + (x ^ (x >>> 16))) >>> 0
      high = (high + (y ^ (y >>> 15))) >>> 0
    }
    this.#low = low
    this.#high = high
  }
}

function mixWide(a: Int32Array, b: Int32Array, values: Int32Array, length: number): void {
  for (let row = 0; row < length; row++) {
    const low = values[2 * row] ?? 0
    const high = values[2 * row + 1] ?? 0
    const x = Math.imul((a[row] ?? 0) ^ low, 0x9e3779b1)
    const y = Math.imul(((b[row] ?? 0) + low) | 0, 0x85ebca6b)
    const w = Math.imul(x ^ (x >>> 15) ^ high, 0x9e3779b1)
    const z = Math.imul(((y ^ (y >>> 13)) + high) | 0, 0x85ebca6b)
    a[row] = w ^ (w >>> 15)
    b[row] = z ^ (z >>> 13)
  }
}

function mixSmall(
  a: Int32Array,
  b: Int32Array,
  values: Uint32Array | Uint16Array | Uint8Array,
  length: number
): void {
  for (let row = 0; row < length; row++) {
    const value = values[row] ?? 0
    const x = Math.imul((a[row] ?? 0) ^ value, 0x9e3779b1)
    const y = Math.imul(((b[row] ?? 0) + value) | 0, 0x85ebca6b)
    a[row] = x ^ (x >>> 15)
    b[row] = y ^ (y >>> 13)
  }
}

function mixOctets(
  a: Int32Array,
  b: Int32Array,
  values: readonly (Uint8Array | undefined)[],
  length: number
): void {
  for (let row = 0; row < length; row++) {
    const value = values[row]
    const octets = value === undefined ? -1 : value.length
    let x = Math.imul((a[row] ?? 0) ^ octets, 0x9e3779b1)
    let y = Math.imul(((b[row] ?? 0) + octets) | 0, 0x85ebca6b)
    for (let at = 0; at < octets; at++) {
      const octet = value?.[at] ?? 0
      x = Math.imul(x ^ (x >>> 15) ^ octet, 0x9e3779b1)
      y = Math.imul(((y ^ (y >>> 13)) + octet) | 0, 0x85ebca6b)
    }
    a[row] = x ^ (x >>> 15)
    b[row] = y ^ (y >>> 13)
  }
}

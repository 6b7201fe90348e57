import { DuckDBDataChunk } from '@duckdb/node-api'
import type { DuckDBType } from '@duckdb/node-api'
import bindings from '@duckdb/node-bindings'
import type { Vector } from '@duckdb/node-bindings'
import { restingValue, sealedColumns, sealedTypes, vectorRows } from './sealed-columns.ts'
import type { SealedColumn, SealedRows } from './sealed-columns.ts'
import { TextTable } from './text-table.ts'

/**
 * Rows between our columns and DuckDB's vectors, copied as a whole. A text or a string of octets is
 * 16 octets of a vector (duckdb_string_t):
 *
 * ```
 * u32 length | up to 12 octets, the rest zero
 * u32 length | first 4 octets | u64 address      of longer ones
 * ```
 */
const inlineOctets = 12

/** Bits of validity, 1: there; in words of 64. */
const validityOctets = vectorRows / 8

/** Writes vectors: what it writes to is used again. */
export class VectorWriter {
  /** Names of the columns that had anything but {@link restingValue} in a row. */
  readonly used = new Set<string>()
  readonly #chunk: DuckDBDataChunk
  readonly #validity = new Uint8Array(validityOctets)
  readonly #strings = new Uint8Array(16 * vectorRows)
  readonly #stringView = new DataView(this.#strings.buffer)

  /** @param types of {@link sealedColumns}, as DuckDB gives them */
  constructor(types: DuckDBType[]) {
    this.#chunk = DuckDBDataChunk.create(types)
  }

  /** The rows as a chunk, which is valid until the next. */
  chunkOf(rows: SealedRows): DuckDBDataChunk {
    this.#chunk.reset()
    this.#chunk.rowCount = rows.length
    for (const [index, column] of sealedColumns.entries()) {
      const vector = bindings.data_chunk_get_vector(this.#chunk.chunk, index)
      if (column.type === 'octets' || column.type === 'text') this.#strings16(vector, column, rows)
      else this.#numbers(vector, column, rows)
    }
    return this.#chunk
  }

  #numbers(vector: Vector, column: SealedColumn, rows: SealedRows): void {
    const { buffer } = numbersOf(rows, column)
    const octets = rows.length * sealedTypes[column.type][1]
    bindings.copy_data_to_vector(vector, 0, buffer as ArrayBuffer, 0, octets)
    const nulls = nullsOf(rows, column)
    if (!this.used.has(column.name) && !isConstant(rows, column)) this.used.add(column.name)
    if (nulls !== undefined) this.#setValidity(vector, rows.length, (row) => nulls[row] !== 1)
  }

  #strings16(vector: Vector, column: SealedColumn, rows: SealedRows): void {
    const values = rows.octets[column.name as keyof SealedRows['octets']]
    if (isEmpty(values, rows.length)) {
      this.#validity.fill(0)
      bindings.vector_ensure_validity_writable(vector)
      bindings.copy_data_to_vector_validity(vector, 0, this.#validity.buffer, 0, validityOctets)
      return
    }
    this.used.add(column.name)
    const long: number[] = []
    this.#strings.fill(0, 0, 16 * rows.length)
    for (let row = 0; row < rows.length; row++) {
      const value = values[row]
      if (value === undefined) continue
      if (value.length > inlineOctets) {
        long.push(row)
        continue
      }
      this.#stringView.setUint32(16 * row, value.length, true)
      for (let at = 0; at < value.length; at++) this.#strings[16 * row + 4 + at] = value[at] ?? 0
    }
    bindings.copy_data_to_vector(vector, 0, this.#strings.buffer, 0, 16 * rows.length)
    for (const row of long) {
      const value = values[row]
      if (value !== undefined) bindings.vector_assign_string_element_len(vector, row, value)
    }
    this.#setValidity(vector, rows.length, (row) => values[row] !== undefined)
  }

  #setValidity(vector: Vector, length: number, isThere: (row: number) => boolean): void {
    this.#validity.fill(0)
    for (let row = 0; row < length; row++) {
      if (isThere(row))
        this.#validity[row >> 3] = (this.#validity[row >> 3] ?? 0) | (1 << (row & 7))
    }
    bindings.vector_ensure_validity_writable(vector)
    bindings.copy_data_to_vector_validity(vector, 0, this.#validity.buffer, 0, validityOctets)
  }
}

function isEmpty(values: readonly (Uint8Array | undefined)[], length: number): boolean {
  for (let row = 0; row < length; row++) if (values[row] !== undefined) return false
  return true
}

/** True where each value is {@link restingValue} of its column. */
function isConstant(rows: SealedRows, column: SealedColumn): boolean {
  if (restingValue(column) === undefined) return false
  const values = nullsOf(rows, column)
  const rest = values === undefined ? 0 : 1
  const found = values ?? numbersOf(rows, column)
  for (let row = 0; row < rows.length; row++) if (found[row] !== rest) return false
  return true
}

function numbersOf(rows: SealedRows, { name, type }: SealedColumn) {
  if (type === 'int8' || type === 'time') return rows.wide[name]
  if (type === 'int4' || type === 'uint4') return rows.words[name]
  return rows.shorts[name as keyof SealedRows['shorts']]
}

function nullsOf(rows: SealedRows, { name }: SealedColumn): Uint8Array | undefined {
  return name in rows.nulls ? rows.nulls[name as keyof SealedRows['nulls']] : undefined
}

const table = new TextTable()

/** Reads a chunk that has {@link sealedColumns} in their order; replaces what `rows` held. */
export function readChunk(chunk: DuckDBDataChunk, rows: SealedRows): void {
  rows.length = chunk.rowCount
  for (const [index, column] of sealedColumns.entries()) {
    const vector = bindings.data_chunk_get_vector(chunk.chunk, index)
    const validity = bindings.vector_get_validity(vector, validityOctets)
    const octets = rows.length * sealedTypes[column.type][1]
    const data = bindings.vector_get_data(vector, octets)
    if (column.type === 'octets' || column.type === 'text') {
      readStrings(data, validity, rows, column)
      continue
    }
    const numbers = numbersOf(rows, column)
    new Uint8Array(numbers.buffer).set(data)
    const nulls = nullsOf(rows, column)
    if (nulls === undefined) requireAll(validity, rows.length, column)
    else readNulls(validity, rows.length, nulls, numbers)
  }
}

/** What stands where a value is missing is 0. */
function readNulls(
  validity: Uint8Array | null,
  length: number,
  nulls: Uint8Array,
  numbers: Int32Array | Uint32Array | Uint16Array
): void {
  const words = numbers instanceof Int32Array ? 2 : 1
  nulls.fill(0, 0, length)
  if (validity === null) return
  for (let row = 0; row < length; row++) {
    if (isValid(validity, row)) continue
    nulls[row] = 1
    numbers.fill(0, words * row, words * (row + 1))
  }
}

const isValid = (validity: Uint8Array | null, row: number): boolean =>
  validity === null || (((validity[row >> 3] ?? 0) >> (row & 7)) & 1) === 1

function requireAll(validity: Uint8Array | null, length: number, { name }: SealedColumn): void {
  if (validity === null) return
  for (let row = 0; row < length; row++) {
    if (!isValid(validity, row)) throw new Error(`a value of ${name} is missing`)
  }
}

function readStrings(
  data: Uint8Array,
  validity: Uint8Array | null,
  rows: SealedRows,
  column: SealedColumn
): void {
  const values = rows.octets[column.name as keyof SealedRows['octets']]
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  for (let row = 0; row < rows.length; row++) {
    if (!isValid(validity, row)) {
      values[row] = undefined
      continue
    }
    const length = view.getUint32(16 * row, true)
    values[row] =
      length <= inlineOctets
        ? table.of(data, 16 * row + 4, length)
        : bindings
            .get_data_from_pointer(
              data.buffer as ArrayBuffer,
              data.byteOffset + 16 * row + 8,
              length
            )
            .slice()
  }
}
